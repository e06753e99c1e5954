"""The torch backend on this machine: runs are really trained, in processes of their own, on a CPU or one GPU."""

import os
import threading
from collections.abc import Callable, Iterator

from assignment3_scaling.service.backend import Outcome, Preempted
from assignment3_scaling.service.schemas import TrainingConfig
from assignment3_scaling.service.training import basics
from assignment3_scaling.service.training.accounts import Accounts
from assignment3_scaling.service.training.processes import SILENCE_SECONDS, WorkerProcess
from assignment3_scaling.service.training.task import AUTO, Event, Task


class TorchBackend:
    """Keeps up to `workers` processes, and starts each with the first run that finds no other free."""

    name = "torch"

    def __init__(
        self,
        workers: int | None = None,
        *,
        device: str = AUTO,
        accounts: Accounts = Accounts(),  # noqa: B008  frozen
        package: basics.Files | None = None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        """`workers` is how many runs are trained at once, by default one a core; further runs wait for one of them.

        `device` is as in torch (`cpu`, `cuda:1`), or `auto`: a GPU where there is one. `package` is assignment 1, by default
        the one of this tree.
        """
        self.limits = accounts.limits
        self._accounts, self._device, self._silence_seconds = accounts, device, silence_seconds
        self._package = basics.files() if package is None else package
        self._free = threading.Semaphore(workers or os.cpu_count() or 1)
        self._idle: list[WorkerProcess] = []
        self._started: set[WorkerProcess] = set()
        self._closed = False
        self._lock = threading.Lock()

    def train(self, config: TrainingConfig, *, student: int | str, report: Callable[[float | None], None]) -> Outcome:
        """Train in a process. What the run is charged is a formula, whatever time it took.

        Raises:
            Preempted: the process was killed, or hung.
        """
        return self._accounts.train(config, student, self._device, self._events, report)

    def infeasible(self, config: TrainingConfig, seconds: float) -> str | None:
        """Why a run of `config` cannot be completed in `seconds` of the formula; None where it can."""
        return self._accounts.infeasible(config, seconds)

    def close(self) -> None:
        """End all processes, for good; runs in them are preempted."""
        with self._lock:
            self._closed = True
            started, self._started = self._started, set()
            self._idle.clear()
        for process in started:
            process.close()

    def _events(self, task: Task) -> Iterator[Event]:
        with self._free:
            process = self._taken()
            try:
                yield from process.events(task)
            except (Preempted, GeneratorExit):  # the latter: whoever reads the events has given up
                self._drop(process)
                raise
            if not process.is_there():
                self._drop(process)
                return
            with self._lock:
                if process in self._started:
                    self._idle.append(process)

    def _taken(self) -> WorkerProcess:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        process = WorkerProcess(self._package, self._silence_seconds)
        with self._lock:
            self._started.add(process)
            closed = self._closed
        if closed:  # while the process was starting
            self._drop(process)
            raise Preempted("the backend was closed")
        return process

    def _drop(self, process: WorkerProcess) -> None:
        with self._lock:
            self._started.discard(process)
        process.close()
