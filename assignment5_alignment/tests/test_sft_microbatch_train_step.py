"""A backward pass of fine-tuning: its loss, its gradient, and microbatches that add up to a batch."""

import pytest
import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_sft_microbatch_train_step"


def expected_steps(log_probs, masks, accumulation, constant):
    """The loss of each microbatch, and the gradient of all rows after each."""
    exact, start = reference.leaf(log_probs), 0
    losses, gradients = [], []
    total = torch.zeros_like(exact)
    for mask in masks:
        rows = exact[start : start + len(mask)]
        start += len(mask)
        likelihoods = torch.stack([row[kept].sum() / constant for row, kept in zip(rows, mask, strict=True)])
        loss = -likelihoods.mean() / accumulation
        total = total + torch.autograd.grad(loss, [exact])[0]
        losses.append(loss.detach())
        gradients.append(total)
    return losses, gradients


def check_steps(drivers, check, log_probs, masks, accumulation, constant=1.0, hint=""):
    microbatches = [
        {"response_mask": mask, "gradient_accumulation_steps": accumulation, "normalize_constant": constant}
        for mask in masks
    ]
    found = drivers.microbatch_steps(WHO, log_probs, microbatches)
    losses, gradients = expected_steps(log_probs, masks, accumulation, constant)
    reference.check_microbatches(check, found, losses, gradients, who=WHO, hint=hint)
    return found


def drawn(draw, microbatches, batch=3, length=9):
    log_probs = reference.drawn_log_probs(draw, microbatches * batch, length)
    return log_probs, [reference.drawn_mask(draw, batch, length) for _ in range(microbatches)]


@pytest.mark.parametrize("accumulation", [1, 2, 8])
def test_one_microbatch(drivers, check, draw, accumulation):
    log_probs, masks = drawn(draw, 1)
    hint = "the loss is that of the microbatch, divided by gradient_accumulation_steps"
    check_steps(drivers, check, log_probs, masks, accumulation, hint=hint)


@pytest.mark.parametrize("constant", [10.0, 0.5])
def test_the_constant_divides_the_sum_of_a_sequence(drivers, check, draw, constant):
    log_probs, masks = drawn(draw, 1)
    hint = "a sum over the response, divided by normalize_constant, and of these the mean over the batch"
    check_steps(drivers, check, log_probs, masks, 2, constant, hint)


@pytest.mark.parametrize("batch", [1, 5])
def test_the_batch_is_averaged(drivers, check, draw, batch):
    log_probs, masks = drawn(draw, 1, batch=batch)
    check_steps(drivers, check, log_probs, masks, 1, hint="the mean over the sequences of the microbatch")


def test_gradients_of_microbatches_add_up(drivers, check, draw):
    log_probs, masks = drawn(draw, 4)
    check_steps(drivers, check, log_probs, masks, 4, 7.0)


def test_microbatches_together_are_the_batch(drivers, check, draw):
    log_probs, masks = drawn(draw, 3, batch=4)
    found = check_steps(drivers, check, log_probs, masks, 3)
    _, (whole,) = expected_steps(log_probs, [torch.cat(masks)], 1, 1.0)
    check.close(
        found["gradients"][-1],
        whole,
        rtol=1e-5,
        dtype=torch.float32,
        who=f"the gradient of {WHO} after all microbatches",
    )


def test_a_sequence_without_a_response_counts_in_the_mean(drivers, check, draw):
    log_probs, masks = drawn(draw, 1, batch=4)
    masks[0][1] = False
    check_steps(drivers, check, log_probs, masks, 2)


@pytest.mark.beyond_public_course
def test_a_mask_may_be_numbers(drivers, check, draw):
    log_probs, masks = drawn(draw, 1)
    given = {"response_mask": masks[0].long(), "gradient_accumulation_steps": 2, "normalize_constant": 3.0}
    found = drivers.microbatch_steps(WHO, log_probs, [given])
    losses, gradients = expected_steps(log_probs, masks, 2, 3.0)
    reference.check_microbatches(check, found, losses, gradients, who=WHO)


@pytest.mark.beyond_public_course
def test_the_returned_loss_holds_no_graph(drivers, check, draw):
    log_probs, masks = drawn(draw, 2)
    found = check_steps(drivers, check, log_probs, masks, 2)
    hint = "a list of such losses keeps the activations of every microbatch: detach it"
    check.equal(found["attached"], False, who=f"{WHO}, as whether its loss requires a gradient,", hint=hint)


@pytest.mark.beyond_public_course
def test_the_arguments_are_left_alone(drivers, check, draw):
    log_probs, masks = drawn(draw, 1)
    given = {"response_mask": masks[0], "gradient_accumulation_steps": 2, "normalize_constant": 1.0}
    found = drivers.microbatch_steps(WHO, log_probs, [given])
    check.equal(found["log_probs"], log_probs, who=f"{WHO}'s log-probabilities after the call")
    check.equal(found["arguments"], [given], who=f"{WHO}'s other arguments after the call")
