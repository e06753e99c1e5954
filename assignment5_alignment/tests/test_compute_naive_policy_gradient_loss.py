"""The loss of each token is the negative of what its response is worth, times its log-probability."""

import pytest
import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_compute_naive_policy_gradient_loss"


@pytest.mark.parametrize(("batch", "length"), [(4, 7), (1, 5), (6, 1), (5, 5)])
def test_each_token_carries_the_worth_of_its_response(adapters, check, draw, batch, length):
    advantages, log_probs = reference.drawn_advantages(draw, batch), reference.drawn_log_probs(draw, batch, length)
    found = adapters.run_compute_naive_policy_gradient_loss(advantages, log_probs)
    expected = reference.token_losses("none", advantages, log_probs)
    check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)


def test_raw_rewards_do_as_well(adapters, check, draw):
    rewards, log_probs = torch.tensor([[1.0], [0.0], [0.5]]), reference.drawn_log_probs(draw, 3, 6)
    found = adapters.run_compute_naive_policy_gradient_loss(rewards, log_probs)
    expected = reference.token_losses("none", rewards, log_probs)
    check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.parametrize(("batch", "length"), [(4, 7), (5, 5)])
def test_the_gradient_is_minus_the_worth(drivers, check, draw, batch, length):
    advantages, log_probs = reference.drawn_advantages(draw, batch), reference.drawn_log_probs(draw, batch, length)
    cotangent = draw.uniform(batch, length, low=0.5, high=1.5)
    arguments = {"raw_rewards_or_advantages": advantages, "policy_log_probs": log_probs}
    found = drivers.call_with_gradients(WHO, arguments, ["policy_log_probs"], cotangent)
    check.close(
        found["d_policy_log_probs"],
        (-advantages * cotangent).double(),
        rtol=1e-5,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
    )


def test_log_probabilities_of_certain_tokens_cost_nothing(adapters, check, draw):
    advantages, log_probs = reference.drawn_advantages(draw, 4), reference.drawn_log_probs(draw, 4, 6)
    log_probs[:, ::2] = 0.0
    found = adapters.run_compute_naive_policy_gradient_loss(advantages, log_probs)
    expected = reference.token_losses("none", advantages, log_probs)
    check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.beyond_public_course
def test_the_arguments_are_left_alone(drivers, check, draw):
    given = {
        "raw_rewards_or_advantages": reference.drawn_advantages(draw, 4),
        "policy_log_probs": reference.drawn_log_probs(draw, 4, 6),
    }
    after = drivers.call_keeping_arguments(WHO, given)
    check.equal(after["arguments"], given, who=f"{WHO}'s arguments after the call")
