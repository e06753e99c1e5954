"""Progress on the terminal: a bar, counts by state, the time that is left."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from grader.cli.console import ERRORS
from grader.scoring import HandinScore


def state(score: HandinScore, kept: bool) -> str:
    """One word for how a hand-in went."""
    if kept:
        return "kept"
    return "refused" if score.refused else "pending" if score.provisional else "graded"


class Seen:
    """Counts hand-ins as they come."""

    def __init__(self, bar: Progress, description: str, total: int) -> None:
        self._bar = bar
        self._task = bar.add_task(description, total=total, states="")
        self._states: Counter[str] = Counter()

    def one(self, name: str, how: str) -> None:
        """Count one more hand-in that went `how`."""
        self._states[how] += 1
        states = ", ".join(f"{count} {each}" for each, count in sorted(self._states.items()))
        self._bar.update(self._task, advance=1, description=name[:30], states=states)


@contextmanager
def shown(description: str, total: int, *, silent: bool) -> Iterator[Seen]:
    """Shows progress on a terminal, nothing elsewhere."""
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[states]}"), TimeRemainingColumn(),
        console=ERRORS, transient=True, disable=silent or not ERRORS.is_terminal,
    ) as bar:  # fmt: skip
        yield Seen(bar, description, total)
