"""Number formats: random numbers of the formats and between them, outliers in blocks."""

import pytest
import torch

from assignment2_systems.tests import float_formats as formats

NAMES = list(formats.FORMATS)


@pytest.mark.parametrize("name", NAMES)
def test_points_within_random_gaps(adapters, check, draw, name):
    codes = formats.FORMATS[name]
    values = []
    for code in draw.integers(0, codes.last, 12).tolist():
        low, high = float(codes.number(code)), float(codes.number(code + 1))
        values += [low + share * (high - low) for share in (0.25, 0.5, 0.75, draw.number(0, 1))]
    x = torch.tensor(values, dtype=torch.float64)
    for saturate in (False, True):
        found = adapters.run_round_to_format(-x, name, saturate)
        check.equal(found, formats.rounded_all(-x, name), who=f"run_round_to_format for {name}")


@pytest.mark.parametrize("name", NAMES)
def test_spacing_of_random_numbers_of_the_format(adapters, check, draw, name):
    codes = formats.FORMATS[name]
    for code in draw.integers(0, codes.last, 15).tolist():
        x = float(codes.number(code))
        check.that(
            adapters.run_spacing(-x, name) == float(codes.number(code + 1) - codes.number(code)),
            f"run_spacing({-x!r}, {name!r}) is wrong; expected the distance to the next larger number of the format",
        )


@pytest.mark.parametrize("name", NAMES)
def test_all_limits(adapters, check, name):
    check.equal(adapters.run_format_limits(name), formats.limits(name), who=f"run_format_limits for {name}")


@pytest.mark.parametrize("name", formats.ELEMENTS)
def test_an_outlier_takes_its_block_along(adapters, check, draw, name):
    x = draw.normal(2, 96, dtype=torch.float64)
    x[0, 40] *= 3000
    for block_size in (8, 32, 96):
        scales, elements = adapters.run_quantise_blocks(x, name, block_size)
        expected = formats.quantised(x, name, block_size)
        check.equal(scales, expected[0], who=f"run_quantise_blocks for {name}, as scales,")
        check.equal(elements, expected[1], who=f"run_quantise_blocks for {name}, as elements,")
        found = adapters.run_quantisation_error(x, name, block_size)
        check.close(
            found, formats.relative_error(x, name, block_size), rtol=1e-9, who=f"run_quantisation_error for {name}"
        )


def test_a_negative_number_may_be_the_largest_of_its_block(adapters, check, draw):
    x = draw.uniform(3, 8, low=0.0, high=0.3, dtype=torch.float64)
    x[:, 5] = -torch.tensor([7.0, 1.0, 100.0], dtype=torch.float64)
    scales, _ = adapters.run_quantise_blocks(x, "float4_e2m1", 8)
    check.equal(scales, formats.quantised(x, "float4_e2m1", 8)[0], who="run_quantise_blocks, as scales,")
