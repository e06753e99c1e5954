"""What a student has used: every experiment takes its charge, a waiting or running one the most that it may use."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assignment3_scaling.service.store.tables import Experiment

DIGITS = 6
"""Decimal places of seconds that are kept, so that sums of tenths do not stray over the edge of a budget."""
LEAST_CHARGE_SECONDS = 1.0


def charge(used_runtime_seconds: float, max_runtime_seconds: float) -> float:
    """What a run that has ended takes: what it used, at least a second, and no more than it was allowed to."""
    return min(max(LEAST_CHARGE_SECONDS, used_runtime_seconds), max_runtime_seconds)


def used_seconds(session: Session, student: int) -> float:
    """The sum of the charges of all experiments of a student."""
    charges = select(func.sum(Experiment.charge_seconds)).where(Experiment.student_id == student)
    return round(session.scalar(charges) or 0.0, DIGITS)


def summary(used: float, total: float) -> dict[str, float]:
    """The JSON of a budget."""
    return {
        "used_seconds": used,
        "remaining_seconds": round(total - used, DIGITS),
        "total_budget_seconds": total,
    }
