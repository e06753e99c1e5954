"""Axes for the figures of this assignment: logarithmic or plain, with ticks and labels, on a canvas."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from staff.figures.canvas import Canvas, Point


@dataclass(frozen=True)
class Axes:
    """A rectangle of the canvas, in pixels, and the values at its edges."""

    left: float
    right: float
    top: float
    bottom: float
    x: tuple[float, float]
    y: tuple[float, float]
    log_x: bool = True
    log_y: bool = False

    def place(self, x: float, y: float) -> Point:
        """Where on the canvas a pair of values lies."""
        across, up = _share(x, *self.x, self.log_x), _share(y, *self.y, self.log_y)
        return self.left + across * (self.right - self.left), self.bottom - up * (self.bottom - self.top)

    def draw(self, canvas: Canvas, xs: Iterable[float], ys: Iterable[float], xlabel: str, ylabel: str) -> None:
        """The frame, a rule at each tick, and what the axes stand for."""
        for value in xs:
            x, _ = self.place(value, self.y[0])
            canvas.line([(x, self.top), (x, self.bottom)], colour="rule", width=0.8)
            canvas.label(x, self.bottom + 16, _text(value), size=12, colour="muted")
        for value in ys:
            _, y = self.place(self.x[0], value)
            canvas.line([(self.left, y), (self.right, y)], colour="rule", width=0.8)
            canvas.label(self.left - 10, y, _text(value), size=12, colour="muted", anchor="end")
        canvas.line([(self.left, self.top), (self.left, self.bottom), (self.right, self.bottom)], width=1.2)
        canvas.label((self.left + self.right) / 2, self.bottom + 40, xlabel, size=13)
        canvas.label(self.left - 50, self.top - 20, ylabel, size=13, anchor="start")


def _share(value: float, low: float, high: float, log: bool) -> float:
    if log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def _text(value: float) -> str:
    return f"{value:g}" if 0.01 <= value < 10_000 else f"1e{round(math.log10(value))}"
