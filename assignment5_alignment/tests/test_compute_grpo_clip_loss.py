"""Clipped ratios: the smaller of two products, a gradient only where nothing was clipped, and a note of where."""

import pytest
import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_compute_grpo_clip_loss"


def drawn(draw, batch, length, cliprange):
    """Both signs of advantages, and ratios inside, above and below the range with each."""
    log_probs = reference.drawn_log_probs(draw, batch, length)
    return {
        "advantages": reference.drawn_advantages(draw, batch),
        "policy_log_probs": log_probs,
        "old_log_probs": log_probs - reference.ratios_around(draw, cliprange, batch, length),
        "cliprange": cliprange,
    }


def expected_loss(given):
    log_probs = reference.leaf(given["policy_log_probs"])
    losses = reference.token_losses("grpo", given["advantages"], log_probs, given["old_log_probs"], given["cliprange"])
    return log_probs, losses


def check_loss(drivers, check, draw, given, hint=""):
    """The loss and its gradient are those of the formula."""
    cotangent = draw.uniform(*given["policy_log_probs"].shape, low=0.5, high=1.5)
    found = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], cotangent)
    log_probs, losses = expected_loss(given)
    check.close(found["output"], losses.detach(), rtol=1e-5, dtype=torch.float32, who=WHO, hint=hint)
    check.close(
        found["d_policy_log_probs"],
        reference.gradient(losses, log_probs, cotangent),
        rtol=1e-4,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
        hint=hint,
    )


@pytest.mark.parametrize("cliprange", [0.2, 0.1, 0.5])
def test_the_loss_and_its_gradient(drivers, check, draw, cliprange):
    check_loss(drivers, check, draw, drawn(draw, 6, 9, cliprange))


@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["positive", "negative"])
def test_each_sign_of_the_advantage_is_clipped_on_its_own_side(drivers, check, draw, sign):
    given = drawn(draw, 5, 9, 0.2)
    given["advantages"] = sign * given["advantages"].abs()
    hint = "good tokens stop at 1 + cliprange, bad ones at 1 - cliprange; on the other side nothing stops them"
    check_loss(drivers, check, draw, given, hint)


def test_a_range_is_of_the_ratio_and_not_of_its_logarithm(drivers, check, draw):
    given = drawn(draw, 4, 6, 0.8)
    given["old_log_probs"] = given["policy_log_probs"] - torch.where(draw.boolean(4, 6), 1.2, -2.5)
    check_loss(drivers, check, draw, given)


def test_equal_policies_have_the_gradient_of_reinforce(drivers, check, draw):
    given = drawn(draw, 5, 6, 0.2)
    given["old_log_probs"] = given["policy_log_probs"].clone()
    cotangent = draw.uniform(5, 6, low=0.5, high=1.5)
    found = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], cotangent)
    expected = -given["advantages"].double().expand(5, 6)
    check.close(found["output"], expected, rtol=1e-6, dtype=torch.float32, who=WHO)
    check.close(
        found["d_policy_log_probs"],
        expected * cotangent,
        rtol=1e-5,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
    )


def test_far_from_the_old_policy_the_loss_is_flat(drivers, check, draw):
    given = drawn(draw, 4, 6, 0.2)
    far = torch.where(given["advantages"] > 0, 3.0, -3.0)
    given["old_log_probs"] = given["policy_log_probs"] - far
    cotangent = torch.ones(4, 6)
    found = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], cotangent)
    check.close(found["output"], expected_loss(given)[1].detach(), rtol=1e-5, dtype=torch.float32, who=WHO)
    gradient = found["d_policy_log_probs"]
    check.that(
        isinstance(gradient, torch.Tensor) and gradient.shape == (4, 6) and bool((gradient == 0).all()),
        f"the gradient of {WHO} is not 0 where the ratio is clipped; expected 0 everywhere",
    )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("cliprange", [0.2, 0.4])
def test_the_metadata_says_where_it_was_clipped(drivers, check, draw, cliprange):
    given = drawn(draw, 6, 9, cliprange)
    found = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], torch.ones(6, 9))
    expected = reference.clipped(
        "grpo", given["advantages"], given["policy_log_probs"], given["old_log_probs"], cliprange, None
    )
    hint = "a ratio beyond the range that is not the smaller product was not clipped"
    check.equal(found["clipped"], expected, who=f'{WHO} as metadata["clipped"]', hint=hint)


@pytest.mark.beyond_public_course
def test_old_log_probabilities_are_constants(drivers, check, draw):
    given = drawn(draw, 5, 6, 0.2)
    wrt = ["policy_log_probs", "old_log_probs"]
    found = drivers.call_with_gradients(WHO, given, wrt, torch.ones(5, 6))
    old = found["d_old_log_probs"]
    none = old is None or (isinstance(old, torch.Tensor) and bool((old == 0).all()))
    check.that(none, f"{WHO} has a gradient for old_log_probs; expected none, they are constants")
    check.that(found["d_policy_log_probs"] is not None, f"{WHO} has no gradient for policy_log_probs")


@pytest.mark.beyond_public_course
def test_the_arguments_are_left_alone(drivers, check, draw):
    given = drawn(draw, 4, 6, 0.2)
    after = drivers.call_keeping_arguments(WHO, given)
    check.equal(after["arguments"], given, who=f"{WHO}'s arguments after the call")
