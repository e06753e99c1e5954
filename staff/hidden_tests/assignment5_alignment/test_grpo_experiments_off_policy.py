"""Hidden: train batches of one group, microbatches, and clip ranges of other sizes."""

import pytest

from assignment5_alignment.tests.scripted_rollouts import check_grpo, scripts

WHO = "run_grpo_loop"
RATE = 0.1
METHODS = {
    "noclip": {"importance_reweighting_method": "noclip", "gradient_accumulation_steps": 4},
    "grpo": {"importance_reweighting_method": "grpo", "cliprange": 0.3, "gradient_accumulation_steps": 2},
    "gspo": {"importance_reweighting_method": "gspo", "cliprange": 0.02},
}


@pytest.mark.parametrize("method", METHODS)
def test_train_batches_of_one_group(drivers, check, draw, method):
    given = scripts(draw, count=5, lines=8)
    settings = {"steps": 2, "prompts_per_step": 3, "group_size": 4, "train_batch_size": 4, "epochs_per_rollout": 2}
    settings |= METHODS[method]
    report = drivers.grpo_run(
        given.weights, given.script, given.prompts, given.truths, given.rewards, settings, RATE, draw.integer(0, 1000)
    )
    check_grpo(check, WHO, report, given, settings, RATE)
