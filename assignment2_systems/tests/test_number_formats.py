"""Number formats: limits, spacing, rounding with its ties and its overflow, and blocks that share a scale."""

import math

import pytest
import torch

from assignment2_systems.tests import float_formats as formats

NAMES = list(formats.FORMATS)
ROUND, BLOCKS, ERROR = "run_round_to_format", "run_quantise_blocks", "run_quantisation_error"
IN_TORCH = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "float8_e5m2": torch.float8_e5m2,
    "float8_e4m3fn": torch.float8_e4m3fn,
}


def spread(draw, count, name):
    """Numbers of both signs and every size the format has, and some below its smallest."""
    limits = formats.limits(name)
    low, high = math.log2(limits["smallest_subnormal"]) - 2, math.log2(limits["largest"])
    sizes = torch.exp2(draw.uniform(count, low=low, high=high, dtype=torch.float64))
    return torch.where(draw.boolean(count), sizes, -sizes)


def midpoints(name, count):
    """Numbers halfway between neighbours: around 0, around the smallest normal number, and below the largest."""
    codes = formats.FORMATS[name]
    first = 2**codes.mantissa_bits
    starts = [*range(count), *range(max(0, first - 3), first + count), *range(max(0, codes.last - count), codes.last)]
    pairs = [(codes.number(start), codes.number(start + 1)) for start in sorted(set(starts)) if start < codes.last]
    return torch.tensor([float((low + high) / 2) for low, high in pairs], dtype=torch.float64)


def beyond(name):
    """The largest number, what lies around halfway to the next, and what is far off."""
    codes = formats.FORMATS[name]
    last, following = codes.number(codes.last), codes.number(codes.last + 1)
    middle = float((last + following) / 2)
    values = [float(last), math.nextafter(middle, 0), middle, math.nextafter(middle, math.inf), float(following)]
    values += [1e6 * float(last)]
    return torch.tensor([*values, *(-value for value in values)], dtype=torch.float64)


# ----------------------------------------------------------------------------------------------------------
# Limits and spacing


@pytest.mark.parametrize("name", NAMES)
def test_limits(adapters, check, name):
    found = adapters.run_format_limits(name)
    check.equal(
        sorted(found), ["largest", "smallest_normal", "smallest_subnormal"], who="run_format_limits, as its keys,"
    )
    for which, expected in formats.limits(name).items():
        check.that(
            found[which] == expected, f"run_format_limits({name!r}) is wrong about '{which}'; expected the exact number"
        )


