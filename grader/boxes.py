"""What the box of a hand-in's worker is made of, and servers of such boxes that several judges share.

Needs no torch: the process that hands out hand-ins can have a server begin to import it before the first judge asks.
"""

import atexit
import contextlib
import functools
import json
import shutil
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment, names
from grader.sandbox import ENGINES, Engine, Job
from grader.sandbox.forkserver import Forkserver
from grader.task import Task, assignment_of

COURSE, LIBRARY, SITE = "/course", "/worker", "/site"
WORKER_FILES = (
    *("__init__.py", "errors.py", "wire.py", "guard.py", "tripwires.py"),
    *(
        f"worker/{name}.py"
        for name in ("__init__", "channel", "code", "leftovers", "libraries", "loop", "serving", "template")
    ),
)
# The tree comes last on the path: no file of a hand-in can stand in for a library.
START = (
    "import json, sys; settings = json.loads(sys.argv[1]); "
    "sys.path += [place for place in (*settings['path'], settings['root']) if place not in sys.path]; "
    "from grader.worker import main; main(settings)"
)
WARM = "import sys; sys.path += {path!r}; from grader.worker import prepare; prepare({preload!r})"
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "HOME": "/tmp", "TMPDIR": "/tmp", "USER": "student", "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1", "TRITON_INTERPRET": "1", "TORCHDYNAMO_DISABLE": "1", "HF_HUB_OFFLINE": "1",
    # A folder that is there: that of the compiler would be made by importing it, as einx does, and an import that leaves
    # files is done anew for every test.
    "TORCHINDUCTOR_CACHE_DIR": "/tmp",
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """What one process has made ready for its judges: the worker's modules, and a folder in which servers listen."""

    library: Path
    servers: Path


_accepted: list[Offer] = []


def accept(offer: Offer) -> None:
    """Use, in this process, what another has made ready; for good."""
    _accepted[:] = [offer]
    for engine in _forkservers():
        engine.join(offer.servers)


@contextlib.contextmanager
def offered(tasks: Iterable[Task]) -> Iterator[Offer]:
    """Begin to start the servers that judges of these tasks will ask for boxes; they end with the context."""
    with tempfile.TemporaryDirectory(prefix="grader-servers-") as folder, contextlib.ExitStack() as servers:
        for task in {(task.root, task.assignment, task.engine): task for task in tasks}.values():
            engine = ENGINES.get(task.engine)
            if isinstance(engine, Forkserver):
                job = job_of(assignment_of(task), engine, Path(folder), {})
                servers.enter_context(engine.offered(job, Path(folder)))
        yield Offer(library(), Path(folder))


def job_of(assignment: Assignment, engine: Engine, tree: Path, guard: Mapping[str, str]) -> Job:
    """The job of the worker for an overlaid hand-in; `guard` are the rules of its run-time guard."""
    limits = assignment.limits
    # Under names of their own: the environment may live below a folder that is private inside, such as /tmp.
    paths = sorted({Path(sysconfig.get_path(key)) for key in ("purelib", "platlib")})
    site = {path: f"{SITE}{number}" for number, path in enumerate(paths)}
    shared = site | {library(): LIBRARY}
    path = [engine.inside(*pair) for pair in shared.items()]
    preload = list(assignment.preload)
    settings = {
        "assignment": assignment.name, "root": engine.inside(tree, COURSE), "path": path,
        "preload": preload, "policy": dict(guard), "staff": list(assignment.staff_owned),
    }  # fmt: skip
    return Job(
        source=START,
        arguments=(json.dumps(settings),),
        warm=WARM.format(path=path, preload=preload),
        own={tree: COURSE},
        shared=shared,
        # Where the course itself is installed beside its libraries, its tests must not be seen.
        hidden=tuple(
            f"{inside}/{name}"
            for path, inside in site.items()
            for name in ["grader", "staff", *names(assignment.root)]
            if (path / name).is_dir()
        ),
        environment=_environment(assignment),
        devices=assignment.devices,
        memory_mb=limits.memory_mb, processes=limits.processes, tmp_mb=limits.tmp_mb, open_files=limits.open_files,
    )  # fmt: skip


def _environment(assignment: Assignment) -> Mapping[str, str]:
    """With a GPU at hand, kernels are compiled for it."""
    return {**ENVIRONMENT, "TRITON_INTERPRET": "0"} if assignment.devices else ENVIRONMENT


def library() -> Path:
    """A folder with the worker's own modules and nothing else of the grader."""
    return _accepted[0].library if _accepted else _library()


@functools.cache
def _library() -> Path:
    """One of this process, which goes when it ends."""
    folder = tempfile.TemporaryDirectory(prefix="grader-worker-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    package = Path(folder.name) / "grader"
    for name in WORKER_FILES:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(__file__).parent / name, package / name)
    for path in (Path(folder.name), *package.parent.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # the sandbox may run as someone else
    return Path(folder.name)


def _forkservers() -> list[Forkserver]:
    return [engine for engine in ENGINES.values() if isinstance(engine, Forkserver)]
