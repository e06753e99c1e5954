"""Sums under masks of other shapes, large constants, and numbers of very different size."""

import pytest
import torch

WHO = "run_masked_normalize"


def test_one_dimension(adapters, check, draw):
    tensor, mask = draw.uniform(40, low=0.5, high=2.0), draw.boolean(40)
    mask[:2] = True
    expected = tensor.double()[mask].sum() / 1024
    for dim in (0, -1, None):
        found = adapters.run_masked_normalize(tensor, mask, dim, 1024)
        check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)


def test_four_dimensions_along_the_second(adapters, check, draw):
    tensor, mask = draw.normal(2, 5, 3, 4), draw.boolean(2, 5, 3, 4, p=0.7)
    expected = (tensor.double() * mask).sum(1) / 0.25
    found = adapters.run_masked_normalize(tensor, mask, 1, 0.25)
    check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.parametrize(
    "dtype", [torch.bool, pytest.param(torch.int32, marks=pytest.mark.beyond_public_course)], ids=str
)
def test_an_empty_column_beside_a_full_one(adapters, check, draw, dtype):
    tensor, mask = draw.uniform(6, 3, low=1.0, high=2.0), torch.zeros(6, 3, dtype=dtype)
    mask[:, 0], mask[3, 2] = 1, 1
    expected = (tensor.double() * mask).sum(0) / 6
    found = adapters.run_masked_normalize(tensor, mask, 0, 6.0)
    check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)


def test_what_is_left_out_may_be_huge(adapters, check, draw):
    tensor, mask = draw.uniform(4, 9, low=0.5, high=1.5), draw.boolean(4, 9)
    mask[:, 1] = True
    expected = (tensor.double() * mask).sum(1)
    found = adapters.run_masked_normalize(torch.where(mask, tensor, -1e30), mask, 1)
    check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO)
