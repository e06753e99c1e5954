"""Scored hand-ins out of the gradebook, held as long as they stand: a class's outcomes are too long to read for each page.

The gradebook lies in the server's own database. Whoever regrades from the command line changes what is shown here.
"""

import threading
from collections.abc import Mapping
from pathlib import Path

from grader import assignment as assignments
from grader import course as courses
from grader import scoring
from grader.assignment import Assignment
from grader.course import Visibility
from grader.export import folder
from grader.export.folder import Handin
from grader.gradebook import Gradebook, Standing
from grader.report import slim
from grader.report.document import of_handin
from grader.scoring import HandinScore


class Scores:
    """The scores of one server's hand-ins."""

    def __init__(self, root: Path, book: Gradebook) -> None:
        self._root, self._book = root, book
        self._held: dict[tuple[str, str], tuple[object, HandinScore]] = {}
        self._courses: dict[str, tuple[int, Assignment]] = {}
        self._lock = threading.Lock()

    def course(self, assignment: str) -> Assignment:
        """The assignment as its TOML is now."""
        changed = (self._root / assignment / "assignment.toml").stat().st_mtime_ns
        with self._lock:
            held = self._courses.get(assignment)
            if held is None or held[0] != changed:
                held = self._courses[assignment] = (changed, assignments.load(self._root, assignment))
            return held[1]

    def visibility(self) -> Visibility:
        """What students may see of hidden tests."""
        return courses.load(self._root).visibility

    def standings(self, assignment: str) -> Mapping[str, Standing]:
        """The grades of an assignment by the name of the hand-in."""
        return self._book.standings(assignment)

    def slim(self, assignment: str, name: str, standing: Standing) -> HandinScore | None:
        """The score of a hand-in without its longer messages. Points are given anew where the TOML has changed."""
        course = self.course(assignment)
        made_of = (standing.run, self._courses[assignment][0])
        with self._lock:
            held = self._held.get((assignment, name))
        if held is not None and held[0] == made_of:
            return held[1]
        entry = self._book.entry(assignment, name)
        if entry is None:
            return None
        score = slim(scoring.score(entry.outcome, course))
        with self._lock:
            self._held[assignment, name] = (made_of, score)
        return score

    def whole(self, assignment: str, name: str) -> HandinScore | None:
        """The score of a hand-in with all there is."""
        entry = self._book.entry(assignment, name)
        return None if entry is None else scoring.score(entry.outcome, self.course(assignment))

    def report(self, assignment: str, name: str) -> Handin | None:
        """The report of a hand-in, for staff."""
        score = self.whole(assignment, name)
        return None if score is None else folder.of(of_handin(score), name)

    def proposed(self, assignment: str, name: str) -> HandinScore | None:
        """What a hand-in would score if what `grader regrade` proposes, and the TOML as it is now, were applied."""
        entry = self._book.entry(assignment, name)
        if entry is None:
            return None
        return scoring.score(entry.proposed or entry.outcome, self.course(assignment))
