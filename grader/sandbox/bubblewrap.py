"""The engine `bubblewrap`: namespaces by the `bwrap` command, for root and for ordinary users."""

import functools
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.box import Box, Job

ENTER = Path(__file__).with_name("enter.py")
FIRST_USER = 2_000_000  # as root, boxes run under ids from here on, so that per-user limits are per box
_users = itertools.count()


class Bubblewrap:
    """See the table in `grader.sandbox`."""

    name = "bubblewrap"
    isolating = True

    def missing(self) -> str | None:
        return _missing()

    def inside(self, path: Path, target: str) -> str:
        return target

    def start(self, job: Job) -> Box:
        ours, theirs = socket.socketpair()
        try:
            process = subprocess.Popen(
                _command(job), stdin=theirs.fileno(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
                env=dict(job.environment), close_fds=True, start_new_session=True, cwd="/",
            )  # fmt: skip
        except OSError as error:
            ours.close()
            raise SandboxError(f"bubblewrap could not be started: {error}") from None
        finally:
            theirs.close()
        return Box(process, ours, clean_up=lambda: None)


@functools.cache
def _missing() -> str | None:
    if sys.platform != "linux":
        return "needs Linux"
    if shutil.which("bwrap") is None:
        return "the command bwrap is not installed (Debian: apt install bubblewrap)"
    probe = Job(("/bin/sh", "-c", "exit 0"), {}, {"PATH": "/usr/bin:/bin"}, 1024, 16, 16, 64)
    result = subprocess.run(
        _command(probe), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
    )
    if result.returncode:
        return f"bwrap fails: {result.stderr.strip()[:200] or f'exit code {result.returncode}'}"
    return None


def _command(job: Job) -> list[str]:
    root = os.geteuid() == 0
    # Below 2**31 and never reused within a batch of a billion boxes; the host's process id keeps two graders apart.
    user = FIRST_USER + (os.getpid() % 10_000) * 100_000 + next(_users) % 100_000 if root else 0
    limits = {
        "memory_mb": job.memory_mb, "processes": job.processes, "tmp_mb": job.tmp_mb, "open_files": job.open_files,
        "user": user,
    }  # fmt: skip
    command = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        "--die-with-parent", "--as-pid-1", "--hostname", "sandbox",
    ]  # fmt: skip
    if root:
        # Real root sets the mounts up; what is left is just enough to become another user.
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    command += ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        path = Path(name)
        if path.is_symlink():
            command += ["--symlink", os.readlink(path), name]
        elif path.is_dir():
            command += ["--ro-bind", name, name]
    for name in (
        "/etc/ld.so.cache",
        "/etc/ld.so.conf",
        "/etc/ld.so.conf.d",
        "/etc/alternatives",
        "/etc/localtime",
    ):
        command += ["--ro-bind-try", name, name]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for target in ("/tmp", "/dev/shm"):
        command += ["--perms", "1777", "--size", str(job.tmp_mb * 2**20), "--tmpfs", target]
    python = Path(sys.base_prefix)
    readable = {python: str(python), ENTER: "/enter.py", **job.readable}
    for source, target in readable.items():
        if Path("/usr") not in (source, *source.parents) or target != str(source):
            for parent in reversed(Path(target).parents[:-1]):
                command += ["--perms", "0755", "--dir", str(parent)]
            command += ["--ro-bind", str(source), target]
    for name in job.hidden:
        command += ["--tmpfs", name, "--remount-ro", name]
    command += ["--chdir", "/tmp", "--remount-ro", "/dev", "--remount-ro", "/"]
    return [*command, interpreter(), "-I", "-S", "-B", "/enter.py", json.dumps(limits), *job.command]


def interpreter() -> str:
    """The Python behind a virtual environment: it exists inside, where the environment's folder does not."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
