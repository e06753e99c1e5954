"""The side that workers see: runs are claimed, reported on, finished, and taken back from those not heard of any more.

Each dispatch of an experiment is a run with a number of its own; a report about an older run is refused, so a worker
that was given up for lost can neither change what its successor does nor have anything charged twice.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assignment3_scaling.service import reports
from assignment3_scaling.service.budget import charge
from assignment3_scaling.service.clock import Clock
from assignment3_scaling.service.errors import Conflict, InvalidConfig, NotFound
from assignment3_scaling.service.fairness import Waiting, fair_order
from assignment3_scaling.service.schemas import parse
from assignment3_scaling.service.settings import Settings
from assignment3_scaling.service.store import Database
from assignment3_scaling.service.store.tables import Event, Experiment, Student

LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Job:
    """A run that was given to a worker. `seed` is that of its student."""

    experiment_id: int
    run_id: str
    seed: str
    training_config: dict[str, Any]


class Workers:
    """The dispatcher of one database."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database, self._settings, self._clock = database, settings, clock

    def claim(self, worker: str, at_most: int) -> list[Job]:
        """The next runs, in fair order, now running in `worker`'s name: committed before they are given out, so none
        is ever given out twice. Fewer, or none, where fewer wait or `max_concurrent_workers` are at work."""
        with self._database.writing() as session:
            self._database.alone(session)
            counts = select(Experiment.student_id, func.count()).where(Experiment.state == "running")
            running = {row[0]: row[1] for row in session.execute(counts.group_by(Experiment.student_id))}
            capacity = min(at_most, self._settings.max_concurrent_workers - sum(running.values()))
            if capacity <= 0:
                return []
            columns = (Experiment.student_id, Experiment.queued_at, Experiment.id)
            waiting = [Waiting(*row) for row in session.execute(select(*columns).where(Experiment.state == "queued"))]
            return [self._dispatch(session, one, worker) for one in fair_order(waiting, running)[:capacity]]

    def _dispatch(self, session: Session, one: Waiting, worker: str) -> Job:
        row = session.get_one(Experiment, one.experiment, with_for_update=True)
        row.state, row.run_id, row.worker = "running", uuid.uuid4().hex, worker
        row.attempts += 1
        row.dispatched_at = row.heard_at = self._clock()
        row.val_losses = []
        self.note(session, row, {"log_type": "dispatched", "run_id": row.run_id, "worker": worker})
        seed = session.get_one(Student, row.student_id).seed
        return Job(row.id, row.run_id, seed, row.training_config)

    def event(self, experiment_id: int, event: object) -> None:
        """A worker says something about its run, which shows that the worker is there.

        Raises:
            InvalidConfig: it is no event.
            NotFound: there is no such experiment.
            Conflict: it is not about the run that is going on; the worker should stop.
        """
        said = _parse_event(event)
        with self._database.writing() as session:
            row = self._lock(session, experiment_id)
            current = row.state == "running" and row.run_id == said.run_id
            if not isinstance(said, reports.RunHeartbeat):
                self.note(session, row, said.as_json())
            if current:
                self._apply(session, row, said)
        if not current:  # said after the transaction, which keeps the note
            raise Conflict("this run is not going on")

    def _apply(self, session: Session, row: Experiment, said: Any) -> None:
        row.heard_at = self._clock()
        if isinstance(said, reports.Preempted):
            row.attempts -= 0 if said.lost else 1  # a machine that takes its leave is no sign of a run that breaks it
            self._queue_again(session, row, "its worker was lost" if said.lost else "its worker gave it up")
        elif isinstance(said, reports.ValidationLoss):
            if said.evaluation == len(row.val_losses) < row.n_evals:
                row.val_losses = [*row.val_losses, said.val_loss]
            elif said.evaluation >= len(row.val_losses):
                message = f"evaluation {len(row.val_losses)} of {row.n_evals} comes next"
                raise InvalidConfig.of(("evaluation",), message)

    def finish(self, experiment_id: int, result: object) -> None:
        """A run has ended. The same report again changes nothing.

        Raises:
            InvalidConfig: it is no result, or has another number of losses than the config has evaluations.
            NotFound: there is no such experiment.
            Conflict: it is not about the run that is going on.
        """
        said = _parse_result(result)
        failed = isinstance(said, reports.Failed)
        with self._database.writing() as session:
            row = self._lock(session, experiment_id)
            if row.run_id == said.run_id and row.state in ("completed", "failed"):
                return
            if row.state != "running" or row.run_id != said.run_id:
                raise Conflict("this run is not going on")
            losses = said.reason.partial_val_losses if failed else said.val_losses
            if len(losses) > row.n_evals or (not failed and len(losses) != row.n_evals):
                message = f"got {len(losses)} losses; the config has {row.n_evals} evaluations"
                raise InvalidConfig.of(("val_losses",), message)
            row.val_losses = list(losses)
            row.used_runtime_seconds = said.used_runtime_seconds
            self._end(session, row, "failed" if failed else "completed", said.reason.as_json() if failed else None)
            self.note(session, row, {"log_type": "finished", **said.as_json()})

    def reconcile(self) -> list[int]:
        """Take back the runs of workers that were not heard of for too long; which experiments these were."""
        silent_since = self._clock() - timedelta(seconds=self._settings.lost_after_seconds)
        lost = (Experiment.state == "running", Experiment.heard_at < silent_since)
        with self._database.reading() as session:
            if session.scalar(select(Experiment.id).where(*lost).limit(1)) is None:
                return []
        with self._database.writing() as session:
            rows = session.scalars(select(Experiment).where(*lost).order_by(Experiment.id).with_for_update())
            return [self._queue_again(session, row, "its worker was lost") for row in rows.all()]

    def _queue_again(self, session: Session, row: Experiment, why: str) -> int:
        """Back into the queue, at the place it had; after `most_attempts` the run has failed."""
        self.note(session, row, {"log_type": "taken_back", "run_id": row.run_id, "worker": row.worker, "why": why})
        if row.attempts >= self._settings.most_attempts:
            row.used_runtime_seconds = 0.0
            failure = f"{why} {row.attempts} times"
            reason = {"reason": "unexpected", "partial_val_losses": row.val_losses, "failure": failure}
            self._end(session, row, "failed", reason)
        else:
            row.state = "queued"
            row.run_id = row.worker = row.dispatched_at = row.heard_at = None
        return row.id

    def _end(self, session: Session, row: Experiment, state: str, reason: dict[str, Any] | None) -> None:
        row.state, row.reason, row.ended_at = state, reason, self._clock()
        row.charge_seconds = charge(row.used_runtime_seconds or 0.0, row.max_runtime_seconds)

    def note(self, session: Session, row: Experiment, event: dict[str, Any]) -> None:
        """Enter into the log what has happened to an experiment."""
        session.add(Event(experiment_id=row.id, at=self._clock(), event=event))

    def _lock(self, session: Session, experiment_id: int) -> Experiment:
        known = 0 < experiment_id <= LARGEST_ID
        row = session.get(Experiment, experiment_id, with_for_update=True) if known else None
        if row is None:
            raise NotFound
        return row


def _parse_event(event: object) -> Any:
    try:
        return parse(reports.EventReport, {"event": event}).event
    except InvalidConfig as error:
        raise _without_wrapper(error) from None


def _parse_result(result: object) -> Any:
    try:
        return parse(reports.ResultReport, {"result": result}).result
    except InvalidConfig as error:
        raise _without_wrapper(error) from None


def _without_wrapper(error: InvalidConfig) -> InvalidConfig:
    """The same problems, with paths that begin in the body itself."""
    return InvalidConfig([{**problem, "loc": problem["loc"][1:]} for problem in error.problems])
