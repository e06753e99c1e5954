"""Adapters of the tiny assignment."""

from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from assignment0_tiny import maths


def run_double(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    return maths.double(x)


def get_counter() -> type:
    return maths.Counter


def run_read(path: str) -> str:
    return Path(path).read_text()
