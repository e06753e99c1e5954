"""Cross-entropy of large vocabularies, extreme rows, and half precision."""

import pytest
import torch
import torch.nn.functional as F

WHO = "run_cross_entropy"


def test_a_large_vocabulary_in_four_dimensions(adapters, check, draw):
    inputs, targets = draw.normal(2, 3, 2, 3000, scale=5.0), draw.integers(0, 3000, 2, 3, 2)
    check.close(
        adapters.run_cross_entropy(inputs, targets),
        F.cross_entropy(inputs.double().flatten(0, -2), targets.flatten()),
        rtol=1e-5,
        dtype=torch.float32,
        who=WHO,
    )


def test_sure_and_hopeless_targets_in_one_batch(adapters, check, draw):
    # One call a row: next to a loss of 20000 a small one would not count.
    for gap in (2e4, 300.0, 15.0, -3.0):
        inputs, targets = draw.normal(1, 12) + draw.number(-1e3, 1e3), draw.integers(0, 12, 1)
        inputs[0, targets] -= gap
        check.close(
            adapters.run_cross_entropy(inputs, targets),
            F.cross_entropy(inputs.double(), targets),
            rtol=2e-4,
            dtype=torch.float32,
            who=WHO,
        )


@pytest.mark.beyond_public_course
def test_bfloat16_logits_are_accumulated_in_float32(adapters, check, draw):
    # Multiples of 4 from 512 on are bfloat16 numbers; their logarithm of the sum of exponentials is not.
    inputs = (512 + 4 * draw.integers(0, 3, 40, 60)).bfloat16()
    targets = draw.integers(0, 60, 40)
    loss = adapters.run_cross_entropy(inputs, targets)
    check.that(
        loss.dtype in (torch.bfloat16, torch.float32),
        f"{WHO} returned {loss.dtype} for bfloat16 logits; expected float32 (bfloat16 will do)",
    )
    check.close(
        loss.float(),
        F.cross_entropy(inputs.double(), targets),
        rtol=0.01,
        dtype=torch.float32,
        who=f"{WHO} of bfloat16 logits",
    )


def test_the_first_and_the_last_token_may_be_targets(adapters, check, draw):
    inputs = draw.normal(2, 2, 30, scale=4.0)
    targets = torch.tensor([[0, 29], [29, 0]])
    check.close(
        adapters.run_cross_entropy(inputs, targets),
        F.cross_entropy(inputs.double().flatten(0, 1), targets.flatten()),
        rtol=5e-6,
        dtype=torch.float32,
        who=WHO,
    )
