"""What was measured, and the Markdown table of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

PASSES = {"forward": 1.0, "forward and backward": 3.5}
"""How many times the FLOP of a forward pass each takes: the backward pass has five matrix products for the two."""

HEAD = (
    "| dtype | d | length | pass | Triton, ms | TFLOP/s | peer | peer, ms | peer, TFLOP/s | Triton : peer | naive, ms | Triton : naive |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True)
class Row:
    """The medians of one case in milliseconds; None where the GPU's memory did not suffice."""

    dtype: str
    d: int
    length: int
    heads: int
    what: str
    triton: float | None
    peer: str
    peer_time: float | None
    naive: float | None

    def flops(self) -> float:
        """Of a causal pass: half of the products of all scores. The naive version computes both halves."""
        return PASSES[self.what] * 4 * self.heads * self.length**2 * self.d / 2

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def table(rows: Sequence[Row]) -> str:
    """One line a row. A ratio is a time over another: less than 1 means that Triton is faster."""
    return "\n".join([*HEAD, *map(_line, rows)]) + "\n"


def _line(row: Row) -> str:
    cells = [
        row.dtype,
        str(row.d),
        f"{row.length:,}",
        row.what,
        _number(row.triton, ".3f"),
        _speed(row, row.triton),
        row.peer,
        _number(row.peer_time, ".3f"),
        _speed(row, row.peer_time),
        _ratio(row.triton, row.peer_time),
        _number(row.naive, ".3f"),
        _ratio(row.triton, row.naive),
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _speed(row: Row, milliseconds: float | None) -> str:
    return _number(None if milliseconds is None else row.flops() / milliseconds / 1e9, ".1f")


def _ratio(ours: float | None, theirs: float | None) -> str:
    return _number(None if ours is None or theirs is None else ours / theirs, ".2f")
