"""Means under masks of other shapes, and long rows of which little is selected."""

import pytest
import torch

WHO = "run_masked_mean"


def test_one_dimension(adapters, check, draw):
    tensor, mask = draw.uniform(40, low=0.5, high=2.0), draw.boolean(40)
    mask[:2] = True
    for dim in (0, -1, None):
        found = adapters.run_masked_mean(tensor, mask, dim)
        check.close(found, tensor.double()[mask].mean(), rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.parametrize(
    "dtype", [torch.bool, pytest.param(torch.float32, marks=pytest.mark.beyond_public_course)], ids=str
)
def test_one_entry_of_a_long_row_is_its_mean(adapters, check, draw, dtype):
    tensor, mask = draw.normal(5, 300, scale=2.0), torch.zeros(5, 300, dtype=dtype)
    places = draw.integers(0, 300, 5)
    mask[torch.arange(5), places] = 1
    expected = tensor.double()[torch.arange(5), places]
    found = adapters.run_masked_mean(tensor, mask, -1)
    check.close(found, expected, rtol=1e-6, dtype=torch.float32, who=WHO)


def test_means_of_rows_of_unequal_length_are_not_the_mean_of_all(adapters, check, draw):
    tensor = torch.tensor([[1.0, 1.0, 1.0, 1.0], [5.0, 0.0, 0.0, 0.0]])
    mask = torch.tensor([[True] * 4, [True, False, False, False]])
    found = adapters.run_masked_mean(tensor, mask)
    check.close(found, torch.tensor(1.8, dtype=torch.float64), rtol=1e-6, dtype=torch.float32, who=WHO)


@pytest.mark.beyond_public_course
def test_a_mask_that_selects_nothing_at_all(adapters, check, draw):
    tensor, mask = draw.normal(3, 4), torch.zeros(3, 4, dtype=torch.bool)
    for dim in (0, 1, None):
        found = adapters.run_masked_mean(tensor, mask, dim)
        shape = () if dim is None else (4 if dim == 0 else 3,)
        check.that(
            found.shape == shape and bool((found == 0).all()),
            f"{WHO} of nothing is not 0 everywhere; expected 0 by the handout's rule",
        )


def test_what_is_left_out_may_be_huge(adapters, check, draw):
    tensor, mask = draw.uniform(4, 9, low=0.5, high=1.5), draw.boolean(4, 9)
    mask[:, 1] = True
    expected = (tensor.double() * mask).sum(1) / mask.sum(1)
    found = adapters.run_masked_mean(torch.where(mask, tensor, -1e30), mask, 1)
    check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)
