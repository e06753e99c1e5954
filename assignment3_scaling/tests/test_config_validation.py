"""What the API takes: the texts of all broken rules, in order, exactly as the service says them."""

import pytest

from assignment3_scaling.tests.api_rules import (
    ARCHITECTURE,
    BREAKS,
    KEEPS,
    OPTIMIZER,
    SCHEDULE,
    changed,
    said_of,
    valid_config,
    without,
)

WHO = "run_validate_config"
SGD = {"type": "sgd", "lr_scheduler": {"peak_value": 0.1}}


def check_says(adapters, check, config, hint):
    check.equal(adapters.run_validate_config(config), said_of(config), who=WHO, hint=hint)


def test_a_valid_configuration_breaks_no_rule(adapters, check):
    check.equal(adapters.run_validate_config(valid_config()), [], who=WHO)


@pytest.mark.parametrize("change", KEEPS)
def test_bounds_that_may_be_reached(adapters, check, change):
    config = changed(valid_config(), KEEPS[change])
    check.equal(said_of(config), [], who="the service")
    check_says(adapters, check, config, f"the API takes this one: {change}")


@pytest.mark.parametrize("change", BREAKS)
def test_each_rule(adapters, check, change):
    config = changed(valid_config(), BREAKS[change])
    check.that(said_of(config), f"the service takes {change}; expected a broken rule")
    check_says(adapters, check, config, f"what was changed: {change}")


def test_all_broken_rules_are_told_in_the_order_of_the_table(adapters, check):
    names = (
        "seed_negative",
        "beta1_one",
        "peak_zero",
        "grouped_queries",
        "steps_cut",
        "no_layers",
        "eps_zero",
        "no_time",
    )
    config = valid_config()
    for name in names:
        config = changed(config, BREAKS[name])
    check.that(len(said_of(config)) == len(names), "the service combines rules; expected each to be told")
    check_says(adapters, check, config, f"what was changed: {', '.join(names)}")


@pytest.mark.parametrize("steps", [16, 24])
def test_without_n_evals_there_are_16(adapters, check, steps):
    config = changed(without(valid_config(), ("n_evals",)), {("total_train_tokens",): steps * 32 * 512})
    check_says(adapters, check, config, "n_evals is missing")


def test_what_is_missing_has_its_default(adapters, check):
    config = without(valid_config(), ("model_seed",), (*OPTIMIZER, "beta1"), (*OPTIMIZER, "grad_clip_norm"))
    config = without(config, (*SCHEDULE, "peak_value"), (*SCHEDULE, "init_value"))
    check_says(adapters, check, config, "fields that have defaults are missing")
    config["optimizer_config"] = {"type": "adamw"}
    check_says(adapters, check, config, "the optimizer has its type alone")


def test_gradient_descent_has_no_rules_of_adamw(adapters, check):
    config = changed(valid_config(), {OPTIMIZER: SGD})
    check_says(adapters, check, config, "the optimizer is sgd")
    config = changed(config, {(*SCHEDULE, "warmup_frac"): 2.0, (*OPTIMIZER, "grad_clip_norm"): -1.0})
    check_says(adapters, check, config, "the optimizer is sgd, its schedule is broken")


def test_empty_batches_are_told_and_nothing_is_divided_by_them(adapters, check):
    empty = {("train_batch_size",): 0, ("val_batch_size",): 0, ("n_evals",): 0, ("total_train_tokens",): 0}
    check_says(adapters, check, changed(valid_config(), empty), "all counts of the run are 0")
    sizes = ("head_dim", "hidden_size", "num_attention_heads", "num_key_value_heads", "num_hidden_layers")
    zero = {(*ARCHITECTURE, size): 0 for size in sizes}
    check_says(adapters, check, changed(valid_config(), zero), "all sizes of the model are 0")


@pytest.mark.parametrize("number", range(4))
def test_random_configurations(adapters, check, draw, number):
    for _ in range(6):
        config, names = valid_config(), [draw.choice(sorted(BREAKS | KEEPS)) for _ in range(draw.integer(0, 5))]
        for name in names:
            config = changed(config, (BREAKS | KEEPS)[name])
        check_says(adapters, check, config, f"what was changed: {', '.join(names) or 'nothing'}")
