"""A leaderboard's history as an SVG: the best verified score over time, a step where somebody beat it.

The numbers are laid out here; the template only draws them. Better is always further up.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from grader.leaderboard.track import Direction, Track
from grader.server.boards import Point

WIDTH, HEIGHT = 720.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 16.0, 16.0, 34.0
TICKS = 4
NARROWEST = timedelta(hours=1)
"""What the axis of time spans at least: a board that was just begun has a past, too."""


@dataclass(frozen=True)
class Mark:
    """A record: where it stands in the plot, and what it says."""

    x: float
    y: float
    score: float
    pseudonym: str
    at: datetime


@dataclass(frozen=True)
class Tick:
    """A label of an axis; `at` is its coordinate."""

    at: float
    words: str


@dataclass(frozen=True)
class Plot:
    """The whole plot. `line` is the `points` of a polyline through the records, `marks`; `others` was verified, too."""

    width: float
    height: float
    line: str
    marks: tuple[Mark, ...]
    others: tuple[Mark, ...]
    scores: tuple[Tick, ...]
    times: tuple[Tick, ...]
    floor: float | None


def history(track: Track, records: Sequence[Point], verified: Sequence[Point], now: datetime) -> Plot | None:
    """The plot of a track until now: `records` are those of the `verified` that were the best so far; None without any."""
    if not records:
        return None
    scores = [point.score for point in verified]
    low, high = min(scores), max(scores)
    room = 0.12 * (high - low) or 0.05 * abs(high) or 1.0
    low, high = low - room, high + room
    ticks = _round_numbers(low, high)
    last = _aware(now)
    first = min(last - NARROWEST, *(_aware(point.at) for point in verified))

    def x(at: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * ((_aware(at) - first) / (last - first)), 1)

    def y(score: float) -> float:
        share = (score - low) / (high - low)
        share = 1 - share if track.direction is Direction.LOWER else share
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)

    def mark(point: Point) -> Mark:
        return Mark(x(point.at), y(point.score), point.score, point.pseudonym, point.at)

    marks = tuple(map(mark, records))
    beaten = {point.entry for point in verified} - {point.entry for point in records}
    corners = [(marks[0].x, marks[0].y)]
    for record in marks[1:]:
        corners += [(record.x, corners[-1][1]), (record.x, record.y)]
    corners.append((x(last), corners[-1][1]))
    within = track.floor is not None and low <= track.floor <= high
    return Plot(
        width=WIDTH,
        height=HEIGHT,
        line=" ".join(f"{a:g},{b:g}" for a, b in corners),
        marks=marks,
        others=tuple(mark(point) for point in verified if point.entry in beaten),
        scores=tuple(Tick(y(tick), f"{tick:.6g}") for tick in ticks),
        times=_times(first, last, x(first), x(last)),
        floor=y(track.floor) if within and track.floor is not None else None,
    )


def _times(first: datetime, last: datetime, left: float, right: float) -> tuple[Tick, ...]:
    form = "%d %b" if last - first > timedelta(days=2) else "%d %b %H:%M"
    return (Tick(left, first.strftime(form)), Tick(right, last.strftime(form + (" UTC" if "%H" in form else ""))))


def _round_numbers(low: float, high: float) -> list[float]:
    """About `TICKS` round numbers that lie between, or on, the two."""
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step)
    return [round(number * step, 12) for number in range(first, math.floor(high / step) + 1)]


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
