"""What a worker tells of a hand-in beside its answers: what the guard saw, and what staff should know (`grader.integrity`).

All of it comes from where student code runs, so there is a most of everything, and none of it can raise a score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader import integrity
from grader.errors import WireError
from grader.integrity import Notice

MAX_EVENTS = 200
MAX_NOTES = 200  # between two replies; a worker that has more to tell is not answering


@dataclass(frozen=True)
class Event:
    """Something the run-time guard saw: a forbidden operator, at a line of the hand-in."""

    problem: str
    rule: str
    file: str
    line: int


class Observed:
    """What was seen of one hand-in, over all its tests."""

    def __init__(self) -> None:
        self.events: set[Event] = set()
        self.notices: dict[Notice, int] = {}
        self._in_this_test: set[Notice] = set()

    def test_begins(self) -> None:
        """A notice counts once a test."""
        self._in_this_test.clear()

    def take_events(self, problem: str, events: Any) -> None:
        """Take what the guard saw in a test of `problem`."""
        if not isinstance(events, list):
            return
        for event in events[:MAX_EVENTS]:
            if (
                isinstance(event, list | tuple)
                and len(event) == 3
                and isinstance(event[2], int)
                and len(self.events) < MAX_EVENTS
            ):
                self.events.add(Event(problem, str(event[0])[:200], str(event[1])[:200], event[2]))

    def take_note(self, note: Any, count: int) -> None:
        """Take a note that a worker sent between replies, the `count`-th.

        Raises:
            WireError: it is none, or one too many.
        """
        notice = integrity.told(note)
        if notice is None or count > MAX_NOTES:
            raise WireError("it sent what is neither a reply nor a note, or notes without end")
        if notice in self.notices or len(self.notices) < integrity.MOST_NOTICES:
            self.notice(notice)

    def take_leavings(self, reply: Mapping[Any, Any]) -> None:
        """Take what the first process says about a test's end."""
        strays = reply.get("strays")
        if type(strays) is int and strays > 0:
            self.notice(Notice("left-behind"))
        if reply.get("clean") is False:
            self.notice(Notice("leftovers"))

    def notice(self, notice: Notice) -> None:
        """Count a notice once a test."""
        if notice not in self._in_this_test:
            self._in_this_test.add(notice)
            self.notices[notice] = self.notices.get(notice, 0) + 1
