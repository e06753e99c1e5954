"""The operations of the training API, on plain data and without a socket.

`service = Service.in_memory(backend, clock=ManualClock())`, then `student = service.add_student("heron").id`, then
`service.submit(student, config)`, `service.run_queued()`, `service.experiments(student)`. Refusals are `errors`.
"""

from typing import Any

from assignment3_scaling.service.backend import Backend
from assignment3_scaling.service.clock import Clock, system_clock
from assignment3_scaling.service.settings import DEFAULTS, Settings

Json = dict[str, Any]


class Service:
    """One course's training API over one database. Its methods may be called from several threads, and several
    processes may have a `Service` over the same database."""

    def __init__(
        self,
        address: str,
        backend: Backend,
        *,
        settings: Settings = DEFAULTS,
        clock: Clock = system_clock,
    ) -> None:
        """`address` is `sqlite:///FILE`, `sqlite://` for one in memory, or `postgresql://USER:PASSWORD@HOST/DATABASE`."""
        raise NotImplementedError

    @classmethod
    def in_memory(cls, backend: Backend, *, settings: Settings = DEFAULTS, clock: Clock = system_clock) -> "Service":
        """A service whose database is gone when it is."""
        return cls("sqlite://", backend, settings=settings, clock=clock)

    # What students ask for. `student` is the number that `authenticate` or `add_student` gave.

    def authenticate(self, key: str | None) -> int:
        """The student whose key this is. Raises Unauthorized."""
        raise NotImplementedError

    def submit(self, student: int, training_config: object, *, idempotency_key: str | None = None) -> Json:
        """`{"experiment_id", "budget_summary"}`. Raises InvalidConfig, AlreadyExists, InsufficientBudget, in this order."""
        raise NotImplementedError

    def budget(self, student: int) -> Json:
        """`{"used_seconds", "remaining_seconds", "total_budget_seconds"}`."""
        raise NotImplementedError

    def experiments(self, student: int) -> list[Json]:
        """All of the student's experiments, the newest first: `{"experiment_id", "training_config", "status"}` each."""
        raise NotImplementedError

    def experiment(self, student: int, experiment_id: int) -> Json:
        """One experiment. Raises NotFound, for another student's, too."""
        raise NotImplementedError

    def submit_final(self, student: int, submission: object) -> Json:
        """Take or replace the bet `{"training_config", "predicted_final_loss", "prediction_interval"?}`; adds `submitted_at`."""
        raise NotImplementedError

    def final_submission(self, student: int) -> Json | None:
        """The bet that stands."""
        raise NotImplementedError

    # What is done in the same process where no dispatcher runs.

    def run_queued(self) -> int:
        """Dispatch and run everything that is queued, in this thread, until nothing is; how many runs that were."""
        raise NotImplementedError
