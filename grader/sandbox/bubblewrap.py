"""The engine `bubblewrap`: namespaces by the `bwrap` command, for root and for ordinary users."""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox import cgroups
from grader.sandbox.box import Box, Job, spawn
from grader.sandbox.inside import seccomp
from grader.sandbox.interpreter import ENTER, FLAGS, interpreter, next_user


class Bubblewrap:
    """See the table in `grader.sandbox`."""

    name = "bubblewrap"
    isolating = True

    def missing(self) -> str | None:
        return _missing()

    def inside(self, path: Path, target: str) -> str:
        return target

    def start(self, job: Job) -> Box:
        filtered = _filter()
        try:
            child, channel, output = spawn(_command(job, filtered), job.environment, "/", (filtered,))
        except OSError as error:
            raise SandboxError(f"bubblewrap could not be started: {error}") from None
        finally:
            os.close(filtered)
        return Box(child, channel, output, group=cgroups.confined(child.pid, job.memory_mb, job.processes))


@functools.cache
def _missing() -> str | None:
    if sys.platform != "linux":
        return "needs Linux"
    if shutil.which("bwrap") is None:
        return "the command bwrap is not installed (Debian: apt install bubblewrap)"
    probe = Job("", {"PATH": "/usr/bin:/bin"}, 1024, 16, 16, 64)
    filtered = _filter()
    try:
        result = subprocess.run(
            _command(probe, filtered), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
            check=False, pass_fds=(filtered,),
        )  # fmt: skip
    finally:
        os.close(filtered)
    if result.returncode:
        return f"bwrap fails: {result.stderr.strip()[:200] or f'exit code {result.returncode}'}"
    return None


def _filter() -> int:
    """An open file with the filter of system calls, to be closed by the caller; empty where there is none."""
    descriptor = os.memfd_create("seccomp", 0)
    if seccomp.supported():
        os.write(descriptor, seccomp.compiled())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _command(job: Job, filtered: int) -> list[str]:
    user = next_user()
    limits = {
        "memory_mb": job.memory_mb, "processes": job.processes, "tmp_mb": job.tmp_mb, "open_files": job.open_files,
        "user": user,
    }  # fmt: skip
    command = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        "--die-with-parent", "--as-pid-1", "--hostname", "sandbox",
    ]  # fmt: skip
    if seccomp.supported():
        command += ["--seccomp", str(filtered)]
    if user:
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
    for name in job.devices:
        command += ["--dev-bind", name, name]
    for target in ("/tmp", "/dev/shm"):
        command += ["--perms", "1777", "--size", str(job.tmp_mb * 2**20), "--tmpfs", target]
    python = Path(sys.base_prefix)
    readable = {python: str(python), ENTER: "/enter.py", **job.shared, **job.own}
    for source, target in readable.items():
        if Path("/usr") not in (source, *source.parents) or target != str(source):
            for parent in reversed(Path(target).parents[:-1]):
                command += ["--perms", "0755", "--dir", str(parent)]
            command += ["--ro-bind", str(source), target]
    for name in job.hidden:
        command += ["--tmpfs", name, "--remount-ro", name]
    command += ["--chdir", "/tmp", "--remount-ro", "/dev", "--remount-ro", "/"]
    program = [interpreter(), *FLAGS, "-c", job.source, *job.arguments]
    return [*command, interpreter(), *FLAGS, "/enter.py", json.dumps(limits), *program]
