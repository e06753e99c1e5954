"""Sandboxes: run a command on a read-only tree within limits, and say how it ended.

A sandbox knows nothing of tests or points. An engine turns a `Job` into a running `Box`; the box offers one
channel (a socket, the command's standard input), the captured output, and a way to end everything in it.

What each engine covers:

====================  =====================================  ==========================================
                      `bubblewrap` (Linux)                   `plain` (any Unix)
====================  =====================================  ==========================================
file system           read-only system and tree; private,    NOT covered: the user's files can be read
                      size-limited /tmp; nothing else there  and, where permissions allow, written
network               a loopback of its own, nothing else    NOT covered
other processes       own PID namespace, all of it dies      Linux: descendants are hunted down; else
                      with the box; own IPC and host name    the process group only
user                  as root: another user id, no           NOT covered: the same user
                      capabilities; else a user namespace
memory                limit per process, and the sum is      limit per process; Linux: sum watched
                      watched by the parent
processes             limited in number                      as far as the system counts per user
CPU, wall clock       the caller's deadline ends the box     the same
open files, output    limited                                limited
environment           scrubbed                               scrubbed
====================  =====================================  ==========================================

Not covered by either: flaws of the kernel itself; the speed of other jobs on the same cores; system calls are not
filtered.
"""

from grader.errors import ConfigError
from grader.sandbox import bubblewrap, plain
from grader.sandbox.box import Box, Engine, Job

ENGINES: dict[str, Engine] = {"bubblewrap": bubblewrap.Bubblewrap(), "plain": plain.Plain()}
"""All engines, the best first."""

__all__ = ["ENGINES", "Box", "Engine", "Job", "choose"]


def choose(name: str | None = None) -> Engine:
    """The engine called `name`, or the best one that works on this machine.

    Raises:
        ConfigError: no engine of that name, or it does not work here; the message says why.
    """
    if name is None:
        return next(engine for engine in ENGINES.values() if engine.missing() is None)
    if name not in ENGINES:
        raise ConfigError(f"unknown engine '{name}'; there are: {', '.join(ENGINES)}")
    missing = ENGINES[name].missing()
    if missing is not None:
        raise ConfigError(f"engine '{name}' does not work here: {missing}")
    return ENGINES[name]
