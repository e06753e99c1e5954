"""Batches of one, sequences of very different length, and losses outside the mask that are not numbers."""

import pytest
import torch

WHO = "run_aggregate_loss_across_microbatch"


def test_one_token_among_a_thousand(adapters, check, draw):
    losses, mask = draw.uniform(2, 1000, low=0.5, high=1.5), torch.ones(2, 1000, dtype=torch.bool)
    losses[0] += 3.0
    mask[0] = False
    mask[0, 500] = True
    exact = losses.double()
    expected = (exact[0, 500] + exact[1].mean()) / 2
    found = adapters.run_aggregate_loss_across_microbatch(losses, mask, "sequence")
    check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)
    found = adapters.run_aggregate_loss_across_microbatch(losses, mask, "constant", 2000)
    check.close(found, (exact[0, 500] + exact[1].sum()) / 2000, rtol=1e-5, dtype=torch.float32, who=WHO)


def test_a_batch_of_one(adapters, check, draw):
    losses, mask = draw.uniform(1, 12, low=-2.0, high=-0.5), draw.boolean(1, 12)
    mask[0, 3] = True
    found = adapters.run_aggregate_loss_across_microbatch(losses, mask, "sequence")
    check.close(found, losses.double()[mask].mean(), rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(("normalization", "constant"), [("sequence", None), ("constant", 8)])
def test_losses_outside_the_mask_may_be_anything(drivers, check, draw, normalization, constant):
    losses, mask = draw.uniform(3, 5, low=0.5, high=1.5), torch.ones(3, 5, dtype=torch.bool)
    mask[0, 3:] = False
    mask[2, :2] = False
    given = {
        "per_token_policy_gradient_loss": losses.masked_fill(~mask, float("inf")),
        "mask": mask,
        "loss_normalization": normalization,
        "normalization_constant": constant,
    }
    found = drivers.call_with_gradients(WHO, given, ["per_token_policy_gradient_loss"], torch.tensor(1.0))
    weights = mask / (mask.sum(1, keepdim=True) * 3) if normalization == "sequence" else mask / constant
    expected = (losses.double() * weights).sum()
    check.close(found["output"], expected, rtol=1e-5, dtype=torch.float32, who=WHO)
    check.close(
        found["d_per_token_policy_gradient_loss"],
        weights.double(),
        rtol=1e-5,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
    )
