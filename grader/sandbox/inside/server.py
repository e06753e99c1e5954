"""A fork server: a process that has imported the libraries once and forks a box a job.

It lives in the boxes' root, holds no secret, and never runs a line of a hand-in: the fork does, behind its walls. A
box is two processes. The first stands outside, waits and tells how the box ended; the second is process 1 of the box.
If the server goes, all its boxes go with it. A server that is given a listening socket forks no boxes, but a server
for each process that connects.
"""

import array
import contextlib
import json
import os
import select
import signal
import socket
import sys
import traceback
import types
from collections.abc import Mapping
from typing import Any, NoReturn

from grader.sandbox.inside import confine, linux, mounts

LENGTH = 4  # bytes of the number that goes before a message


def send(channel: socket.socket, message: Mapping[str, Any], descriptors: list[int] | None = None) -> None:
    """Send a message, and open files with it."""
    content = json.dumps(message).encode()
    socket.send_fds(channel, [len(content).to_bytes(LENGTH, "big")], descriptors or [])
    channel.sendall(content)


def receive(channel: socket.socket, most: int = 0) -> tuple[dict[str, Any], list[int]] | None:
    """The next message with at most `most` open files; None at the end."""
    first, ancillary, _, _ = channel.recvmsg(LENGTH, socket.CMSG_LEN(most * array.array("i").itemsize))
    descriptors = array.array("i")
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    if len(first) < LENGTH:
        return None
    content = b""
    while len(content) < (size := int.from_bytes(first, "big")):
        piece = channel.recv(size - len(content))
        if not piece:
            return None
        content += piece
    return json.loads(content), list(descriptors)


def main(settings: dict[str, Any]) -> None:
    """Build the root, import what boxes share, and fork a box for each request, until the other end hangs up."""
    control = socket.socket(fileno=os.dup(0))
    control.set_inheritable(False)
    _silence_input()
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    _new_namespaces()
    mounts.build(settings["base"], settings["shared"], settings["hidden"], settings["places"])
    _run(settings["warm"], [])
    signal.signal(signal.SIGCHLD, _bury)
    loaded = _loaded()
    send(control, {"ready": True})
    if settings["listener"] is not None:
        control = _listen(control, socket.socket(fileno=settings["listener"]))
    while (request := receive(control, most=3)) is not None:
        message, descriptors = request
        if _loaded() != loaded:
            os._exit(3)  # something was imported since: start anew from what is known
        if os.fork() == 0:
            control.close()
            _stand_outside(message, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
    os._exit(0)


def _listen(control: socket.socket, listener: socket.socket) -> socket.socket:
    """Fork a server for each process that connects, and end when whoever started this one hangs up.

    Returns only in a server that was forked, with the connection it is to serve.
    """
    while True:
        ready, _, _ = select.select([control, listener], [], [])
        if control in ready:
            os._exit(0)
        connection, _ = listener.accept()
        if os.fork() == 0:
            control.close()
            listener.close()
            linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
            handle = os.pidfd_open(os.getpid())
            send(connection, {"ready": True}, [handle])
            os.close(handle)
            return connection
        connection.close()


def _bury(number: int, frame: types.FrameType | None) -> None:
    """Wait for the outer processes of boxes that have ended; their processor time then counts as this server's."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _silence_input() -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _new_namespaces() -> None:
    """Mounts of one's own; an ordinary user needs a user namespace to be allowed to."""
    user, group = os.geteuid(), os.getegid()
    linux.unshare(linux.NEWNS | (linux.NEWUSER if user else 0))
    if user:
        confine.map_user(user, group)


def _loaded() -> int:
    """A number that changes when a module is imported, replaced or removed."""
    return hash(tuple((name, id(module)) for name, module in sys.modules.items()))


def _stand_outside(message: Mapping[str, Any], channel: int, output: int, status: int) -> NoReturn:
    """The outer process of a box: make the namespaces, fork process 1 into them, tell its number and its end."""
    with socket.socket(fileno=status) as teller:
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
            linux.unshare(confine.NAMESPACES)
            pid = os.fork()
            if pid == 0:
                _become_box(message, channel, output)
            os.close(channel)
            os.close(output)
            handle = os.pidfd_open(pid)
            send(teller, {"pid": pid}, [handle])
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            send(teller, {"ended": f"signal {-code}" if code < 0 else f"exit code {code}"})
        except BaseException as error:
            send(teller, {"error": str(error)[:500]})
    os._exit(0)


def _become_box(message: Mapping[str, Any], channel: int, output: int) -> NoReturn:
    """Process 1 of a box."""
    code = 1
    try:
        os.setsid()
        os.dup2(channel, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        confine.confine(message["own"], message["limits"])
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user has cleared it
        _run(message["source"], message["arguments"])
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(source: str, arguments: list[str]) -> None:
    """Run a program's source as `python -c` would, in this process."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv = ["-c", *arguments]
    exec(compile(source, "<job>", "exec"), vars(module))  # noqa: S102 — the staff's own text, never a hand-in's
