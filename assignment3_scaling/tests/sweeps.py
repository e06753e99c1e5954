"""What holds of a plan: each run is one that the API takes, each level is bracketed, and all of it can be paid for."""

import itertools
import json
import math

from assignment3_scaling.tests.api_rules import changed, said_of, valid_config

WHO = "run_plan_sweep"
PLANNED = ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers", "num_key_value_heads")
FLOPS, HEADROOM, SLACK = 0.05, 1.1, 2.0
NARROW, WIDE, MIDDLE = 32, 128, 64
FEWEST, REACH, STEP, FARTHEST = 5, 2.0, 2.2, 8.0


def draw_task(draw, head_dim=32, count=5):
    """(levels, law, time model, template): the smallest level's optimum has three to sixteen million parameters."""
    C = 10 ** draw.number(15.3, 16)
    levels = [C]
    while len(levels) < count:
        levels.append(levels[-1] * draw.number(2.5, 3.2))
    a = draw.number(0.4, 0.6)
    law = {"k": 10 ** draw.number(6.5, 7.2) / levels[0] ** a, "a": a}
    time_model = {
        "startup_seconds": draw.number(5, 60),
        "seconds_per_token_and_layer": 10 ** draw.number(-7.5, -6.9),
        "seconds_per_token_and_parameter": 10 ** draw.number(-14.2, -13.7),
    }
    batch, evaluations = draw.choice((16, 24, 32)), draw.choice((5, 8, 16))
    template = {
        ("architecture_config", "head_dim"): head_dim,
        ("architecture_config", "num_attention_heads"): 4,
        ("architecture_config", "num_key_value_heads"): 4,
        ("architecture_config", "hidden_size"): 4 * head_dim,
        ("architecture_config", "intermediate_size"): 11 * head_dim,
        ("architecture_config", "vocab_size"): draw.integer(1000, 50_000),
        ("train_batch_size",): batch,
        ("n_evals",): evaluations,
        ("total_train_tokens",): 3 * batch * evaluations * 512,
        ("model_seed",): draw.integer(0, 1000),
    }
    return levels, law, time_model, changed(valid_config(), template)


def seconds(time_model, layers, N, tokens, table):
    """How long a run takes; `table` is the number of parameters in the table of embeddings."""
    each = time_model["seconds_per_token_and_layer"] * layers + time_model["seconds_per_token_and_parameter"] * (
        N + table
    )
    return time_model["startup_seconds"] + tokens * each


def plain_cost(C, law, time_model, template):
    """Five runs of the expected optimum, with headroom: what a level costs, more or less."""
    N = law["k"] * C ** law["a"]
    layers = (N / (12 * MIDDLE**2)) ** (1 / 3)
    table = template["architecture_config"]["vocab_size"] * MIDDLE * layers
    return FEWEST * HEADROOM * seconds(time_model, layers, N, C / (6 * N), table)


def check_plan(check, plan, budget, levels, law, time_model, template):
    """All that the handout says of a plan."""
    reserved = math.fsum(_check_run(check, config, time_model, template) for config in plan)
    check.that(
        reserved <= budget * (1 + 1e-9),
        f"{WHO}: the sum of max_runtime_seconds is {reserved / budget:.3f} times the budget; expected at most 1",
    )
    texts = [json.dumps(config, sort_keys=True) for config in plan]
    check.that(len(set(texts)) == len(texts), f"{WHO} returned the same configuration twice")
    sizes = {C: [] for C in sorted(levels)}
    for config in plan:
        N, tokens = _size(config["architecture_config"]), config["total_train_tokens"]
        level = min(levels, key=lambda C: abs(math.log(6 * N * tokens / C)))
        off = 6 * N * tokens / level - 1
        check.that(
            abs(off) <= FLOPS,
            f"{WHO}: a run has 6 N D = {6 * N * tokens:.4g}, {100 * off:+.1f} % from the nearest level; expected 5 % at most",
        )
        sizes[level].append(N)
    planned = [C for C in sizes if sizes[C]]
    check.that(
        planned == list(sizes)[: len(planned)],
        f"{WHO}: a level is left out though a larger one is planned; expected the smallest levels",
    )
    for place, C in enumerate(planned, 1):
        _check_bracket(check, sorted(set(sizes[C])), law["k"] * C ** law["a"], f"level {place} of {len(sizes)}")
    due = _levels_due(budget, sorted(levels), law, time_model, template)
    check.that(
        len(planned) >= due,
        f"{WHO} planned {len(planned)} of {len(sizes)} levels; the budget is twice what the smallest {due} cost",
    )


def _check_run(check, config, time_model, template):
    """One run by itself; returns what it reserves."""
    shape, said = config["architecture_config"], template["architecture_config"]
    kept = changed(config, {("architecture_config", key): said[key] for key in PLANNED})
    kept |= {key: template[key] for key in ("total_train_tokens", "max_runtime_seconds")}
    check.that(kept == template, f"{WHO}: a run differs from the template in what is not planned")
    broken = said_of(config)
    check.that(not broken, f"{WHO}: the API refuses a run: {'; '.join(broken)}")
    layers, width = shape["num_hidden_layers"], shape["hidden_size"]
    check.that(
        NARROW <= width / layers <= WIDE,
        f"{WHO}: a model has {layers} layers of width {width}; expected {NARROW} to {WIDE} times as wide as deep",
    )
    check.that(
        abs(shape["intermediate_size"] - 8 * width / 3) <= 64,
        f"{WHO}: an intermediate_size is {shape['intermediate_size']} at width {width}; expected 8/3 of it, to 64",
    )
    needed = HEADROOM * seconds(
        time_model, layers, _size(shape), config["total_train_tokens"], shape["vocab_size"] * width
    )
    check.that(
        config["max_runtime_seconds"] >= needed * (1 - 1e-9),
        f"{WHO}: a run may take {config['max_runtime_seconds'] / needed * HEADROOM:.3f} times the seconds that the model "
        f"of time says; expected at least {HEADROOM}",
    )
    return config["max_runtime_seconds"]


def _check_bracket(check, sizes, expected, where):
    """Enough sizes, on both sides, near enough to each other and to the expected optimum."""
    check.that(len(sizes) >= FEWEST, f"{WHO}: {where} has {len(sizes)} different sizes; expected at least {FEWEST}")
    below, above = sum(size < expected for size in sizes), sum(size > expected for size in sizes)
    check.that(
        below >= 2 and above >= 2,
        f"{WHO}: {where} has {below} sizes below the expected optimum and {above} above; expected two of each at least",
    )
    low, high = sizes[0] / expected, sizes[-1] / expected
    check.that(
        1 / FARTHEST <= low <= 1 / REACH and REACH <= high <= FARTHEST,
        f"{WHO}: {where} goes from {low:.2f} to {high:.2f} times the expected optimum; expected it to reach from a half "
        "or less to twice or more, and not beyond a factor of 8",
    )
    widest = max(b / a for a, b in itertools.pairwise(sizes))
    check.that(
        widest <= STEP, f"{WHO}: in {where} a size is {widest:.2f} times the one before it; expected at most {STEP}"
    )


def _levels_due(budget, levels, law, time_model, template):
    """How many of the smallest levels must be planned."""
    due, spent = 0, 0.0
    for C in levels:
        spent += plain_cost(C, law, time_model, template)
        if SLACK * spent > budget:
            break
        due += 1
    return due


def _size(architecture):
    """N = 12 layers width²."""
    return 12 * architecture["num_hidden_layers"] * architecture["hidden_size"] ** 2
