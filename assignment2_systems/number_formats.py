"""Floating-point formats from 32 bits down to 4: their limits, their spacing, rounding to them, and shared scales.

A format is a string: "float32", "tfloat32", "bfloat16", "float16", "float8_e5m2", "float8_e4m3fn" or "float4_e2m1".
Everything here is computed in float64, which holds every number of every one of them.
"""

from jaxtyping import Float
from torch import Tensor


def format_limits(name: str) -> dict[str, float]:
    """The positive limits of a format: "largest" (finite), "smallest_normal" and "smallest_subnormal"."""
    raise NotImplementedError("number_formats: write format_limits in assignment2_systems/number_formats.py")


def spacing(x: float, name: str) -> float:
    """The distance between neighbours of the format at |x|, which is at most its largest number.

    In [2^e, 2^(e+1)) all neighbours are equally far apart, so at a power of two it is the distance to the next larger
    number. Below the smallest normal number it is the smallest subnormal one.
    """
    raise NotImplementedError("number_formats: write spacing in assignment2_systems/number_formats.py")


def round_to_format(x: Float[Tensor, "..."], name: str, saturate: bool = False) -> Float[Tensor, "..."]:
    """Each number of `x` (float64) rounded to the nearest number of the format, as float64.

    Halfway between two, the one whose last mantissa bit is 0 wins, in the subnormal range, too. Overflow is decided
    after rounding, as if the exponent had no end. What is then beyond the largest finite number becomes

    - with `saturate` the largest finite number, infinities included;
    - without, an infinity; in "float8_e4m3fn", which has none, NaN.

    "float4_e2m1" has neither and always saturates. Signs stay; NaN stays NaN (never given for "float4_e2m1").
    """
    raise NotImplementedError("number_formats: write round_to_format in assignment2_systems/number_formats.py")


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
    raise NotImplementedError("number_formats: write quantise_blocks in assignment2_systems/number_formats.py")


def quantisation_error(x: Float[Tensor, "... n"], name: str, block_size: int) -> float:
    """How far `quantise_blocks` moves x, relative to x: the l2 norm of scale * element - x, over that of x."""
    raise NotImplementedError("number_formats: write quantisation_error in assignment2_systems/number_formats.py")
