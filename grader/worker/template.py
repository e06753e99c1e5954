"""A process that has imported the hand-in, and forks a child for each test.

The worker's first process holds a `Template`; the forked process lives in `_live`. They speak over a socket of their
own: "imported", or that every test shall import it anew, as staff were told something of the import or a timer runs;
then, for each test, "fork" or "serve it yourself", and how the test ended. What comes from the forked
process is believed as little as what comes from a test: it only decides when to look, and what staff are told.
"""

import contextlib
import ctypes
import gc
import os
import random
import select
import signal
import socket
import struct
import sys
from typing import NoReturn

from grader.worker import leftovers
from grader.worker.serving import IMPORTING, Handin, leave

PR_SET_DUMPABLE = 4
IMPORTED, ANEW, FORK, SERVE = b"i", b"n", b"f", b"s"
TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
ENDED = struct.Struct("=qq")
"""Number and exit code of a test's process."""
TICK = 0.05


class Template:
    """The forked process as the first one sees it. It is made when a test needs it, and made anew when it was lost."""

    def __init__(self, handin: Handin) -> None:
        self._handin = handin
        self._pid = 0
        self._code: int | None = None
        self._control: socket.socket | None = None

    @property
    def imported(self) -> bool:
        """Whether a forked process is there that can serve the next test as it is."""
        return self._control is not None

    def test(self) -> tuple[str, int]:
        """Have one test served, and end every process it left; tells how it ended, and how many it had let stray."""
        if self._control is not None and self._has_ended():  # it had set itself an alarm, say
            self._forget(self._control)
        fresh = self._control is None
        control = self._control or self._begin()
        if fresh and (self._hear(control) != IMPORTED or not leftovers.only_memory(self._pid, self._handin.private)):
            return self._alone(control)
        self._tell(control, FORK)
        reply = self._hear(control)
        if len(reply) != ENDED.size:
            return self._alone(control)
        pid, code = ENDED.unpack(reply)
        groups = leftovers.groups(spare=self._pid)
        if groups:
            self._forget(control)
            leftovers.end_all(pid)
        return leftovers.how(code), sum(group != pid for group in groups)

    def _has_ended(self) -> bool:
        self._code = leftovers.ended(self._pid, patiently=False)
        return self._code is not None

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair()  # a stream, as macOS has no packets here: the sides speak by turns
        pid = os.fork()
        if pid == 0:
            ours.close()
            _live(theirs, self._handin)
        theirs.close()
        self._pid, self._code, self._control = pid, None, ours
        return ours

    def _alone(self, control: socket.socket) -> tuple[str, int]:
        """The forked process serves this test itself, or has ended; the next test needs another."""
        self._tell(control, SERVE)
        self._forget(control)
        code = self._code if self._code is not None else leftovers.ended(self._pid, patiently=True)
        groups = leftovers.groups()
        leftovers.end_all(self._pid)
        return leftovers.how(code or 0), sum(group != self._pid for group in groups)

    def _tell(self, control: socket.socket, order: bytes) -> None:
        with contextlib.suppress(OSError):
            control.send(order)

    def _hear(self, control: socket.socket) -> bytes:
        """Its next message; nothing where it has ended or hung up. Orphans that end meanwhile are buried."""
        while True:
            if select.select([control], [], [], TICK)[0]:
                with contextlib.suppress(OSError):
                    return control.recv(64)
                return b""
            if self._has_ended():
                return b""

    def _forget(self, control: socket.socket) -> None:
        control.close()
        self._control = None


def _live(control: socket.socket, handin: Handin) -> NoReturn:
    """Import the hand-in, then fork a process a test, each as this one was after the import."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # its memory may be measured from outside
    random.seed(0)  # Python begins this generator anew after a fork; the others are as they were before it
    tripwires = handin.watch()
    if not handin.load():
        handin.serve()  # nothing but the end can come
    state = random.getstate()
    gc.freeze()  # keeps a test's garbage collection from copying every page
    anew = tripwires.noted or any(signal.getitimer(timer)[0] for timer in TIMERS)  # no fork would inherit a timer
    control.send(ANEW if anew else IMPORTED)
    while (order := control.recv(1)) == FORK:
        pid = os.fork()
        if pid == 0:
            random.setstate(state)
            _serve(control, handin, forked=True)
        control.send(ENDED.pack(pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
    if order == SERVE:
        _serve(control, handin, forked=False)
    leave()


def _serve(control: socket.socket, handin: Handin, *, forked: bool) -> NoReturn:
    control.close()
    if forked:
        handin.watch()
    handin.channel.send({"id": IMPORTING, "value": None, "events": []})
    handin.serve()
