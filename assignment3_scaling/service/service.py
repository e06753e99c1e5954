"""The operations of the training API, on plain data and without a socket.

`service = Service.in_memory(backend, clock=ManualClock())`, then `student = service.add_student("heron").id`, then
`service.submit(student, config)`, `service.run_queued()`, `service.experiments(student)`. Refusals are `errors`.
"""

from typing import Any

from sqlalchemy import desc, select
from sqlalchemy.orm import Session

from assignment3_scaling.service import budget
from assignment3_scaling.service.backend import Backend
from assignment3_scaling.service.clock import Clock, system_clock
from assignment3_scaling.service.errors import (
    AlreadyExists,
    Closed,
    Conflict,
    InsufficientBudget,
    InvalidConfig,
    NotFound,
)
from assignment3_scaling.service.identity import content_id, digest
from assignment3_scaling.service.registry import Enrolled, Registry
from assignment3_scaling.service.runner import run_one
from assignment3_scaling.service.schemas import FinalSubmission, TrainingConfig, parse
from assignment3_scaling.service.settings import DEFAULTS, Settings
from assignment3_scaling.service.status import experiment_json, text
from assignment3_scaling.service.store import Database
from assignment3_scaling.service.store.tables import Bet, Experiment, Receipt, Student
from assignment3_scaling.service.workers import Workers

Json = dict[str, Any]
LARGEST_ID = 2**31 - 1
LONGEST_IDEMPOTENCY_KEY = 255


