"""Microbatches of different size and long sequences of very unlikely tokens."""

import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_sft_microbatch_train_step"


def expected_loss(rows, mask, accumulation, constant):
    return -(rows * mask).sum() / (len(rows) * constant * accumulation)


def test_microbatches_of_different_size(drivers, check, draw):
    sizes = (1, 4, 2)
    log_probs = reference.drawn_log_probs(draw, sum(sizes), 11)
    masks = [reference.drawn_mask(draw, size, 11) for size in sizes]
    microbatches = [
        {"response_mask": mask, "gradient_accumulation_steps": 3, "normalize_constant": 2.0} for mask in masks
    ]
    found = drivers.microbatch_steps(WHO, log_probs, microbatches)
    losses, gradients, total, start = [], [], torch.zeros(7, 11, dtype=torch.float64), 0
    for size, mask in zip(sizes, masks, strict=True):
        losses.append(expected_loss(log_probs.double()[start : start + size], mask, 3, 2.0))
        total = total.clone()
        total[start : start + size] = -mask.double() / (size * 6.0)
        gradients.append(total)
        start += size
    reference.check_microbatches(check, found, losses, gradients, who=WHO)


def test_long_sequences_of_unlikely_tokens(drivers, check, draw):
    log_probs = draw.uniform(2, 700, low=-60.0, high=-20.0)
    mask = torch.ones(2, 700, dtype=torch.bool)
    mask[0, 300:] = False
    given = {"response_mask": mask, "gradient_accumulation_steps": 16, "normalize_constant": 1024.0}
    found = drivers.microbatch_steps(WHO, log_probs, [given])
    loss = expected_loss(log_probs.double(), mask, 16, 1024.0)
    reference.check_microbatches(check, found, [loss], [-mask.double() / (2 * 16 * 1024.0)], who=WHO)


def test_the_constant_is_one_by_default(drivers, check, draw):
    log_probs, mask = reference.drawn_log_probs(draw, 3, 9), reference.drawn_mask(draw, 3, 9)
    given = {"response_mask": mask, "gradient_accumulation_steps": 4}
    found = drivers.microbatch_steps(WHO, log_probs, [given])
    loss = expected_loss(log_probs.double(), mask, 4, 1.0)
    reference.check_microbatches(check, found, [loss], [-mask.double() / 12], who=WHO)
