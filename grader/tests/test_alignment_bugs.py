"""For every numeric problem of assignment 5 there are bugs of the three kinds that loose tolerances let pass.

A right value without a gradient, a right value whose gradient is zero, and a constant. That each of them is noticed is
what `test_planted_bugs` holds.
"""

from pathlib import Path

import pytest

from grader import assignment as assignments
from grader import golden

COURSE = assignments.load(Path(__file__).parents[2], "assignment5_alignment")
BUGS = {bug.name: bug for bug in golden.load_all(COURSE)}

DETACHED, ZERO_GRADIENT, CONSTANT = "detached", "zero_gradient", "constant"
DIFFERENTIABLE = (
    "get_response_log_probs", "compute_entropy", "masked_normalize", "masked_mean", "aggregate_loss_across_microbatch",
    "compute_naive_policy_gradient_loss", "compute_grpo_clip_loss", "compute_policy_gradient_loss", "dpo_loss",
    "derive_surrogate_objectives",
)  # fmt: skip
KINDS = dict.fromkeys(DIFFERENTIABLE, (DETACHED, ZERO_GRADIENT, CONSTANT)) | {
    # The pass backward is theirs: what is detached is never passed back.
    "sft_microbatch_train_step": ("no_backward", ZERO_GRADIENT, CONSTANT),
    "grpo_microbatch_train_step": ("no_backward", ZERO_GRADIENT, CONSTANT),
    # What they do is seen in the parameters, which do not change without a gradient, wherever it was lost.
    "grpo_train_step_standard_on_policy": ("zero", "returns_zero"),
    "grpo_train_step_variants_on_policy": (ZERO_GRADIENT, CONSTANT),
    "grpo_train_step_off_policy": (ZERO_GRADIENT, CONSTANT),
    # Numbers without a gradient.
    "baseline_calcs": (CONSTANT,),
    "compute_rollout_rewards": ("zero",),
    "compute_group_normalized_rewards": ("zero",),
    "think_about_length_normalization": (CONSTANT,),
    "derive_difficulty_reweightings": (CONSTANT,),
    "think_about_rft": (CONSTANT,),
}


@pytest.mark.parametrize(("problem", "kind"), [(problem, kind) for problem, kinds in KINDS.items() for kind in kinds])
def test_there_is_a_bug_of_each_kind_and_it_costs_its_problem_alone(problem, kind):
    assert BUGS[f"wrong_{problem}_{kind}"].lost == (problem,)


def test_bugs_take_along_only_problems_that_build_on_their_own():
    """A bug of a loop or a step costs what is made of it, and nothing beside it."""
    for bug in BUGS.values():
        if bug.kind == "wrong":
            own, *others = bug.lost
            strangers = [problem for problem in others if own not in COURSE.problems[problem].builds_on]
            assert strangers == [], f"{bug.name} costs what does not build on {own}"
