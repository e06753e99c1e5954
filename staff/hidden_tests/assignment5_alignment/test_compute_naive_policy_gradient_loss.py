"""Large batches, tokens that were next to impossible, and float64."""

import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_compute_naive_policy_gradient_loss"


def test_a_large_batch(adapters, check, draw):
    advantages, log_probs = reference.drawn_advantages(draw, 40), reference.drawn_log_probs(draw, 40, 130)
    found = adapters.run_compute_naive_policy_gradient_loss(advantages, log_probs)
    check.close(found, reference.token_losses("none", advantages, log_probs), rtol=1e-5, dtype=torch.float32, who=WHO)


def test_tokens_that_were_next_to_impossible(drivers, check, draw):
    advantages, log_probs = reference.drawn_advantages(draw, 4), draw.uniform(4, 5, low=-1e4, high=-1e3)
    cotangent = draw.uniform(4, 5, low=0.5, high=1.5)
    arguments = {"raw_rewards_or_advantages": advantages, "policy_log_probs": log_probs}
    found = drivers.call_with_gradients(WHO, arguments, ["policy_log_probs"], cotangent)
    expected = reference.token_losses("none", advantages, log_probs)
    check.close(found["output"], expected, rtol=1e-5, dtype=torch.float32, who=WHO)
    check.close(
        found["d_policy_log_probs"],
        (-advantages * cotangent).double(),
        rtol=1e-5,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
    )


def test_float64_is_returned_for_float64(adapters, check, draw):
    advantages = reference.drawn_advantages(draw, 5).double()
    log_probs = reference.drawn_log_probs(draw, 5, 4).double()
    found = adapters.run_compute_naive_policy_gradient_loss(advantages, log_probs)
    check.close(found, reference.token_losses("none", advantages, log_probs), rtol=1e-12, who=WHO)
