"""Grading on more than one machine: Ray carries hand-ins to judges and outcomes back.

A task is data alone: the course as a tarball, put into the cluster once, and the hand-in's bytes. A node unpacks the
course once, by its hash, and grades in a sandbox of its own; what a hand-in can reach is the same as on one machine.
Judges live as long as the cluster is connected, so torch is imported once each. A node that dies costs its tasks a
retry; a hand-in whose judges died twice is our error.
"""

import contextlib
import hashlib
import io
import logging
import os
import shutil
import socket
import tarfile
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader import overlay, scratch
from grader.errors import ConfigError
from grader.gradebook import source_sha256
from grader.intake import is_left_out
from grader.outcome import HandinOutcome
from grader.task import Task, lost

TRIES = 2
WAIT_SECONDS, CONNECT_SECONDS = 600, 10
LOCAL = "local"
COURSE_PARTS = ("staff/hidden_tests", "staff/solutions", ".grader/adopted")


class Cluster:
    """A connected Ray cluster: `ray://HOST:PORT`, the address of a head node, or `local` for one on this machine.

    Raises:
        ConfigError: Ray is not installed, or nothing answers at the address.
    """

    def __init__(self, address: str) -> None:
        try:
            import ray
        except ModuleNotFoundError:
            raise ConfigError("--cluster needs the package ray: pip install '.[ray]'") from None
        self._ray: Any = ray
        _reach(address)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            ray.init(
                address=None if address == LOCAL else address, log_to_driver=False, logging_level=logging.ERROR,
                include_dashboard=False if address == LOCAL else None, ignore_reinit_error=True,
            )  # fmt: skip
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise ConfigError(f"--cluster {address}: {str(error).strip().splitlines()[0]}") from None
        self._judge: Any = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(Judge)

    def close(self) -> None:
        """Let go of the cluster; one that was started here ends."""
        self._ray.shutdown()

    def grade_all(self, tasks: Sequence[Task], jobs: int, alone: bool = False) -> Iterator[tuple[Task, HandinOutcome]]:
        """Grade every task on `jobs` judges; each comes back once, in the order they are ready.

        `alone` keeps each judge to one core of its node.
        """
        if not tasks:
            return
        course = self._ray.put(packed(tasks[0].root))
        waiting = deque((task, 1) for task in tasks)
        judges: set[Any] = set()
        starting: dict[Any, Any] = {}  # a judge is given a hand-in once it is there: a cluster may be full
        working: dict[Any, tuple[Any, Task, int]] = {}
        try:
            while waiting or working:
                while len(judges) < min(jobs, len(waiting) + len(working), self._processors()):
                    judge = self._judge.remote(course, alone)
                    judges.add(judge)
                    starting[judge.ready.remote()] = judge
                limit = None if working else WAIT_SECONDS
                ready, _ = self._ray.wait([*starting, *working], num_returns=1, timeout=limit)
                if not ready:
                    break
                judge, task, attempt = working.pop(ready[0], None) or (starting.pop(ready[0]), None, 0)
                try:
                    result = self._ray.get(ready[0])
                except self._ray.exceptions.RayError as error:
                    judges.discard(judge)
                    with contextlib.suppress(Exception):
                        self._ray.kill(judge)
                    if task is not None and attempt < TRIES:
                        waiting.appendleft((task, attempt + 1))
                    elif task is not None:
                        yield task, lost(task, f"the judge was lost {TRIES} times: {type(error).__name__}")
                    continue
                if task is not None:
                    yield task, HandinOutcome.from_json(result)
                yield from self._next(judge, waiting, working)
            for task, _ in waiting:
                yield task, lost(task, f"no node of the cluster had a processor free for {WAIT_SECONDS} s")
        finally:
            for judge in judges:
                with contextlib.suppress(Exception):
                    self._ray.kill(judge)

    def _next(
        self, judge: Any, waiting: deque[tuple[Task, int]], working: dict[Any, tuple[Any, Task, int]]
    ) -> Iterator[tuple[Task, HandinOutcome]]:
        """Give the judge its next hand-in; those that cannot travel are graded here, which refuses them."""
        while waiting:
            task, attempt = waiting.popleft()
            content = carried(task.handin)
            if content is not None:
                working[judge.grade.remote(task, content, task.handin.is_dir())] = (judge, task, attempt)
                return
            yield task, _graded(task)

    def _processors(self) -> int:
        return max(int(self._ray.cluster_resources().get("CPU", 0)), 1)


