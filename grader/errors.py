"""The exceptions of the grader, and whose fault each one is.

::

    GraderError                  anything the command line turns into one clear line
    ├── ConfigError              a TOML file, a name or an option is wrong: the instructor's or the caller's
    ├── HandinError              the hand-in cannot be laid over the tree: the student's
    │   └── IntakeError          (grader.intake) it cannot be opened, or is not what may be handed in
    ├── RecordError              (grader.record) kept data that is not what the grader wrote
    ├── WireError                bytes that are not a well-formed message: whoever sent them
    └── SandboxError             the machine did not give what an engine needs: ours

    SubmissionError              the student's code misbehaved while a test called it; the verdict's name is on it
    ├── SubmissionRaised
    ├── SubmissionNotImplemented
    ├── SubmissionTimeout
    ├── SubmissionMemory
    └── SubmissionCrash

What is the student's fault is never a `GraderError` in the middle of a test: a test that ends in anything but
an assertion or a `SubmissionError` is a `GRADER_ERROR`, ours.
"""

import linecache
import re
import traceback


class GraderError(Exception):
    """Something the grader's user has to know, in one line."""


class ConfigError(GraderError):
    """A configuration file, a name or an option is wrong; the message names the file and the key."""


class HandinError(GraderError):
    """A hand-in cannot be accepted; the message names the hand-in, the place and the expectation."""


class WireError(GraderError):
    """Bytes that are not a well-formed message within the limits."""


class SandboxError(GraderError):
    """A sandbox could not be started on this machine."""


class SubmissionError(Exception):
    """The student's code raised, or broke the rules of a call. `detail` is for the student: type and traceback."""

    verdict = "ERROR"

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class SubmissionRaised(SubmissionError):
    """The code raised an exception."""


class SubmissionNotImplemented(SubmissionError):
    """The code still raises `NotImplementedError`, or lacks the adapter."""

    verdict = "NOT_IMPLEMENTED"


class SubmissionTimeout(SubmissionError):
    """No complete reply came before the deadline."""

    verdict = "TIMEOUT"


class SubmissionMemory(SubmissionError):
    """The code ran into the memory limit."""

    verdict = "MEMORY"


class SubmissionCrash(SubmissionError):
    """The process ended, or sent something that is not a reply."""

    verdict = "CRASH"


def is_stub(error: BaseException) -> bool:
    """Whether an exception says that something is not written yet.

    Libraries in C raise `NotImplementedError`, too, where they cannot do what is asked ("index_select" of a dtype, say):
    then the innermost line of Python calls them, and raises nothing.
    """
    if not isinstance(error, NotImplementedError):
        return False
    frames = list(traceback.walk_tb(error.__traceback__))
    if not frames:
        return True
    frame, number = frames[-1]
    line = linecache.getline(frame.f_code.co_filename, number)
    return not line.strip() or re.search(r"\braise\b", line) is not None
