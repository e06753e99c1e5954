"""The engine `container`: a container of Docker or Podman a box, for machines that have one of them and no namespaces.

Offered, and tested as far as that goes without a container engine at hand: the command that is run, and the way the box
is spoken to, against a stand-in for the command. The image holds Python and nothing of the course; libraries are mounted
from this machine, so it must be of the same version and processor, and the engine must run on this very machine.
"""

import functools
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.box import Box, Child, Job, spawn
from grader.sandbox.interpreter import FLAGS, next_user

COMMANDS = ("docker", "podman")
IMAGE = "GRADER_IMAGE"
"""The environment variable that names another image."""

CHANNEL, SOCKET = "/channel", "judge"
ANSWER_SECONDS, START_SECONDS = 10, 60
# A container has no file of ours but what is mounted, so the channel is a socket in a folder of its own.
CONNECT = (
    "import os, socket, sys\n"
    f"channel = socket.socket(socket.AF_UNIX); channel.connect('{CHANNEL}/{SOCKET}')\n"
    "os.dup2(channel.fileno(), 0); channel.close()\n"
)


class Container:
    """See the table in `grader.sandbox`."""

    name = "container"
    isolating = True

    def missing(self) -> str | None:
        return _missing()

    def inside(self, path: Path, target: str) -> str:
        return target

    def start(self, job: Job) -> Box:
        command = _found() or COMMANDS[0]
        name = f"grader-{os.getpid()}-{secrets.token_hex(6)}"
        folder = Path(tempfile.mkdtemp(prefix="grader-channel-"))
        folder.chmod(0o711)
        with socket.socket(socket.AF_UNIX) as listener:
            try:
                listener.bind(str(folder / SOCKET))
                (folder / SOCKET).chmod(0o666)
                listener.listen(1)
                listener.settimeout(START_SECONDS)
                child, unused, output = spawn(run_command(command, name, job, folder), os.environ, "/")
                unused.close()
                channel = _accept(listener, child, output)
            except OSError as error:
                _remove(command, name, folder)
                raise SandboxError(f"the container could not be started: {error}") from None
            (folder / SOCKET).unlink()
        return Box(child, channel, output, clean_up=functools.partial(_remove, command, name, folder))


def run_command(command: str, name: str, job: Job, channel: Path) -> list[str]:
    """The whole command line that starts a container called `name` for `job`."""
    user = next_user() or os.getuid()
    size = f"size={job.tmp_mb}m,mode=1777"
    options = [
        "--rm", "--name", name, "--interactive", "--network", "none", "--read-only", "--cap-drop", "ALL",
        "--security-opt", "no-new-privileges", "--ipc", "private", "--hostname", "sandbox", "--user", f"{user}:{user}",
        "--memory", f"{job.memory_mb}m", "--memory-swap", f"{job.memory_mb}m", "--pids-limit", str(job.processes),
        "--ulimit", f"nofile={job.open_files}:{job.open_files}", "--ulimit", f"fsize={job.tmp_mb * 2**20}",
        "--ulimit", "core=0", "--tmpfs", f"/tmp:{size},exec", "--tmpfs", f"/dev/shm:{size}", "--workdir", "/tmp",
        "--init=false", "--log-driver", "none",
    ]  # fmt: skip
    for source, place in {**job.shared, **job.own, channel: CHANNEL}.items():
        options += ["--mount", f"type=bind,source={source},target={place},readonly"]
    for place in job.hidden:
        options += ["--tmpfs", f"{place}:ro,size=4k"]
    for key, value in job.environment.items():
        options += ["--env", f"{key}={value}"]
    program = ["python3", *FLAGS, "-c", CONNECT + job.source, *job.arguments]
    return [command, "run", *options, image(), *program]


def image() -> str:
    """The image: the official Python of this version, or the one that the environment names."""
    return os.environ.get(IMAGE) or f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"


def _accept(listener: socket.socket, child: Child, output: FileIO) -> socket.socket:
    try:
        return listener.accept()[0]
    except TimeoutError:
        child.kill()
        said = (output.read(2000) or b"").decode("utf-8", "replace").strip()
        output.close()
        raise OSError(f"no answer from it within {START_SECONDS} s: {said or 'it said nothing'}") from None


def _remove(command: str, name: str, folder: Path) -> None:
    subprocess.run([command, "rm", "--force", name], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)


def _found(which: Callable[[str], str | None] = shutil.which) -> str | None:
    return next((path for command in COMMANDS if (path := which(command))), None)


@functools.cache
def _missing() -> str | None:
    command = _found()
    if command is None:
        return f"neither {' nor '.join(COMMANDS)} is installed"
    try:
        ended = subprocess.run(
            [command, "info"], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"{Path(command).name} does not answer within {ANSWER_SECONDS} s"
    if ended.returncode:
        lines = (ended.stderr.strip() or ended.stdout.strip()).splitlines()
        return f"no engine answers {Path(command).name}: {lines[-1][:200] if lines else ended.returncode}"
    return None
