"""Floating-point formats by their codes, in exact fractions: the expected values of the tests.

A positive number is a code: exponent bits, then mantissa bits. Codes count the numbers in order, so the nearest number
is found by bisection, and the last bit of a code says whether it is even. No worker ever sees this file.
"""

import math
from fractions import Fraction
from typing import NamedTuple

import torch


class Codes(NamedTuple):
    """The layout of a format, and the code of its largest finite number."""

    exponent_bits: int
    mantissa_bits: int
    last: int
    beyond: float | None = math.inf

    def number(self, code: int) -> Fraction:
        """What a code stands for, if the exponent field had no end."""
        exponent, mantissa = divmod(code, 2**self.mantissa_bits)
        bias = 2 ** (self.exponent_bits - 1) - 1
        if exponent == 0:
            return Fraction(mantissa) * Fraction(2) ** (1 - bias - self.mantissa_bits)
        return Fraction(2**self.mantissa_bits + mantissa) * Fraction(2) ** (exponent - bias - self.mantissa_bits)

    def below(self, x: Fraction) -> int:
        """The code of the largest number that is at most x, which is not negative."""
        low, high = 0, (2**self.exponent_bits + 1200) * 2**self.mantissa_bits
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.number(middle) <= x else (low, middle)
        return low

    def nearest(self, x: Fraction) -> int:
        """The code of the number nearest to x, the even one of two."""
        code = self.below(x)
        down, up = x - self.number(code), self.number(code + 1) - x
        return code + (up < down or (up == down and code % 2 == 1))


def _with_infinity(exponent_bits: int, mantissa_bits: int) -> Codes:
    return Codes(exponent_bits, mantissa_bits, (2**exponent_bits - 1) * 2**mantissa_bits - 1)


FORMATS = {
    "float32": _with_infinity(8, 23),
    "tfloat32": _with_infinity(8, 10),
    "bfloat16": _with_infinity(8, 7),
    "float16": _with_infinity(5, 10),
    "float8_e5m2": _with_infinity(5, 2),
    "float8_e4m3fn": Codes(4, 3, 0b1111_110, math.nan),
    "float4_e2m1": Codes(2, 1, 0b11_1, None),
}
WIDER = {**FORMATS, "float64": _with_infinity(11, 52)}
ELEMENTS = ("float8_e5m2", "float8_e4m3fn", "float4_e2m1")


def limits(name: str) -> dict[str, float]:
    codes = FORMATS[name]
    return {
        "largest": float(codes.number(codes.last)),
        "smallest_normal": float(codes.number(2**codes.mantissa_bits)),
        "smallest_subnormal": float(codes.number(1)),
    }


def spacing(x: float, name: str) -> float:
    codes = FORMATS[name]
    code = codes.below(Fraction(abs(x)))
    return float(codes.number(code + 1) - codes.number(code))


def rounded(x: float, name: str, saturate: bool = False) -> float:
    codes = WIDER[name]
    if math.isnan(x):
        return x
    code = codes.last + 1 if math.isinf(x) else codes.nearest(Fraction(abs(x)))
    if code > codes.last:
        limit = float(codes.number(codes.last)) if saturate or codes.beyond is None else codes.beyond
    else:
        limit = float(codes.number(code))
    return math.copysign(limit, x)


def rounded_all(x: torch.Tensor, name: str, saturate: bool = False) -> torch.Tensor:
    flat = [rounded(value, name, saturate) for value in x.flatten().tolist()]
    return torch.tensor(flat, dtype=torch.float64).reshape(x.shape)


def quantised(x: torch.Tensor, name: str, block_size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Scales and elements, block by block."""
    codes = FORMATS[name]
    highest = codes.last // 2**codes.mantissa_bits - (2 ** (codes.exponent_bits - 1) - 1)
    scales, elements = [], []
    for row in x.reshape(-1, x.shape[-1]).tolist():
        for start in range(0, len(row), block_size):
            block = row[start : start + block_size]
            peak = Fraction(max(map(abs, block)))
            power = 0
            if peak:
                while Fraction(2) ** (power + 1) <= peak:
                    power += 1
                while Fraction(2) ** power > peak:
                    power -= 1
                power = min(max(power - highest, -127), 127)
            scales.append(2.0**power)
            elements += [rounded(value / 2.0**power, name, saturate=True) for value in block]
    shape = (*x.shape[:-1], x.shape[-1] // block_size)
    made = torch.tensor(scales, dtype=torch.float64), torch.tensor(elements, dtype=torch.float64)
    return made[0].reshape(shape), made[1].reshape(x.shape)


def relative_error(x: torch.Tensor, name: str, block_size: int) -> float:
    scales, elements = quantised(x, name, block_size)
    moved = elements.unflatten(-1, (-1, block_size)) * scales.unsqueeze(-1) - x.unflatten(-1, (-1, block_size))
    return math.sqrt(float(moved.square().sum()) / float(x.square().sum()))


def accumulated(count: int, term: float, accumulator: str, addend: str, cast_first: bool) -> float:
    """The sum, every rounding done exactly: one of the term, one or two of each sum."""
    term = rounded(term, addend)
    if cast_first:
        term = rounded(term, accumulator)
        addend = accumulator
    between = wider(accumulator, addend)
    total = 0.0
    for _ in range(count):
        exact = Fraction(total) + Fraction(term)
        total = rounded(rounded_fraction(exact, between), accumulator)
    return total


def wider(one: str, other: str) -> str:
    """The dtype in which PyTorch adds the two."""
    if {one, other} == {"float16", "bfloat16"}:
        return "float32"
    return max(one, other, key=lambda name: WIDER[name].exponent_bits + WIDER[name].mantissa_bits)


def rounded_fraction(x: Fraction, name: str) -> float:
    codes = WIDER[name]
    return math.copysign(float(codes.number(codes.nearest(abs(x)))), x)