class Service:
    """One course's training API over one database. Its methods may be called from several threads, and several
    processes may have a `Service` over the same database.

    `registry` knows the students, `workers` gives out runs and takes reports. All operations raise Unavailable where
    the database does not answer; then nothing was done.
    """

    def __init__(
        self, address: str, backend: Backend, *, settings: Settings = DEFAULTS, clock: Clock = system_clock
    ) -> None:
        """`address` is `sqlite:///FILE`, `sqlite://` for one in memory, or `postgresql://USER:PASSWORD@HOST/DATABASE`.

        Raises:
            AddressError: it is none of these, or the database cannot be used.
        """
        self.backend, self.settings, self.clock = backend, settings, clock
        self.database = Database(address)
        self.registry = Registry(self.database, clock)
        self.workers = Workers(self.database, settings, clock)

    @classmethod
    def in_memory(cls, backend: Backend, *, settings: Settings = DEFAULTS, clock: Clock = system_clock) -> "Service":
        """A service whose database is gone when it is."""
        return cls("sqlite://", backend, settings=settings, clock=clock)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def add_student(self, name: str, *, seed: str | int | None = None) -> Enrolled:
        """A new student; see `Registry.add`."""
        return self.registry.add(name, seed=seed, digits=self.settings.public_client)

    def authenticate(self, key: str | None) -> int:
        """The student whose key this is, as the number that all operations below take. Raises Unauthorized."""
        return self.registry.authenticate(key)

    def submit(self, student: int, training_config: object, *, idempotency_key: str | None = None) -> Json:
        """Queue a run: `{"experiment_id", "budget_summary"}`. The same `idempotency_key` again with the same config
        gives the same experiment, and costs nothing.

        Raises, in this order:
            InvalidConfig: the config breaks a rule.
            Conflict: the idempotency key was used for another config.
            AlreadyExists: the same experiment is there, and has not failed.
            InsufficientBudget: the longest it may take is more than what is left.
        """
        config = parse(TrainingConfig, training_config, self.backend.limits)
        request = digest(config.as_json())
        if idempotency_key is not None:
            _check_idempotency_key(idempotency_key)
        with self.database.writing() as session:
            self._lock(session, student)
            if idempotency_key is not None:
                receipt = session.get(Receipt, (student, idempotency_key))
                if receipt is not None and receipt.request != request:
                    raise Conflict("this Idempotency-Key was used for another training config")
                if receipt is not None:
                    return {"experiment_id": receipt.experiment_id, "budget_summary": self._summary(session, student)}
            experiment = self._queue(session, student, config)
            if idempotency_key is not None:
                session.add(Receipt(student_id=student, key=idempotency_key, request=request, experiment_id=experiment))
            return {"experiment_id": experiment, "budget_summary": self._summary(session, student)}

    def _queue(self, session: Session, student: int, config: TrainingConfig) -> int:
        content = content_id(config)
        same = (Experiment.student_id == student, Experiment.content_id == content, Experiment.state != "failed")
        existing = session.scalar(select(Experiment.id).where(*same))
        if existing is not None:
            raise AlreadyExists(existing)
        summary = self._summary(session, student)
        if config.max_runtime_seconds > summary["remaining_seconds"]:
            raise InsufficientBudget(summary)
        row = Experiment(
            student_id=student,
            content_id=content,
            training_config=config.as_json(),
            n_evals=config.n_evals,
            max_runtime_seconds=config.max_runtime_seconds,
            charge_seconds=config.max_runtime_seconds,
            state="queued",
            queued_at=self.clock(),
        )
        session.add(row)
        session.flush()
        self.workers.note(session, row, {"log_type": "queued"})
        return row.id

    def budget(self, student: int) -> Json:
        """`{"used_seconds", "remaining_seconds", "total_budget_seconds"}`."""
        with self.database.reading() as session:
            return self._summary(session, student)

    def experiments(self, student: int) -> list[Json]:
        """All of the student's experiments, the newest first: `{"experiment_id", "training_config", "status"}` each."""
        mine = select(Experiment).where(Experiment.student_id == student)
        with self.database.reading() as session:
            rows = session.scalars(mine.order_by(desc(Experiment.queued_at), desc(Experiment.id)))
            return [experiment_json(row, public_client=self.settings.public_client) for row in rows]

    def experiment(self, student: int, experiment_id: int) -> Json:
        """One experiment.

        Raises:
            NotFound: there is none of this number, or it is another student's.
        """
        with self.database.reading() as session:
            row = session.get(Experiment, experiment_id) if 0 < experiment_id <= LARGEST_ID else None
            if row is None or row.student_id != student:
                raise NotFound
            return experiment_json(row, public_client=self.settings.public_client)

    def submit_final(self, student: int, submission: object) -> Json:
        """Take or replace the bet: `{"training_config", "predicted_final_loss", "prediction_interval"?}`, to which the
        answer adds `submitted_at`. It costs nothing; `max_runtime_seconds` may be as long as the final run.

        Raises, in this order:
            InvalidConfig: it breaks a rule, or its run would not be completed in the time of the final run.
            Closed: the deadline is over.
        """
        limits = self.backend.limits
        bet = parse(FinalSubmission, submission, limits, final=True)
        config = bet.training_config
        if self.settings.public_client:  # which cannot say that a run takes longer than 12 hours
            config = config.model_copy(update={"max_runtime_seconds": limits.final_runtime_seconds})
        problem = self.backend.infeasible(config, limits.final_runtime_seconds)
        if problem is not None:
            raise InvalidConfig.of(("training_config",), problem, "infeasible")
        now = self.clock()
        with self.database.writing() as session:
            deadline = self._lock(session, student).deadline or self.settings.final_deadline
            if deadline is not None and now > deadline:
                raise Closed(f"final submissions closed at {text(deadline)}")
            session.merge(Bet(student_id=student, submission=bet.as_json(), submitted_at=now))
        return {**bet.as_json(), "submitted_at": text(now)}

    def final_submission(self, student: int) -> Json | None:
        """The bet that stands."""
        with self.database.reading() as session:
            row = session.get(Bet, student)
            return {**row.submission, "submitted_at": text(row.submitted_at)} if row else None

    def run_queued(self) -> int:
        """Dispatch and run everything that is queued, in this thread, until nothing is; how many runs that were."""
        count = 0
        while jobs := self.workers.claim("in process", 1):
            run_one(self.backend, jobs[0], self.workers)
            count += 1
        return count

    def _lock(self, session: Session, student: int) -> Student:
        """The student's row, which nobody else gets for writing before the end of the transaction."""
        row = session.get(Student, student, with_for_update=True)
        if row is None:
            raise NotFound
        return row

    def _summary(self, session: Session, student: int) -> dict[str, float]:
        return budget.summary(budget.used_seconds(session, student), self.backend.limits.total_budget_seconds)


def _check_idempotency_key(key: str) -> None:
    if not (0 < len(key) <= LONGEST_IDEMPOTENCY_KEY and key.isascii() and key.isprintable()):
        message = f"Idempotency-Key must have 1 to {LONGEST_IDEMPOTENCY_KEY} printable ASCII characters"
        raise InvalidConfig.of(("Idempotency-Key",), message)
