"""The sum of what a mask selects, divided by a constant: any dimension, any mask, nothing of what is left out."""

import pytest
import torch

WHO = "run_masked_normalize"


def drawn(draw, *shape):
    """Numbers away from zero, most of one sign so that no sum is near zero, and a mask that selects some in every row and column."""
    mask = draw.boolean(*shape, p=0.6)
    mask[..., 0] = True
    mask[0] = True
    return draw.uniform(*shape, low=0.5, high=2.0) * torch.where(draw.boolean(*shape), 1.5, -0.2), mask


def expected_sum(tensor, mask, dim, constant):
    kept = torch.where(mask, tensor.double(), torch.zeros((), dtype=torch.float64))
    return (kept.sum() if dim is None else kept.sum(dim)) / constant


@pytest.mark.parametrize("dim", [0, 1, -1, None])
@pytest.mark.parametrize("constant", [1.0, 7.5])
def test_selected_entries_are_summed_and_divided(adapters, check, draw, dim, constant):
    tensor, mask = drawn(draw, 5, 8)
    found = adapters.run_masked_normalize(tensor, mask, dim, constant)
    check.close(found, expected_sum(tensor, mask, dim, constant), rtol=1e-5, dtype=torch.float32, who=WHO)


def test_all_are_summed_and_divided_by_one_by_default(adapters, check, draw):
    tensor, mask = drawn(draw, 4, 6)
    found = adapters.run_masked_normalize(tensor, mask)
    check.close(found, expected_sum(tensor, mask, None, 1.0), rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.parametrize("dim", [0, 1, 2, -2])
def test_three_dimensions(adapters, check, draw, dim):
    tensor, mask = drawn(draw, 3, 4, 5)
    found = adapters.run_masked_normalize(tensor, mask, dim, 3.0)
    check.close(found, expected_sum(tensor, mask, dim, 3.0), rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("dtype", [torch.int64, torch.float32], ids=str)
def test_a_mask_may_be_numbers(adapters, check, draw, dtype):
    tensor, mask = drawn(draw, 4, 7)
    found = adapters.run_masked_normalize(tensor, mask.to(dtype), 1, 2.0)
    check.close(found, expected_sum(tensor, mask, 1, 2.0), rtol=1e-5, dtype=torch.float32, who=WHO)


def test_the_number_of_entries_does_not_matter(adapters, check, draw):
    tensor, mask = torch.ones(3, 6), torch.zeros(3, 6, dtype=torch.bool)
    for row, count in enumerate((1, 3, 6)):
        mask[row, :count] = True
    expected = torch.tensor([0.5, 1.5, 3.0], dtype=torch.float64)
    found = adapters.run_masked_normalize(tensor, mask, 1, 2.0)
    check.close(found, expected, rtol=1e-6, dtype=torch.float32, who=WHO, hint="a constant divides, not a count")


def test_a_row_without_an_entry_sums_to_zero(adapters, check, draw):
    tensor, mask = drawn(draw, 4, 6)
    mask[2] = False
    found = adapters.run_masked_normalize(tensor, mask, 1, 2.0)
    check.close(found, expected_sum(tensor, mask, 1, 2.0), rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("junk", [float("nan"), float("inf"), -float("inf")])
def test_what_is_left_out_may_be_anything(drivers, check, draw, junk):
    tensor, mask = drawn(draw, 4, 6)
    mask[1, 2:] = False
    given = tensor.masked_fill(~mask, junk)
    weights = draw.uniform(4, low=0.5, high=1.5)
    arguments = {"tensor": given, "mask": mask, "dim": 1, "normalize_constant": 2.0}
    found = drivers.call_with_gradients(WHO, arguments, ["tensor"], weights)
    hint = "NaN times zero is NaN: replace what the mask leaves out"
    check.close(found["output"], expected_sum(tensor, mask, 1, 2.0), rtol=1e-5, dtype=torch.float32, who=WHO, hint=hint)
    check.close(
        found["d_tensor"],
        (weights.unsqueeze(1) / 2.0 * mask).double(),
        rtol=1e-5,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
        hint=hint,
    )


@pytest.mark.parametrize("dim", [0, 1, None])
def test_the_gradient_is_the_mask_over_the_constant(drivers, check, draw, dim):
    tensor, mask = drawn(draw, 4, 6)
    weights = draw.uniform(*expected_sum(tensor, mask, dim, 1.0).shape, low=0.5, high=1.5)
    arguments = {"tensor": tensor, "mask": mask, "dim": dim, "normalize_constant": 3.0}
    found = drivers.call_with_gradients(WHO, arguments, ["tensor"], weights)
    spread = weights if dim is None else weights.unsqueeze(dim)
    expected = (spread / 3.0 * mask).double()
    check.close(found["d_tensor"], expected, rtol=1e-5, dtype=torch.float32, who=f"the gradient of {WHO}")


def test_float64_stays_float64(adapters, check, draw):
    tensor, mask = drawn(draw, 4, 6)
    found = adapters.run_masked_normalize(tensor.double(), mask, 0, 2.0)
    check.close(found, expected_sum(tensor, mask, 0, 2.0), rtol=1e-12, who=WHO)


@pytest.mark.beyond_public_course
def test_the_arguments_are_left_alone(drivers, check, draw):
    tensor, mask = drawn(draw, 4, 6)
    given = {"tensor": tensor, "mask": mask, "dim": 1, "normalize_constant": 2.0}
    after = drivers.call_keeping_arguments(WHO, given)
    check.equal(after["arguments"], given, who=f"{WHO}'s arguments after the call")
