"""The process that claims and grades. There may be several, on several machines; they share the database and the folder
of uploads, and their clocks agree to within some seconds. One a machine is enough: `jobs` says how many hand-ins it
grades at a time, and a verification, which measures time, has the machine to itself.

Entries that are verified on a GPU are left to a worker whose machine has one.

Killed at any moment, it loses nothing: what it had claimed is claimed by another, and what it had graded is in the
gradebook.
"""

import contextlib
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from grader import pool, sandbox, scratch
from grader.batch import Run
from grader.cluster import Cluster
from grader.errors import ConfigError
from grader.leaderboard import gpu
from grader.server.errors import Unavailable
from grader.server.grading import SHARED, Grading
from grader.server.office import Office
from grader.server.settings import Settings

POLL_SECONDS = 0.5
HEARTBEATS = 4
"""So many heartbeats fit into the time after which a worker counts as lost."""
A_JOB = 8
"""So many hand-ins are claimed at once for each that is graded at a time: a judge is started once for all of them."""
PARENT_SECONDS = 1.0


class Worker:
    """Claims and grades until told to stop."""

    def __init__(self, office: Office, jobs: int, engine: str | None = None, run: Run = pool.grade_all) -> None:
        self.name = f"{socket.gethostname()[:100]}:{os.getpid()}:{secrets.token_hex(2)}"
        self._office, self._most, self._astray = office, A_JOB * jobs, False
        self._beyond = gpu.out_of_reach(office.settings.root)
        chosen = sandbox.choose(engine).name
        self._grading = Grading(office.settings.root, office.book, office.seed, chosen, jobs, run)

    def work(self, told: threading.Event) -> None:
        """Work until `told`; then what is claimed and not begun waits again for another."""
        scratch.sweep()
        with self._beating(told):
            while not told.is_set():
                try:
                    idle = not self.step()
                except Unavailable:  # the database is being restarted, say; what was graded is done again from the book
                    idle = self._astray = True
                if idle:
                    told.wait(POLL_SECONDS)
        with contextlib.suppress(Unavailable):
            self._office.queue.give_back(self.name)

    def step(self) -> bool:
        """Do the oldest work that waits; False where none does.

        Raises:
            ConfigError: this machine does not have the folder of uploads; what was claimed waits again.
        """
        if self._astray:  # what it had claimed when the database went away would be its own as long as it lives
            self._office.queue.give_back(self.name)
            self._astray = False
        self._office.queue.take_back()
        claim = self._office.queue.claim(self.name, self._most, self._beyond)
        if claim is None:
            return False
        uploads = self._office.settings.uploads
        if not uploads.is_dir():  # on another machine than the server's, say, with the folder not mounted
            self._office.queue.give_back(self.name)
            raise ConfigError(f"{uploads}: there is no such folder; {SHARED}")
        for item, result in self._grading.results(claim):
            self._office.queue.finish(self.name, item.id, result)
        return True

    @contextmanager
    def _beating(self, told: threading.Event) -> Iterator[None]:
        """Say again and again that this worker lives, as long as the block lasts."""
        ended = threading.Event()
        seconds = self._office.settings.lost_after_seconds / HEARTBEATS

        def beat() -> None:
            while not ended.is_set():
                with contextlib.suppress(Unavailable):
                    self._office.queue.heard(self.name)
                ended.wait(seconds)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def run(
    settings: Settings,
    address: str | None,
    *,
    jobs: int,
    engine: str | None = None,
    cluster: str | None = None,
    parent: int | None = None,
    ready: Callable[[str], None] = lambda name: None,
) -> None:
    """A worker as a process, until SIGTERM or SIGINT, or until the process `parent` that started it is gone.

    Raises:
        ConfigError: the database, the engine or the cluster cannot be used.
    """
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _stop(told))
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    office = Office(settings, address)
    with contextlib.ExitStack() as stack:
        stack.callback(office.close)
        nodes = stack.enter_context(contextlib.closing(Cluster(cluster))) if cluster else None
        worker = Worker(office, jobs, engine, pool.grade_all if nodes is None else nodes.grade_all)
        ready(worker.name)
        worker.work(told)


def _stop(told: threading.Event) -> None:
    """Asked once, end after what is in work; asked twice, end now: what is in work is claimed again by another."""
    if told.is_set():
        sys.exit(1)
    told.set()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)
