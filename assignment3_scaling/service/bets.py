"""All final submissions that stand, as an instructor grades them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from assignment3_scaling.service.budget import used_seconds
from assignment3_scaling.service.store import Database
from assignment3_scaling.service.store.tables import Bet, Student


@dataclass(frozen=True)
class Standing:
    """One student's bet. The losses are in nats a token, the interval is theirs for 80 %, where they gave one."""

    student: str
    submitted_at: str
    used_seconds: float
    predicted_final_loss: float
    prediction_interval: dict[str, float] | None
    training_config: dict[str, Any]


def standing(database: Database) -> list[Standing]:
    """The bets, by the students' names."""
    with database.reading() as session:
        rows = session.execute(select(Student, Bet).join(Bet, Bet.student_id == Student.id).order_by(Student.name))
        return [
            Standing(
                student=student.name,
                submitted_at=bet.submitted_at.isoformat(),
                used_seconds=used_seconds(session, student.id),
                predicted_final_loss=bet.submission["predicted_final_loss"],
                prediction_interval=bet.submission.get("prediction_interval"),
                training_config=bet.submission["training_config"],
            )
            for student, bet in rows.all()
        ]
