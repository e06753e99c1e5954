"""Long responses, ratios whose product overflows, empty responses, and one token."""

import pytest
import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_compute_policy_gradient_loss"


def check_loss(drivers, check, draw, given, mask):
    cotangent = draw.uniform(*mask.shape, low=0.5, high=1.5) * mask
    found = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], cotangent)
    exact = reference.leaf(given["policy_log_probs"])
    losses = reference.token_losses(
        given["importance_reweighting_method"],
        given["raw_rewards_or_advantages"],
        exact,
        given.get("old_log_probs"),
        given.get("cliprange"),
        given.get("response_mask"),
    )
    output = found["output"]
    check.that(isinstance(output, torch.Tensor) and output.shape == mask.shape, f"{WHO} returned another shape")
    check.close(output[mask], losses.detach()[mask], rtol=1e-4, dtype=torch.float32, who=WHO)
    check.close(
        found["d_policy_log_probs"],
        reference.gradient(losses, exact, cotangent),
        rtol=1e-4,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
    )


def test_the_geometric_mean_of_many_ratios_does_not_overflow(drivers, check, draw):
    # The product of the ratios is beyond float32 in both directions, their geometric mean is near 1.
    log_probs, advantages = reference.drawn_log_probs(draw, 4, 600), reference.drawn_advantages(draw, 4)
    means = torch.tensor([[0.35], [-0.35], [0.3], [-0.3]])
    noise = draw.uniform(4, 600, low=-0.1, high=0.1)
    given = {
        "raw_rewards_or_advantages": advantages,
        "policy_log_probs": log_probs,
        "importance_reweighting_method": "gspo",
        "old_log_probs": log_probs - (means + noise - noise.mean(1, keepdim=True)),
        "cliprange": 0.9,
        "response_mask": torch.ones(4, 600),
    }
    check_loss(drivers, check, draw, given, torch.ones(4, 600, dtype=torch.bool))


@pytest.mark.parametrize("method", ["grpo", "gspo"])
def test_a_response_of_one_token(drivers, check, draw, method):
    log_probs = reference.drawn_log_probs(draw, 6, 5)
    mask = torch.zeros(6, 5, dtype=torch.bool)
    mask[:, 2] = True
    given = {
        "raw_rewards_or_advantages": reference.drawn_advantages(draw, 6),
        "policy_log_probs": log_probs,
        "importance_reweighting_method": method,
        "old_log_probs": log_probs - reference.ratios_around(draw, 0.2, 6, 5),
        "cliprange": 0.2,
        "response_mask": mask,
    }
    check_loss(drivers, check, draw, given, mask)


@pytest.mark.beyond_public_course
def test_an_empty_response_has_no_part_in_the_gradient(drivers, check, draw):
    log_probs = reference.drawn_log_probs(draw, 4, 6)
    mask = reference.drawn_mask(draw, 4, 6)
    mask[2] = False
    noise = draw.uniform(4, 6, low=-0.1, high=0.1)
    given = {
        "raw_rewards_or_advantages": reference.drawn_advantages(draw, 4),
        "policy_log_probs": log_probs,
        "importance_reweighting_method": "gspo",
        "old_log_probs": log_probs - noise,
        "cliprange": 0.5,
        "response_mask": mask,
    }
    check_loss(drivers, check, draw, given, mask)


@pytest.mark.parametrize("method", ["none", "noclip", "grpo", "gspo"])
def test_raw_rewards_that_are_zero_give_nothing(adapters, check, draw, method):
    log_probs = reference.drawn_log_probs(draw, 3, 5)
    rewards = torch.tensor([0.0, 1.0, 0.0])
    old = log_probs - reference.ratios_around(draw, 0.2, 3, 5)
    found, _ = adapters.run_compute_policy_gradient_loss(rewards, log_probs, method, old, 0.2, torch.ones(3, 5))
    expected = reference.token_losses(method, rewards, log_probs, old, 0.2)
    check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)
