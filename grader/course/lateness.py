"""How late an attempt is, and what that costs: whole numbers of late days, and of units that they do not cover."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from grader.course.policy import Late

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Lateness:
    """`by` is how long after due something came, 0 within the grace; `accepted` whether before the cut-off."""

    by: timedelta
    accepted: bool

    @property
    def hours(self) -> float:
        """The same in hours."""
        return self.by / timedelta(hours=1)

    @property
    def days(self) -> int:
        """Late days that would cover it wholly."""
        return -(-self.by // DAY)

    def units(self, late: Late, days: int) -> int:
        """Units of the penalty, each begun one counted, that `days` late days leave uncovered."""
        left = max(timedelta(0), self.by - days * DAY)
        return -(-left // late.step)


def lateness(submitted: datetime, due: datetime | None, late: Late, zone: tzinfo) -> Lateness:
    """How late `submitted` is. Both are compared as instants: a day is 24 hours, also when the clocks change."""
    if due is None:
        return Lateness(timedelta(0), True)
    by = max(timedelta(0), instant(submitted, zone) - instant(due, zone))
    if by <= timedelta(minutes=late.grace_minutes):
        return Lateness(timedelta(0), True)
    return Lateness(by, late.cutoff_days is None or by <= timedelta(days=late.cutoff_days))


def instant(moment: datetime, zone: tzinfo) -> datetime:
    """`moment` in UTC; one without an offset is in `zone`, one beyond the calendar at its end."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)
