"""Hidden: variants mixed otherwise, with another epsilon and microbatches."""

import pytest

from assignment5_alignment.tests.scripted_rollouts import check_grpo, scripts

WHO = "run_grpo_loop"
MIXED = {
    "std_by_a_constant": {"loss_normalization": "constant", "normalization_constant": 25},
    "mean_by_sequences": {"advantage_normalizer": "mean", "advantage_eps": 0.3, "gradient_accumulation_steps": 3},
    "rewards_over_std": {"baseline": "none", "advantage_normalizer": "std", "advantage_eps": 0.2},
}


@pytest.mark.parametrize("name", MIXED)
def test_each_choice_is_a_choice_of_its_own(drivers, check, draw, name):
    given = scripts(draw, count=5, lines=8)
    settings = {"steps": 2, "prompts_per_step": 3, "group_size": 4, "train_batch_size": 12, **MIXED[name]}
    report = drivers.grpo_run(
        given.weights, given.script, given.prompts, given.truths, given.rewards, settings, 0.2, draw.integer(0, 1000)
    )
    check_grpo(check, WHO, report, given, settings, 0.2)
