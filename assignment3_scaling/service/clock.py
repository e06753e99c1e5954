"""The time of day as the service sees it: a function, so that tests and campaigns in one process may have their own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        """The moment at which it stands."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Go on by some seconds."""
        self.now += timedelta(seconds=seconds)
