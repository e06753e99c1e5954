"""The mean of what a mask selects: any dimension, any mask, and a rule for a row that has nothing."""

import pytest
import torch

WHO = "run_masked_mean"


def drawn(draw, *shape):
    """Numbers away from zero, most of one sign so that no sum is near zero, and a mask that selects some in every row and column, not always as many."""
    mask = draw.boolean(*shape, p=0.6)
    mask[..., 0] = True
    mask[0] = True
    return draw.uniform(*shape, low=0.5, high=2.0) * torch.where(draw.boolean(*shape), 1.5, -0.2), mask


def expected_mean(tensor, mask, dim):
    """Zero where nothing is selected."""
    kept = torch.where(mask, tensor.double(), torch.zeros((), dtype=torch.float64))
    total, count = (kept.sum(), mask.sum()) if dim is None else (kept.sum(dim), mask.sum(dim))
    return torch.where(count > 0, total / count.clamp(min=1), torch.zeros((), dtype=torch.float64))


@pytest.mark.parametrize("dim", [0, 1, -1, None])
def test_selected_entries_are_averaged(adapters, check, draw, dim):
    tensor, mask = drawn(draw, 5, 8)
    found = adapters.run_masked_mean(tensor, mask, dim)
    check.close(found, expected_mean(tensor, mask, dim), rtol=1e-5, dtype=torch.float32, who=WHO)


def test_all_are_averaged_together_by_default(adapters, check, draw):
    tensor, mask = drawn(draw, 4, 6)
    found = adapters.run_masked_mean(tensor, mask)
    hint = "each selected entry counts the same, whatever row it is in"
    check.close(found, expected_mean(tensor, mask, None), rtol=1e-5, dtype=torch.float32, who=WHO, hint=hint)


@pytest.mark.parametrize("dim", [0, 1, 2, -2])
def test_three_dimensions(adapters, check, draw, dim):
    tensor, mask = drawn(draw, 3, 4, 5)
    found = adapters.run_masked_mean(tensor, mask, dim)
    check.close(found, expected_mean(tensor, mask, dim), rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("dtype", [torch.int64, torch.float32], ids=str)
def test_a_mask_may_be_numbers(adapters, check, draw, dtype):
    tensor, mask = drawn(draw, 4, 7)
    found = adapters.run_masked_mean(tensor, mask.to(dtype), 1)
    check.close(found, expected_mean(tensor, mask, 1), rtol=1e-5, dtype=torch.float32, who=WHO)


def test_equal_entries_have_that_mean_however_many_there_are(adapters, check, draw):
    tensor, mask = torch.full((3, 6), 1.75), torch.zeros(3, 6, dtype=torch.bool)
    for row, count in enumerate((1, 3, 6)):
        mask[row, :count] = True
    found = adapters.run_masked_mean(tensor, mask, 1)
    expected = torch.full((3,), 1.75, dtype=torch.float64)
    hint = "nothing is added to the count"
    check.close(found, expected, rtol=1e-6, dtype=torch.float32, who=WHO, constant=True, hint=hint)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("dim", [0, 1])
def test_the_mean_of_nothing_is_zero_and_so_is_its_gradient(drivers, check, draw, dim):
    tensor, mask = drawn(draw, 4, 6)
    if dim == 0:
        mask[:, 3] = False
    else:
        mask[2] = False
    expected = expected_mean(tensor, mask, dim)
    weights = draw.uniform(*expected.shape, low=0.5, high=1.5)
    found = drivers.call_with_gradients(WHO, {"tensor": tensor, "mask": mask, "dim": dim}, ["tensor"], weights)
    check.close(found["output"], expected, rtol=1e-5, dtype=torch.float32, who=WHO)
    slope = (weights / mask.sum(dim).clamp(min=1)).unsqueeze(dim) * mask
    check.close(found["d_tensor"], slope.double(), rtol=1e-5, dtype=torch.float32, who=f"the gradient of {WHO}")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("junk", [float("nan"), float("inf")])
def test_what_is_left_out_may_be_anything(drivers, check, draw, junk):
    tensor, mask = drawn(draw, 4, 6)
    mask[1, 2:] = False
    weights = draw.uniform(4, low=0.5, high=1.5)
    arguments = {"tensor": tensor.masked_fill(~mask, junk), "mask": mask, "dim": 1}
    found = drivers.call_with_gradients(WHO, arguments, ["tensor"], weights)
    hint = "NaN times zero is NaN: replace what the mask leaves out"
    check.close(found["output"], expected_mean(tensor, mask, 1), rtol=1e-5, dtype=torch.float32, who=WHO, hint=hint)
    slope = (weights / mask.sum(1)).unsqueeze(1) * mask
    check.close(
        found["d_tensor"],
        slope.double(),
        rtol=1e-5,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
        hint=hint,
    )


@pytest.mark.parametrize("dim", [0, 1, None])
def test_the_gradient_is_the_mask_over_the_count(drivers, check, draw, dim):
    tensor, mask = drawn(draw, 4, 6)
    weights = draw.uniform(*expected_mean(tensor, mask, dim).shape, low=0.5, high=1.5)
    found = drivers.call_with_gradients(WHO, {"tensor": tensor, "mask": mask, "dim": dim}, ["tensor"], weights)
    slope = weights / mask.sum() if dim is None else (weights / mask.sum(dim)).unsqueeze(dim)
    check.close(
        found["d_tensor"],
        (slope * mask).double(),
        rtol=1e-5,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
    )


def test_float64_stays_float64(adapters, check, draw):
    tensor, mask = drawn(draw, 4, 6)
    found = adapters.run_masked_mean(tensor.double(), mask, 1)
    check.close(found, expected_mean(tensor, mask, 1), rtol=1e-12, who=WHO)


@pytest.mark.beyond_public_course
def test_the_arguments_are_left_alone(drivers, check, draw):
    tensor, mask = drawn(draw, 4, 6)
    given = {"tensor": tensor, "mask": mask, "dim": 1}
    after = drivers.call_keeping_arguments(WHO, given)
    check.equal(after["arguments"], given, who=f"{WHO}'s arguments after the call")
