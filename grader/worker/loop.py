"""The worker's first process: serves tests until the judge hangs up. It runs no line of a hand-in."""

import ctypes
import gc
import os
import socket
import sys
from pathlib import Path
from typing import Any

from grader.guard import Guard
from grader.worker import leftovers
from grader.worker.channel import Channel
from grader.worker.code import compiled, remember
from grader.worker.libraries import prepare
from grader.worker.serving import Handin
from grader.worker.template import Template

PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36


def main(settings: dict[str, Any]) -> None:
    """Serve tests until the judge hangs up."""
    connection = socket.socket(fileno=os.dup(0))
    connection.set_inheritable(False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    channel = Channel(connection)
    # From the environment alone: what `tempfile` falls back to, where this folder has been made unusable, is shared.
    private = Path(os.environ["TMPDIR"])
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if not gc.get_freeze_count():
        prepare(settings["preload"])  # a fork server has done so
    guard = Guard(Path(settings["root"]) / settings["assignment"], settings["policy"], settings["staff"])
    remember(compiled(Path(settings["root"]) / settings["assignment"]))
    gc.freeze()
    channel.send(
        {
            "ready": True,
            "versions": {"python": sys.version.split()[0], "torch": sys.modules["torch"].__version__},
        }
    )
    template = Template(
        Handin(channel, guard, settings["assignment"], Path(settings["root"]), tuple(settings["path"]), private)
    )
    begun = False
    while True:
        if begun or channel.receive() == {"op": "test"}:
            ended, strays = template.test()
            clean = leftovers.clean(private)
            begun = clean and template.imported  # the next test's process is made while the judge is busy elsewhere
            channel.send({"ended": ended, "clean": clean, "strays": strays, "begun": begun})
