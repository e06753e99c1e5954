"""Floating-point formats from 32 bits down to 4: their limits, their spacing, rounding to them, and shared scales.

A format is a string: "float32", "tfloat32", "bfloat16", "float16", "float8_e5m2", "float8_e4m3fn" or "float4_e2m1".
Everything here is computed in float64, which holds every number of every one of them.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Format:
    """The positive numbers of a format: multiples of 2^(e - mantissa_bits) from 2^e to 2^(e + 1), e from `lowest`.

    Below 2^lowest the spacing stays what it is there. `overflow` is what rounding beyond `largest` gives; None where
    the format has nothing beyond it.
    """

    mantissa_bits: int
    lowest: int
    largest: float
    overflow: float | None = math.inf

    @property
    def highest(self) -> int:
        """The exponent of `largest`."""
        return math.frexp(self.largest)[1] - 1


def _ieee(exponent_bits: int, mantissa_bits: int) -> Format:
    """All ones in the exponent are kept for infinity and NaN, so it ends as far above 0 as it begins below 1."""
    highest = 2 ** (exponent_bits - 1) - 1
    return Format(mantissa_bits, 1 - highest, (2 - 2.0**-mantissa_bits) * 2.0**highest)


FORMATS = {
    "float32": _ieee(8, 23),
    "tfloat32": _ieee(8, 10),
    "bfloat16": _ieee(8, 7),
    "float16": _ieee(5, 10),
    "float8_e5m2": _ieee(5, 2),
    "float8_e4m3fn": Format(3, -6, 448.0, overflow=math.nan),  # its highest exponent lacks only the last number
    "float4_e2m1": Format(1, 0, 6.0, overflow=None),
}


def format_limits(name: str) -> dict[str, float]:
    """The positive limits of a format: "largest" (finite), "smallest_normal" and "smallest_subnormal"."""
    made = FORMATS[name]
    return {
        "largest": made.largest,
        "smallest_normal": 2.0**made.lowest,
        "smallest_subnormal": 2.0 ** (made.lowest - made.mantissa_bits),
    }


def spacing(x: float, name: str) -> float:
    """The distance between neighbours of the format at |x|, which is at most its largest number.

    In [2^e, 2^(e+1)) all neighbours are equally far apart, so at a power of two it is the distance to the next larger
    number. Below the smallest normal number it is the smallest subnormal one.
    """
    made = FORMATS[name]
    exponent = math.frexp(x)[1] - 1 if x else made.lowest
    return 2.0 ** (max(exponent, made.lowest) - made.mantissa_bits)


def round_to_format(x: Float[Tensor, "..."], name: str, saturate: bool = False) -> Float[Tensor, "..."]:
    """Each number of `x` (float64) rounded to the nearest number of the format, as float64.

    Halfway between two, the one whose last mantissa bit is 0 wins, in the subnormal range, too. Overflow is decided
    after rounding, as if the exponent had no end. What is then beyond the largest finite number becomes

    - with `saturate` the largest finite number, infinities included;
    - without, an infinity; in "float8_e4m3fn", which has none, NaN.

    "float4_e2m1" has neither and always saturates. Signs stay; NaN stays NaN (never given for "float4_e2m1").
    """
    made = FORMATS[name]
    exponents = torch.frexp(x).exponent - 1
    step = torch.exp2((exponents.clamp(min=made.lowest) - made.mantissa_bits).double())
    rounded = torch.round(x / step) * step  # torch.round takes ties to even
    limit = made.largest if saturate or made.overflow is None else made.overflow
    return torch.where(rounded.abs() > made.largest, torch.full_like(x, limit).copysign(x), rounded)


def quantise_blocks(
    x: Float[Tensor, "... n"], name: str, block_size: int
) -> tuple[Float[Tensor, "... blocks"], Float[Tensor, "... n"]]:
    """Cut the last dimension into blocks, give each a power of two as its scale, and round what is left.

    The scale of a block is 2^(floor(log2 a) - e), a the largest absolute value in the block and e the exponent of the
    format's largest number, with the power kept from -127 to 127 (8 bits hold it); that of a block of zeros is 1.
    The elements are x / scale, rounded to the format, saturating. `n` is a multiple of `block_size`; all is float64.

    Returns:
        The scales, and the elements before they are multiplied by them.
    """
    made = FORMATS[name]
    blocks = x.unflatten(-1, (-1, block_size))
    peaks = blocks.abs().amax(-1)
    powers = (torch.frexp(peaks).exponent - 1 - made.highest).clamp(-127, 127)
    scales = torch.where(peaks > 0, torch.exp2(powers.double()), 1.0)
    elements = round_to_format(blocks / scales.unsqueeze(-1), name, saturate=True)
    return scales, elements.flatten(-2)


def quantisation_error(x: Float[Tensor, "... n"], name: str, block_size: int) -> float:
    """How far `quantise_blocks` moves x, relative to x: the l2 norm of scale * element - x, over that of x."""
    scales, elements = quantise_blocks(x, name, block_size)
    restored = elements * scales.repeat_interleave(block_size, dim=-1)
    return float((restored - x).norm() / x.norm())
