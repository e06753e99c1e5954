"""Small and large ranges, ratios that overflow, and advantages of very different size."""

import pytest
import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_compute_grpo_clip_loss"


@pytest.mark.parametrize("cliprange", [0.01, 0.9])
def test_other_ranges(drivers, check, draw, cliprange):
    advantages, log_probs = reference.drawn_advantages(draw, 5), reference.drawn_log_probs(draw, 5, 12)
    old = log_probs - reference.ratios_around(draw, cliprange, 5, 12)
    if cliprange > 0.5:
        old = log_probs - torch.where(draw.boolean(5, 12), 1.5, -4.0)
    given = {"advantages": advantages, "policy_log_probs": log_probs, "old_log_probs": old, "cliprange": cliprange}
    cotangent = draw.uniform(5, 12, low=0.5, high=1.5)
    found = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], cotangent)
    exact = reference.leaf(log_probs)
    losses = reference.token_losses("grpo", advantages, exact, old, cliprange)
    check.close(found["output"], losses.detach(), rtol=1e-5, dtype=torch.float32, who=WHO)
    check.close(
        found["d_policy_log_probs"],
        reference.gradient(losses, exact, cotangent),
        rtol=1e-4,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
    )


def test_advantages_of_very_different_size(adapters, check, draw):
    # One call a row: next to a large loss a small one would not count.
    for scale in (1e-3, 1.0, 1e3):
        advantages = scale * reference.drawn_advantages(draw, 2)
        log_probs = reference.drawn_log_probs(draw, 2, 9)
        old = log_probs - reference.ratios_around(draw, 0.2, 2, 9)
        found, _ = adapters.run_compute_grpo_clip_loss(advantages, log_probs, old, 0.2)
        expected = reference.token_losses("grpo", advantages, log_probs, old, 0.2)
        check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("gap", [95.0, 1e4])
def test_a_ratio_that_overflows_is_clipped_like_any_other(drivers, check, draw, gap):
    log_probs = reference.drawn_log_probs(draw, 3, 4)
    advantages = draw.uniform(3, 1, low=0.5, high=2.0)
    given = {
        "advantages": advantages,
        "policy_log_probs": log_probs,
        "old_log_probs": log_probs - gap,
        "cliprange": 0.2,
    }
    found = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], torch.ones(3, 4))
    expected = -1.2 * advantages.double().expand(3, 4)
    check.close(found["output"], expected, rtol=1e-5, dtype=torch.float32, who=WHO)
    gradient = found["d_policy_log_probs"]
    check.that(
        isinstance(gradient, torch.Tensor) and bool((gradient == 0).all()),
        f"the gradient of {WHO} is not 0 where a ratio overflows and is clipped; infinity times zero is NaN",
    )


@pytest.mark.beyond_public_course
def test_a_response_that_is_worth_nothing_is_not_clipped(drivers, check, draw):
    log_probs = reference.drawn_log_probs(draw, 3, 6)
    given = {
        "advantages": torch.tensor([[0.0], [1.0], [0.0]]),
        "policy_log_probs": log_probs,
        "old_log_probs": log_probs - torch.where(draw.boolean(3, 6), 1.0, -1.0),
        "cliprange": 0.2,
    }
    found = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], torch.ones(3, 6))
    expected = reference.clipped("grpo", given["advantages"], log_probs, given["old_log_probs"], 0.2, None)
    check.equal(found["clipped"], expected, who=f'{WHO} as metadata["clipped"]')
    losses = reference.token_losses("grpo", given["advantages"], log_probs, given["old_log_probs"], 0.2)
    check.close(found["output"], losses, rtol=1e-5, dtype=torch.float32, who=WHO)
