"""One number of all tokens: a mean of the means of sequences, or a sum over a constant."""

import pytest
import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_aggregate_loss_across_microbatch"


def drawn(draw, batch=5, length=9):
    losses = draw.uniform(batch, length, low=0.5, high=2.0)
    losses[0] *= -0.1  # a sign of its own, and too small to cancel the others
    return losses, reference.drawn_mask(draw, batch, length)


def expected_loss(losses, mask, normalization, constant):
    """Row by row; a row without a token is 0."""
    rows = [row[kept] for row, kept in zip(losses.double(), mask, strict=True)]
    if normalization == "sequence":
        return torch.stack([row.sum() / max(len(row), 1) for row in rows]).mean()
    return torch.stack([row.sum() for row in rows]).sum() / constant


CASES = [("sequence", None), ("constant", 42), ("constant", 1.5)]


@pytest.mark.parametrize(("normalization", "constant"), CASES)
def test_the_number(adapters, check, draw, normalization, constant):
    losses, mask = drawn(draw)
    found = adapters.run_aggregate_loss_across_microbatch(losses, mask, normalization, constant)
    expected = expected_loss(losses, mask, normalization, constant)
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=WHO)


@pytest.mark.parametrize(("normalization", "constant"), CASES)
def test_the_gradient_is_what_a_token_weighs(drivers, check, draw, normalization, constant):
    losses, mask = drawn(draw)
    given = {
        "per_token_policy_gradient_loss": losses,
        "mask": mask,
        "loss_normalization": normalization,
        "normalization_constant": constant,
    }
    found = drivers.call_with_gradients(WHO, given, ["per_token_policy_gradient_loss"], torch.tensor(2.0))
    weights = mask / (mask.sum(1, keepdim=True) * len(mask)) if normalization == "sequence" else mask / constant
    check.close(
        found["d_per_token_policy_gradient_loss"],
        2.0 * weights.double(),
        rtol=1e-5,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
    )


def test_sequences_count_the_same_by_default(adapters, check):
    losses = torch.tensor([[2.0, 4.0, 9.0, 9.0], [1.0, 9.0, 9.0, 9.0]])
    mask = torch.tensor([[True, True, False, False], [True, False, False, False]])
    found = adapters.run_aggregate_loss_across_microbatch(losses, mask)
    hint = "the mean of each sequence first, then of these"
    check.close(found, torch.tensor(2.0).double(), rtol=1e-6, dtype=torch.float32, who=WHO, hint=hint)


def test_a_constant_divides_whatever_the_batch_is(adapters, check, draw):
    losses, mask = drawn(draw)
    found = adapters.run_aggregate_loss_across_microbatch(losses[:2], mask[:2], "constant", 10)
    expected = expected_loss(losses[:2], mask[:2], "constant", 10)
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=WHO)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("dtype", [torch.int64, torch.float32], ids=str)
@pytest.mark.parametrize(("normalization", "constant"), CASES[:2])
def test_a_mask_may_be_numbers(adapters, check, draw, normalization, constant, dtype):
    losses, mask = drawn(draw)
    found = adapters.run_aggregate_loss_across_microbatch(losses, mask.to(dtype), normalization, constant)
    expected = expected_loss(losses, mask, normalization, constant)
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=WHO)


def test_a_constant_that_is_missing_is_refused(adapters, check, draw):
    check.rejects(
        adapters.run_aggregate_loss_across_microbatch, *drawn(draw), "constant", who=f"{WHO} without its constant"
    )


@pytest.mark.beyond_public_course
def test_an_unknown_normalisation_is_refused(adapters, check, draw):
    check.rejects(adapters.run_aggregate_loss_across_microbatch, *drawn(draw), "token", 7, who=f"{WHO} by 'token'")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(("normalization", "constant"), CASES[:2])
def test_a_sequence_without_a_token_counts_as_zero(drivers, check, draw, normalization, constant):
    losses, mask = drawn(draw)
    mask[1] = False
    given = {
        "per_token_policy_gradient_loss": losses,
        "mask": mask,
        "loss_normalization": normalization,
        "normalization_constant": constant,
    }
    found = drivers.call_with_gradients(WHO, given, ["per_token_policy_gradient_loss"], torch.tensor(1.0))
    expected = expected_loss(losses, mask, normalization, constant)
    check.close(found["output"], expected, rtol=1e-4, dtype=torch.float32, who=WHO)
    counts = mask.sum(1, keepdim=True).clamp(min=1)
    weights = mask / (counts * len(mask)) if normalization == "sequence" else mask / constant
    check.close(
        found["d_per_token_policy_gradient_loss"],
        weights.double(),
        rtol=1e-5,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
    )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(("normalization", "constant"), CASES[:2])
def test_the_arguments_are_left_alone(drivers, check, draw, normalization, constant):
    losses, mask = drawn(draw)
    given = {
        "per_token_policy_gradient_loss": losses,
        "mask": mask,
        "loss_normalization": normalization,
        "normalization_constant": constant,
    }
    after = drivers.call_keeping_arguments(WHO, given)
    check.equal(after["arguments"], given, who=f"{WHO}'s arguments after the call")
