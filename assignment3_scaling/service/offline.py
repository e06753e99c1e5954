"""The loss function that the course of 2024 and 2025 gave out: a point in, a loss out, paid for in FLOPs.

A point that was paid for once is free; all points of a student together cost at most 2e18 FLOPs.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from assignment3_scaling.service.errors import ServiceError
from assignment3_scaling.service.identity import digest
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.store.tables import Query, Student

Json = dict[str, Any]
BUDGET_FLOPS = 2e18
RANGES = {"d_model": (64, 1024), "num_layers": (2, 24), "num_heads": (2, 16), "learning_rate": (1e-4, 1e-3)}
CHOICES: dict[str, tuple[float, ...]] = {
    "batch_size": (128, 256),
    "train_flops": (
        1e13, 3e13, 6e13, 1e14, 3e14, 6e14, 1e15, 3e15, 6e15, 1e16, 3e16, 6e16, 1e17, 3e17, 6e17, 1e18,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One training run of that course."""

    d_model: int
    num_layers: int
    num_heads: int
    batch_size: int
    learning_rate: float
    train_flops: float


LossFunction = Callable[[Point, str], float]
"""The loss at a point for the student of a seed."""


class OutOfRange(ServiceError):
    """A number that the loss function is not defined for; in that course, a 404."""

    status: ClassVar[int] = 404


class NothingAsked(ServiceError):
    """No point was paid for yet."""

    status: ClassVar[int] = 422


class FlopsSpent(ServiceError):
    """The point costs more than what is left."""

    status: ClassVar[int] = 400


class Offline:
    """The loss function of every student of a service."""

    def __init__(self, service: Service, loss_function: LossFunction) -> None:
        self._service, self._loss_function = service, loss_function

    def loss(self, student: int, numbers: Mapping[str, float]) -> Json:
        """`{"loss", "total_flops_used"}` of a point.

        Raises, in this order:
            OutOfRange: a number is not one that the function is defined for.
            FlopsSpent: the budget does not suffice.
        """
        point = _point(numbers)
        content = digest(asdict(point))
        with self._service.database.writing() as session:
            row = session.get_one(Student, student, with_for_update=True)
            same = (Query.student_id == student, Query.content_id == content)
            known = session.scalar(select(Query).where(*same))
            used = _used(session, student)
            if known is not None:
                return {"loss": known.loss, "total_flops_used": used}
            if used + point.train_flops > BUDGET_FLOPS * (1 + 1e-9):  # 2e18 is no sum of powers of two
                left = BUDGET_FLOPS - used
                raise FlopsSpent(f"this run costs {point.train_flops:g} FLOPs; of {BUDGET_FLOPS:g}, {left:g} are left")
            loss = self._loss_function(point, row.seed)
            query = Query(
                student_id=student, content_id=content, point=asdict(point), loss=loss, asked_at=self._service.clock()
            )
            session.add(query)
            return {"loss": loss, "total_flops_used": used + point.train_flops}

    def total_flops_used(self, student: int) -> float:
        """The sum over all points. Raises NothingAsked."""
        with self._service.database.reading() as session:
            used = _used(session, student)
        if not used:
            raise NothingAsked("no run has been asked for with this key yet")
        return used

    def previous_runs(self, student: int) -> list[Json]:
        """All points with their losses, in the order in which they were asked for."""
        asked = select(Query).where(Query.student_id == student).order_by(Query.id)
        with self._service.database.reading() as session:
            return [{**row.point, "loss": row.loss} for row in session.scalars(asked)]


def _used(session: Session, student: int) -> float:
    points = session.scalars(select(Query.point).where(Query.student_id == student))
    return float(sum(point["train_flops"] for point in points))


def _point(numbers: Mapping[str, float]) -> Point:
    for name, (low, high) in RANGES.items():
        if not low <= numbers[name] <= high:
            raise OutOfRange(f"{name} must be in range [{low:g}, {high:g}], got {numbers[name]:g}")
    for name, choices in CHOICES.items():
        if numbers[name] not in choices:
            listed = ", ".join(f"{choice:g}" for choice in choices)
            raise OutOfRange(f"{name} must be one of {listed}, got {numbers[name]:g}")
    whole = {name: int(numbers[name]) for name in ("d_model", "num_layers", "num_heads", "batch_size")}
    return Point(**whole, learning_rate=float(numbers["learning_rate"]), train_flops=float(numbers["train_flops"]))
