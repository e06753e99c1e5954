"""Sandboxes: run a program on a read-only tree within limits, and say how it ended.

A sandbox knows nothing of tests or points. An engine turns a `Job` into a running `Box`; the box offers one
channel (a socket, the program's standard input), the captured output, and a way to end everything in it.

What each engine covers:

====================  ==========================  ==========================  ==============================
                      `forkserver` (Linux)        `bubblewrap` (Linux)        `plain` (any Unix)
====================  ==========================  ==========================  ==============================
file system           read-only system and tree;  the same                    NOT covered: the user's files
                      private /tmp of limited                                 can be read and, where
                      size; nothing else there;                               permissions allow, written
                      Landlock beneath
network               a loopback of its own,      the same                    NOT covered
                      nothing else
other processes       own PID namespace, all of   the same                    NOT covered: the user's can be
                      it dies with the box; own                               seen. Its own end with it: on
                      IPC and host name                                       Linux descendants are hunted
                                                                              down, else the process group
user                  a user namespace; as root   as root another user id,    NOT covered: the same user
                      another user id, too; no    else a user namespace; no
                      capabilities                capabilities
system calls          filtered by seccomp         the same                    NOT covered
memory                limit per process, and the  the same                    limit per process; Linux: sum
                      sum is watched; none that                               watched. NOT covered: memory in
                      belongs to no process; a                                files without a name
                      control group where it
                      may be made
processes             limited in number           the same                    NOT covered
CPU, wall clock       the caller's deadline ends  the same                    the same
                      the box
open files, output    limited                     limited                     limited
environment           scrubbed                    scrubbed                    scrubbed
====================  ==========================  ==========================  ==============================

`container` (Docker or Podman) has the walls of its command line: own namespaces, read-only root, no network, no
capabilities, limits on memory, processes and files, the engine's own seccomp filter. It was tried here without a
container engine only; see its module.

Not covered by any: flaws of the kernel itself; the speed of other jobs on the same cores; where no control group may be
made, memory in the buffers of open sockets, which belongs to no process. Boxes of a fork server share
the memory layout of its libraries, so addresses learnt in one hold in the next.
"""

from grader.errors import ConfigError
from grader.sandbox import bubblewrap, container, forkserver, plain
from grader.sandbox.box import Box, Engine, Job

ENGINES: dict[str, Engine] = {
    "forkserver": forkserver.Forkserver(),
    "bubblewrap": bubblewrap.Bubblewrap(),
    "container": container.Container(),
    "plain": plain.Plain(),
}
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