@pytest.mark.parametrize("name", NAMES)
def test_spacing_of_numbers_of_every_size(adapters, check, draw, name):
    codes = formats.FORMATS[name]
    limits = formats.limits(name)
    values = [value for value in spread(draw, 12, name).tolist() if abs(value) <= limits["largest"]]
    values += [limits["largest"], limits["smallest_normal"], -1.0, 2.0, float(codes.number(codes.last // 2))]
    for value in values:
        check.that(
            adapters.run_spacing(value, name) == formats.spacing(value, name),
            f"run_spacing({value!r}, {name!r}) is wrong; expected the distance to the next larger number of the format",
        )


@pytest.mark.parametrize("name", NAMES)
def test_spacing_below_the_smallest_normal_number(adapters, check, name):
    limits = formats.limits(name)
    for value in (
        0.0,
        limits["smallest_subnormal"],
        0.5 * limits["smallest_normal"],
        0.1 * limits["smallest_subnormal"],
    ):
        check.that(
            adapters.run_spacing(value, name) == limits["smallest_subnormal"],
            f"run_spacing({value!r}, {name!r}) is wrong; expected that of the subnormal numbers",
        )


# ----------------------------------------------------------------------------------------------------------
# Rounding


@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_every_size_go_to_the_nearest(adapters, check, draw, name):
    x = spread(draw, 60, name).reshape(5, 12)
    check.equal(adapters.run_round_to_format(x, name), formats.rounded_all(x, name), who=f"{ROUND} for {name}")


@pytest.mark.parametrize("name", NAMES)
def test_ties_go_to_the_even_mantissa(adapters, check, name):
    x = midpoints(name, 6)
    found = adapters.run_round_to_format(torch.cat([x, -x]), name)
    check.equal(
        found, formats.rounded_all(torch.cat([x, -x]), name), who=f"{ROUND} for {name}, halfway between numbers,"
    )


@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_the_format_stay(adapters, check, draw, name):
    codes = formats.FORMATS[name]
    chosen = [0, 1, 2**codes.mantissa_bits, codes.last, *draw.integers(0, codes.last + 1, 20).tolist()]
    x = torch.tensor([float(codes.number(code)) for code in chosen], dtype=torch.float64)
    check.equal(adapters.run_round_to_format(-x, name), -x, who=f"{ROUND} for numbers of {name}")


@pytest.mark.parametrize("name", IN_TORCH)
def test_rounding_is_what_pytorch_does(adapters, check, draw, name):
    x = draw.normal(64).double()
    check.equal(adapters.run_round_to_format(x, name), x.to(IN_TORCH[name]).double(), who=f"{ROUND} for {name}")


@pytest.mark.parametrize("name", NAMES)
def test_overflow_without_saturation(adapters, check, name):
    found = adapters.run_round_to_format(beyond(name), name)
    hint = "overflow is decided after rounding; then an infinity, NaN in E4M3FN, the largest number in E2M1"
    check.equal(found, formats.rounded_all(beyond(name), name), who=f"{ROUND} for {name}, beyond its end,", hint=hint)


@pytest.mark.parametrize("name", NAMES)
def test_overflow_with_saturation(adapters, check, name):
    x = torch.cat([beyond(name), torch.tensor([math.inf, -math.inf], dtype=torch.float64)])
    found = adapters.run_round_to_format(x, name, saturate=True)
    check.equal(found, formats.rounded_all(x, name, saturate=True), who=f"{ROUND} for {name}, saturating,")


@pytest.mark.parametrize("name", NAMES[:-1])
def test_infinities_and_nan(adapters, check, name):
    x = torch.tensor([math.inf, -math.inf, math.nan, 1.0], dtype=torch.float64)
    check.equal(adapters.run_round_to_format(x, name), formats.rounded_all(x, name), who=f"{ROUND} for {name}")


# ----------------------------------------------------------------------------------------------------------
# Blocks with a shared scale


@pytest.mark.parametrize("name", formats.ELEMENTS)
@pytest.mark.parametrize("shape", [(64,), (3, 32), (2, 2, 64)])
def test_scales_and_elements_of_blocks(adapters, check, draw, name, shape):
    x = draw.normal(*shape, dtype=torch.float64) * torch.exp2(draw.uniform(*shape[:-1], 1, low=-20, high=20))
    scales, elements = adapters.run_quantise_blocks(x, name, 32)
    expected_scales, expected_elements = formats.quantised(x, name, 32)
    check.equal(scales, expected_scales, who=f"{BLOCKS} for {name}, as scales,")
    check.equal(elements, expected_elements, who=f"{BLOCKS} for {name}, as elements,")


@pytest.mark.parametrize("name", formats.ELEMENTS)
def test_a_block_whose_largest_number_is_a_power_of_two(adapters, check, draw, name):
    x = draw.uniform(4, 16, low=-1.0, high=1.0, dtype=torch.float64)
    x[:, 3] = torch.tensor([1.0, -4.0, 0.25, 2.0**-30], dtype=torch.float64)
    x[3, 4:] *= 2.0**-31
    x[3, :3] *= 2.0**-31
    found, expected = adapters.run_quantise_blocks(x, name, 16), formats.quantised(x, name, 16)
    check.equal(found[0], expected[0], who=f"{BLOCKS} for {name}, as scales,")
    check.equal(found[1], expected[1], who=f"{BLOCKS} for {name}, as elements,")


@pytest.mark.parametrize("name", formats.ELEMENTS)
def test_elements_between_the_largest_number_and_the_next_power_saturate(adapters, check, draw, name):
    x = draw.uniform(2, 8, low=0.9, high=0.999, dtype=torch.float64) * 2.0 ** draw.integer(-5, 6)
    found, expected = adapters.run_quantise_blocks(x, name, 8), formats.quantised(x, name, 8)
    check.equal(found[1], expected[1], who=f"{BLOCKS} for {name}, as elements,")


@pytest.mark.parametrize("name", formats.ELEMENTS)
def test_a_block_of_zeros_has_scale_one(adapters, check, draw, name):
    x = torch.cat([torch.zeros(8, dtype=torch.float64), draw.normal(8, dtype=torch.float64)])
    scales, elements = adapters.run_quantise_blocks(x, name, 8)
    check.that(float(scales[0]) == 1, f"{BLOCKS} gave a block of zeros another scale; expected 1")
    check.equal(elements, formats.quantised(x, name, 8)[1], who=f"{BLOCKS} for {name}, as elements,")


def test_scales_stay_within_eight_bits(adapters, check, draw):
    x = draw.uniform(2, 4, low=1.0, high=1.5, dtype=torch.float64)
    x = x * torch.tensor([[2.0**-170], [2.0**150]], dtype=torch.float64)
    scales, elements = adapters.run_quantise_blocks(x, "float8_e4m3fn", 4)
    expected = formats.quantised(x, "float8_e4m3fn", 4)
    check.equal(scales, expected[0], who=f"{BLOCKS}, as scales of very small and very large blocks,")
    check.equal(elements, expected[1], who=f"{BLOCKS}, as elements of very small and very large blocks,")


@pytest.mark.parametrize("name", formats.ELEMENTS)
@pytest.mark.parametrize("block_size", [16, 64])
def test_the_error_of_a_tensor(adapters, check, draw, name, block_size):
    x = draw.normal(3, 64, dtype=torch.float64) * torch.exp2(draw.uniform(3, 64, low=-6, high=6))
    found = adapters.run_quantisation_error(x, name, block_size)
    check.close(found, formats.relative_error(x, name, block_size), rtol=1e-9, who=f"{ERROR} for {name}")