def _reach(address: str) -> None:
    """Raise where nothing answers: Ray itself would go on trying for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if address in (LOCAL, "auto"):
        return
    if not host or not port.isdigit():
        raise ConfigError(f"--cluster {address}: expected ray://HOST:PORT, HOST:PORT, auto or {LOCAL}")
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ConfigError(f"--cluster {address}: nothing answers there: {error}") from None


class Judge:
    """Runs on a node: grades hand-ins, one after the other, against the course it was given."""

    def __init__(self, course: bytes, alone: bool) -> None:
        if alone and hasattr(os, "sched_setaffinity"):
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        self._root = unpacked(course)

    def ready(self) -> bool:
        """Tells that the judge is there."""
        return self._root.is_dir()

    def grade(self, task: Task, content: bytes, is_folder: bool) -> dict[str, Any]:
        """The outcome of one hand-in, as plain data."""
        with scratch.folder() as folder:
            handin = arrived(content, task.handin.name, is_folder, folder)
            return _graded(replace(task, root=self._root, handin=handin)).to_json()


def _graded(task: Task) -> HandinOutcome:
    from grader.grading import grade  # with torch, which whoever sends hand-ins does without

    return grade(task)


def packed(root: Path) -> bytes:
    """The course as a tarball: assignments, hidden tests and references, each file once, the same bytes each time."""
    names = [path.parent.name for path in sorted(root.glob("*/assignment.toml"))]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for part in (*names, *COURSE_PARTS):
            for path, source in overlay.files(root / part).items():
                info = tarfile.TarInfo(f"{part}/{path}")
                info.size = source.stat().st_size
                with source.open("rb") as file:
                    archive.addfile(info, file)
    return buffer.getvalue()


def unpacked(course: bytes) -> Path:
    """The course's root on this node, made once for all judges that are given the same bytes."""
    place = Path(tempfile.gettempdir()) / f"grader-course-{os.geteuid()}-{hashlib.sha256(course).hexdigest()[:32]}"
    if place.is_dir() and place.stat().st_uid == os.geteuid():
        return place
    draft = Path(tempfile.mkdtemp(prefix="grader-course-"))
    with tarfile.open(fileobj=io.BytesIO(course)) as archive:
        archive.extractall(draft, filter="data")
    try:
        draft.rename(place)
    except OSError:  # another judge was first
        shutil.rmtree(draft, ignore_errors=True)
    return place


def carried(handin: Path) -> bytes | None:
    """A hand-in's bytes for the way to a node: an archive as it is, a folder of plain files as a tarball.

    None for everything else, which is refused wherever it is opened. Of what is left out of hand-ins, only names go.
    """
    if source_sha256(handin) is None:
        return None
    if handin.is_file():
        return handin.read_bytes()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for place, folders, names in os.walk(handin):
            for name in [*folders, *names]:
                path = Path(place, name)
                info = tarfile.TarInfo(path.relative_to(handin).as_posix())
                if name in folders:
                    info.type = tarfile.DIRTYPE
                    archive.addfile(info)
                elif is_left_out(name):
                    archive.addfile(info)
                else:
                    info.size = path.stat().st_size
                    with path.open("rb") as file:
                        archive.addfile(info, file)
            folders[:] = [name for name in folders if not is_left_out(name)]
    return buffer.getvalue()


def arrived(content: bytes, name: str, is_folder: bool, place: Path) -> Path:
    """The hand-in on the node, below `place` and under its own name."""
    path = place / name
    if is_folder:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(path, filter="data")
    else:
        path.write_bytes(content)
    return path
