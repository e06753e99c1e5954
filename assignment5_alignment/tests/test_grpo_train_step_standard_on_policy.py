"""One update from a batch of rollouts: that of the whole batch at once, into however many microbatches it is split."""

import pytest

from assignment5_alignment.tests import rollout_cases
from assignment5_alignment.tests.train_step_checks import (
    WHO,
    check_logged,
    check_step,
    check_update,
    scored_rows,
    step,
)

# The better answers of a group are few, so that the batch's loss is not a difference of near numbers.
TWO_GROUPS = [[1.0, 0.0, 0.25, 0.0], [0.0, 0.5, 0.0, 0.0]]
FOUR_GROUPS = [[1.0, 0.0], [0.25, 0.5], [0.0, 1.0], [2.0, 0.5]]
ONE_GROUP_EQUAL = [[0.5, 0.5, 0.5, 0.5], [0.0, 1.0, 0.0, 0.25]]


@pytest.mark.parametrize("accumulation", [1, 2, 4])
def test_the_update_is_that_of_the_batch(drivers, check, draw, accumulation):
    case = rollout_cases.drawn(draw, TWO_GROUPS)
    hint = "scale each microbatch's loss to its share of the batch's; rewards are normalised in the whole batch"
    check_step(drivers, check, case, hint, accumulation)


@pytest.mark.parametrize("accumulation", [2, 8])
def test_groups_and_microbatches_are_of_any_size(drivers, check, draw, accumulation):
    case = rollout_cases.drawn(draw, FOUR_GROUPS)
    hint = "a group may lie in several microbatches, and a microbatch hold several groups"
    check_step(drivers, check, case, hint, accumulation)


@pytest.mark.parametrize("share", [0.3, 0.9, 1.5])
def test_the_gradient_of_the_batch_is_clipped(drivers, check, draw, share):
    case = rollout_cases.drawn(draw, TWO_GROUPS)
    limit = share * rollout_cases.expected(case).grad_norm
    hint = "max_grad_norm is for the norm of all gradients together, after the last microbatch"
    check_step(drivers, check, case, hint, 2, max_grad_norm=limit)


def test_eps_reaches_the_advantages(drivers, check, draw):
    check_step(drivers, check, rollout_cases.drawn(draw, TWO_GROUPS), accumulation=2, advantage_eps=0.4)


def test_a_group_of_equal_rewards_counts_in_the_mean_of_the_batch(drivers, check, draw):
    case = rollout_cases.drawn(draw, ONE_GROUP_EQUAL)
    check_step(drivers, check, case, "the mean is over all rollouts, also those without an advantage", 2)


def test_a_model_of_transformers(drivers, check, draw):
    case = rollout_cases.drawn(draw, FOUR_GROUPS[:2], kind="tiny-gpt2")
    check_step(drivers, check, case, accumulation=2)


@pytest.mark.parametrize("accumulation", [2, 4])
def test_no_call_of_the_model_is_larger_than_a_microbatch(drivers, check, draw, accumulation):
    case = rollout_cases.drawn(draw, TWO_GROUPS)
    calls = scored_rows(check, case, step(drivers, case, gradient_accumulation_steps=accumulation))
    largest, limit = max(map(len, calls), default=0), 8 // accumulation
    check.that(
        largest <= limit,
        f"{WHO} called the model with {largest} rows; a microbatch has {limit}, and no memory for more",
    )
    seen = sorted({row for rows in calls for row in rows})
    check.equal(seen, list(range(8)), who=f"{WHO}, as the rollouts that went through the model,")


@pytest.mark.beyond_public_course
def test_what_is_logged(drivers, check, draw):
    case = rollout_cases.drawn(draw, TWO_GROUPS)
    right = rollout_cases.expected(case)
    found = step(drivers, case, gradient_accumulation_steps=2, max_grad_norm=0.25 * right.grad_norm)
    check_logged(check, found, "grad_norm", right.grad_norm)
    check_logged(check, found, "token_entropy", right.token_entropy)
    for place, key in ((2, "mean_reward"), (3, "mean_format_reward"), (4, "mean_answer_reward")):
        check_logged(check, found, key, float(case.column(place).mean()))


@pytest.mark.beyond_public_course
def test_the_loss_holds_no_graph(drivers, check, draw):
    found = step(drivers, rollout_cases.drawn(draw, TWO_GROUPS), gradient_accumulation_steps=2)
    hint = "a list of such losses keeps the activations of every step"
    check.equal(found["attached"], False, who=f"{WHO}, as whether its loss requires a gradient,", hint=hint)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("training", [True, False])
def test_the_model_stays_in_its_mode(drivers, check, draw, training):
    found = step(drivers, rollout_cases.drawn(draw, TWO_GROUPS), training)
    check.equal(found["training"], training, who=f"{WHO}, as whether the model is in training mode afterwards,")


@pytest.mark.beyond_public_course
def test_gradients_of_before_do_not_count(drivers, check, draw):
    case = rollout_cases.drawn(draw, TWO_GROUPS)
    older = {name: draw.normal(*weight.shape) for name, weight in case.weights.items()}
    found = step(drivers, case, older=older, gradient_accumulation_steps=2)
    check_update(
        check, case, found, rollout_cases.expected(case), "zero the gradients before the first microbatch, too"
    )


@pytest.mark.beyond_public_course
def test_microbatches_that_do_not_come_out_even_are_refused(drivers, check, draw):
    case = rollout_cases.drawn(draw, TWO_GROUPS)
    check.rejects(step, drivers, case, gradient_accumulation_steps=3, who=f"{WHO} with 8 rollouts in 3 microbatches")
