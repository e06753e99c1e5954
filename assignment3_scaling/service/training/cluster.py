"""The torch backend on a Ray cluster: the same processes train, on whatever node has a core or a GPU free.

A task goes out as a line and assignment 1 as bytes; losses stream back one by one. A node that is lost preempts its
runs, which the service queues again. Nodes need the course installed, as for grading on a cluster.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

from assignment3_scaling.service.backend import Outcome, Preempted
from assignment3_scaling.service.schemas import TrainingConfig
from assignment3_scaling.service.training import basics
from assignment3_scaling.service.training.accounts import Accounts
from assignment3_scaling.service.training.processes import WorkerProcess
from assignment3_scaling.service.training.task import AUTO, Event, Task

LOCAL = "local"


class RayBackend:
    """Trains on a cluster: `ray://HOST:PORT`, the address of a head node, or `local` for one on this machine."""

    name = "ray"

    def __init__(
        self,
        address: str,
        *,
        device: str = AUTO,
        accounts: Accounts = Accounts(),  # noqa: B008  frozen
        package: basics.Files | None = None,
    ) -> None:
        """Connect. With a `device` of `cuda` each run is given a GPU of its own.

        Raises:
            ModuleNotFoundError: Ray is not installed (`pip install '.[ray]'`).
            ConnectionError: nothing answers at the address.
        """
        import ray

        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(
            address=None if address == LOCAL else address, log_to_driver=False, logging_level=logging.ERROR,
            include_dashboard=False if address == LOCAL else None, ignore_reinit_error=True,
        )  # fmt: skip
        self.limits = accounts.limits
        self._accounts, self._device, self._ray = accounts, device, ray
        self._package: Any = ray.put(dict(basics.files() if package is None else package))
        needs: dict[str, Any] = {"num_gpus": 1} if device.startswith("cuda") else {}
        self._trainer: Any = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0, **needs)(Trainer)
        self._idle: list[Any] = []
        self._lock = threading.Lock()

    def train(self, config: TrainingConfig, *, student: int | str, report: Callable[[float | None], None]) -> Outcome:
        """Train on a node; waits until one has room.

        Raises:
            Preempted: the node, or the process on it, was lost.
        """
        return self._accounts.train(config, student, self._device, self._events, report)

    def infeasible(self, config: TrainingConfig, seconds: float) -> str | None:
        """Why a run of `config` cannot be completed in `seconds` of the formula; None where it can."""
        return self._accounts.infeasible(config, seconds)

    def close(self) -> None:
        """Let go of the cluster; one that was started here ends."""
        self._ray.shutdown()

    def _events(self, task: Task) -> Iterator[Event]:
        with self._lock:
            trainer = self._idle.pop() if self._idle else self._trainer.remote(self._package)
        try:
            for event in trainer.events.remote(task.line()):
                yield self._ray.get(event)
        except self._ray.exceptions.RayError as error:
            self._forget(trainer)
            raise Preempted(f"the run was lost: {type(error).__name__}") from None
        except GeneratorExit:
            self._forget(trainer)
            raise
        with self._lock:
            self._idle.append(trainer)

    def _forget(self, trainer: Any) -> None:
        with contextlib.suppress(Exception):
            self._ray.kill(trainer)


class Trainer:
    """Runs on a node: a process that trains, and what it tells passed on."""

    def __init__(self, package: basics.Files) -> None:
        self._package = package
        self._process: WorkerProcess | None = None

    def events(self, line: str) -> Iterator[Event]:
        """The events of a task, as they come."""
        if self._process is None or not self._process.is_there():
            self._process = WorkerProcess(self._package)
        yield from self._process.events(Task.read(line))
