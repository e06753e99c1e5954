"""Microbatches of one response, mixed losses over one leaf, and both signs of advantages each on its own."""

import pytest
import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_grpo_microbatch_train_step"


def expected_step(log_probs, weights, mask, accumulation, method="none", old=None, cliprange=None):
    exact = reference.leaf(log_probs)
    tokens = reference.token_losses(method, weights, exact, old, cliprange)
    loss = ((tokens * mask).sum(1) / mask.sum(1)).mean() / accumulation
    return loss.detach(), torch.autograd.grad(loss, [exact])[0]


@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["positive", "negative"])
def test_each_sign_is_clipped_on_its_own_side(drivers, check, draw, sign):
    log_probs, mask = reference.drawn_log_probs(draw, 5, 12), reference.drawn_mask(draw, 5, 12)
    advantages = sign * reference.drawn_advantages(draw, 5).abs()
    old = log_probs - reference.ratios_around(draw, 0.1, 5, 12)
    given = {
        "response_mask": mask,
        "gradient_accumulation_steps": 5,
        "loss_type": "grpo_clip",
        "advantages": advantages,
        "old_log_probs": old,
        "cliprange": 0.1,
    }
    found = drivers.microbatch_steps(WHO, log_probs, [given])
    loss, gradient = expected_step(log_probs, advantages, mask, 5, "grpo", old, 0.1)
    reference.check_microbatches(check, found, [loss], [gradient], who=WHO)


def test_microbatches_of_one_response(drivers, check, draw):
    log_probs, mask = reference.drawn_log_probs(draw, 3, 8), reference.drawn_mask(draw, 3, 8)
    rewards = torch.tensor([[1.0], [0.5], [2.0]])
    microbatches = [
        {
            "response_mask": mask[row : row + 1],
            "gradient_accumulation_steps": 3,
            "loss_type": "no_baseline",
            "raw_rewards": rewards[row : row + 1],
        }
        for row in range(3)
    ]
    found = drivers.microbatch_steps(WHO, log_probs, microbatches)
    losses, gradients, total = [], [], torch.zeros(3, 8, dtype=torch.float64)
    for row in range(3):
        rows = slice(row, row + 1)
        loss, gradient = expected_step(log_probs[rows], rewards[rows], mask[rows], 3)
        total = total.clone()
        total[rows] = gradient
        losses.append(loss)
        gradients.append(total)
    reference.check_microbatches(check, found, losses, gradients, who=WHO)


@pytest.mark.parametrize(
    "dtype", [torch.bool, pytest.param(torch.float32, marks=pytest.mark.beyond_public_course)], ids=str
)
def test_long_responses_and_masks_of_numbers(drivers, check, draw, dtype):
    log_probs, mask = draw.uniform(2, 500, low=-30.0, high=-1.0), torch.ones(2, 500, dtype=torch.bool)
    mask[1, 40:] = False
    advantages = torch.tensor([[1.5], [0.5]])
    given = {
        "response_mask": mask.to(dtype),
        "gradient_accumulation_steps": 2,
        "loss_type": "reinforce_with_baseline",
        "advantages": advantages,
    }
    found = drivers.microbatch_steps(WHO, log_probs, [given])
    loss, gradient = expected_step(log_probs, advantages, mask, 2)
    reference.check_microbatches(check, found, [loss], [gradient], who=WHO)
