"""Dr. GRPO, MaxRL and plain rewards, as the configuration asks for them: every parameter after two steps, and learning."""

import pytest

from assignment5_alignment import tasks
from assignment5_alignment.tests.scripted_rollouts import check_grpo, scripts
from assignment5_alignment.tests.watched_loops import accuracy, check_gain, flat

WHO = "run_grpo_loop"
RATE = 0.15
SIZES = {"steps": 2, "prompts_per_step": 3, "group_size": 5, "train_batch_size": 15}
VARIANTS = {
    "dr_grpo": {"advantage_normalizer": "none", "loss_normalization": "constant", "normalization_constant": 40},
    "maxrl": {"advantage_normalizer": "mean", "loss_normalization": "constant", "normalization_constant": 60},
    "rft": {"baseline": "none", "advantage_normalizer": "none"},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_estimator_is_that_of_the_configuration(drivers, check, draw, variant):
    given, settings = scripts(draw, count=3, lines=10), {**SIZES, **VARIANTS[variant]}
    report = drivers.grpo_run(
        given.weights, given.script, given.prompts, given.truths, given.rewards, settings, RATE, draw.integer(0, 1000)
    )
    check_grpo(check, WHO, report, given, settings, RATE)


def test_they_learn(drivers, check, draw):
    start = tasks.start_weights("addition")
    accuracies = []
    for variant in VARIANTS.values():
        settings = {"steps": 32, "prompts_per_step": 16, "group_size": 8, "train_batch_size": 128, **variant}
        if "normalization_constant" in variant:
            settings["normalization_constant"] = 128 * 8
        reply = drivers.grpo_learns(start, "addition", settings, 5e-4, draw.integer(0, 2**31))
        flat(check, WHO, reply["weights"], start)
        accuracies.append(accuracy(reply["weights"]))
    check_gain(check, WHO, accuracies, accuracy(start), 0.2)
