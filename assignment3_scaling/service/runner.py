"""Running what is queued: claims runs, has a backend train them in threads, says that they are alive, and reports.

The same code works in the server itself and on another machine: what it reports to, its office, is either the
service's `Workers` or the internal routes of a server far away.
"""

import itertools
import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Protocol

from assignment3_scaling.service.backend import Backend, Preempted
from assignment3_scaling.service.errors import Conflict, InvalidConfig, NotFound, ServiceError, Unavailable
from assignment3_scaling.service.reports import result_of, unexpected
from assignment3_scaling.service.schemas import TrainingConfig, parse
from assignment3_scaling.service.workers import Job

log = logging.getLogger(__name__)
INSIST_SECONDS = (0.1, 0.3, 1.0, 3.0, 10.0)
"""How long a runner waits between attempts to say something to an office that does not answer."""


class Office(Protocol):
    """What a runner gets runs from, and reports to. See `Workers`."""

    def claim(self, worker: str, at_most: int) -> list[Job]:
        """Runs for this worker."""

    def event(self, experiment_id: int, event: object) -> None:
        """Something happened in a run."""

    def finish(self, experiment_id: int, result: object) -> None:
        """A run has ended."""

    def reconcile(self) -> list[int]:
        """Take back the runs of workers that are silent."""


def run_one(backend: Backend, job: Job, office: Office, *, live: bool = False) -> None:
    """Train a run to its end and report how it ended; with `live`, each evaluation at once, too.

    Whatever the backend raises becomes an `unexpected` failure of the run, but for Preempted, which queues it again. A
    run that was taken back meanwhile is dropped.
    """
    evaluations = itertools.count()

    def report(loss: float | None) -> None:
        number = None if loss is None or not math.isfinite(loss) else float(loss)
        if live:
            event = {"log_type": "validation_loss", "evaluation": next(evaluations), "val_loss": number}
            _insist(lambda: office.event(job.experiment_id, {**event, "run_id": job.run_id}))

    try:
        if live:
            _insist(lambda: office.event(job.experiment_id, {"log_type": "run_started", "run_id": job.run_id}))
        try:
            config = parse(TrainingConfig, job.training_config, backend.limits)
            outcome = backend.train(config, student=job.seed, report=report)
        except Preempted:
            died = {"log_type": "preempted", "run_id": job.run_id, "lost": True}
            _insist(lambda: office.event(job.experiment_id, died))
            return
        except (Conflict, NotFound, Unavailable):
            raise
        except Exception as error:
            log.exception("experiment %s: the backend %s failed", job.experiment_id, backend.name)
            outcome = unexpected(f"{type(error).__name__}: {error}")
        try:
            _insist(lambda: office.finish(job.experiment_id, result_of(outcome, job.run_id)))
        except InvalidConfig as error:
            log.error("experiment %s: the backend %s: %s", job.experiment_id, backend.name, error)
            broken = unexpected(f"the backend {backend.name} gave an outcome that cannot be: {error}")
            _insist(lambda: office.finish(job.experiment_id, result_of(broken, job.run_id)))
    except (Conflict, NotFound):
        log.info("experiment %s: run %s was taken back", job.experiment_id, job.run_id)


def _insist(say: Callable[[], None]) -> None:
    """Say something until the office answers; Unavailable where it does not for some time."""
    for seconds in INSIST_SECONDS:
        try:
            return say()
        except Unavailable:
            time.sleep(seconds)
    return say()


class Runner:
    """A worker with some slots, in threads of this process. `wake` spares it the wait when something was queued."""

    def __init__(
        self, backend: Backend, office: Office, *, name: str, slots: int, poll_seconds: float, heartbeat_seconds: float
    ) -> None:
        self._backend, self._office, self._name, self._slots = backend, office, name, slots
        self._poll_seconds, self._heartbeat_seconds = poll_seconds, heartbeat_seconds
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._loop, name="runner", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def wake(self) -> None:
        """Look for work now."""
        self._woken.set()

    def stop(self) -> None:
        """Take no more runs, and give back those that are going on, so that they need not be missed first."""
        self._stopping = True
        self._woken.set()
        self._thread.join()
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            self._say(job, "preempted")

    def _loop(self) -> None:
        heartbeat = time.monotonic()
        while not self._stopping:
            self._woken.clear()
            try:
                self._office.reconcile()
                self._take()
            except ServiceError as error:
                log.warning("no runs are given out: %s", error)
            except Exception:
                log.exception("the runner met an error, and goes on")
            if time.monotonic() - heartbeat >= self._heartbeat_seconds:
                heartbeat = time.monotonic()
                with self._lock:
                    jobs = list(self._jobs.values())
                for job in jobs:
                    self._say(job, "run_heartbeat")
            self._woken.wait(self._poll_seconds)

    def _take(self) -> None:
        with self._lock:
            free = self._slots - len(self._jobs)
        if free <= 0:
            return
        for job in self._office.claim(self._name, free):
            with self._lock:
                self._jobs[job.run_id] = job
            threading.Thread(target=self._run, args=(job,), name=f"run {job.experiment_id}", daemon=True).start()

    def _run(self, job: Job) -> None:
        try:
            run_one(self._backend, job, self._office, live=True)
        except Exception:
            log.exception("experiment %s: run %s could not be reported", job.experiment_id, job.run_id)
        finally:
            with self._lock:
                self._jobs.pop(job.run_id, None)
            self._woken.set()

    def _say(self, job: Job, log_type: str) -> None:
        try:
            self._office.event(job.experiment_id, {"log_type": log_type, "run_id": job.run_id})
        except ServiceError as error:
            log.info("experiment %s: %s: %s", job.experiment_id, log_type, error)
