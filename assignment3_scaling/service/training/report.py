"""What a campaign on the torch backend found, as a page, beside what is known and what counts as right."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass

from assignment3_scaling.service.training.laws import Law, Run

FLOOR_BAND, EXPONENT_BAND, BET_BAND = 0.1, (0.55, 0.8), 0.03
"""How far E may be from the known floor in nats, where the exponent of N_opt lies, and how far off a bet may be in nats.

Nobody plants exponents into models that are really trained. Theirs is the band in which both ways to fit lay for the sources and
widths that were tried when this backend was made.
"""


@dataclass(frozen=True)
class Report:
    """What a campaign found. Losses are in nats a token; `runs` and `optima` are by the FLOPs of their level."""

    student: int
    floor: float
    runs: dict[float, tuple[Run, ...]]
    optima: dict[float, float]
    size_exponent: float
    law: Law
    free_law: Law
    final: Run
    predicted_loss: float
    charged_seconds: float
    wall_seconds: float
    processor_seconds: float
    """Of the processes that trained; less than `wall_seconds` times the cores where others were at work, too."""

    def checks(self) -> list[tuple[str, str, str, bool]]:
        """What was measured, its value, what counts as right, and whether it is."""
        low, high = EXPONENT_BAND
        off = self.predicted_loss - self.final.loss
        exponents = {"parabolas": self.size_exponent, "the law with the known floor": self.law.size_exponent}
        exponents |= {"the law with a free floor": self.free_law.size_exponent}
        return [
            ("E of the fitted law", f"{self.free_law.E:.3f}", f"{self.floor:.3f} ± {FLOOR_BAND}",
             abs(self.free_law.E - self.floor) <= FLOOR_BAND),
            *((f"exponent of N_opt by {name}", f"{value:.3f}", f"{low} to {high}", low <= value <= high)
              for name, value in exponents.items()),
            ("predicted loss of the large run", f"{self.predicted_loss:.4f}", f"{self.final.loss:.4f} ± {BET_BAND}",
             abs(off) <= BET_BAND),
        ]  # fmt: skip

    def page(self) -> str:
        """The report in Markdown."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield from (
            "# A campaign that is really trained", "",
            "Written by `python -m assignment3_scaling.service.training.campaign --page benchmarks/scaling_torch.md`. Do not",
            "edit: run it again.", "",
            "Four isoFLOP levels of tiny transformers of assignment 1, two layers each, through the training API in process, on a",
            "source whose entropy is known; then a bet on a run of four times the FLOPs, which is trained, too. Losses are in nats",
            "a token. The entropy is planted, exponents are not: their band is where they lay for the sources that were tried.", "",
            "| measured | value | expected | |", "|---|---:|---:|---|",
        )  # fmt: skip
        for name, value, expected, holds in self.checks():
            yield f"| {name} | {value} | {expected} | {'holds' if holds else 'missed'} |"
        n, d = self.final.weights, self.final.tokens
        yield from (
            "", f"The law with the known floor: L = {self.law.E:.4f} + {self.law.A:.3g} / N^{self.law.alpha:.3f} + "
            f"{self.law.B:.3g} / D^{self.law.beta:.3f}. The large run: N = {n:,}, D = {d:,}.", "",
            "| level, FLOPs | N | D | loss | by the law | best N of the level |", "|---:|---:|---:|---:|---:|---:|",
        )  # fmt: skip
        for compute, runs in self.runs.items():
            for place, run in enumerate(runs):
                best = f"{self.optima[compute]:,.0f}" if place == 0 else ""
                fit = self.law.loss(run.weights, run.tokens)
                level = f"{compute:.0e}" if place == 0 else ""
                yield f"| {level} | {run.weights:,} | {run.tokens:,} | {run.loss:.4f} | {fit:.4f} | {best} |"
        yield from (
            "", f"{self.charged_seconds:.0f} s of the budget were charged for {sum(map(len, self.runs.values()))} runs, the large one "
            f"not counted. All took {self.wall_seconds:.0f} s by the clock and {self.processor_seconds:.0f} s of processors, with "
            f"{os.cpu_count()} cores ({platform.machine()}) and a load of {os.getloadavg()[0]:.1f} in the end; source of student "
            f"{self.student}.",
        )  # fmt: skip
