"""The one error of intake, and the form of its message: hand-in, member, fact, expectation."""

from collections.abc import Iterator
from contextlib import contextmanager

from grader.errors import HandinError

LONGEST_NAME_SHOWN = 80


class IntakeError(HandinError):
    """A hand-in that is not opened. One line: which hand-in and member, what is wrong, what was expected."""


def shown(name: str) -> str:
    """`name` for a message: printable, on one line, at most 80 characters."""
    printable = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name[: 4 * LONGEST_NAME_SHOWN])
    if len(printable) <= LONGEST_NAME_SHOWN:
        return printable
    half = LONGEST_NAME_SHOWN // 2
    return f"{printable[:half]}…{printable[1 - half :]}"


def refuse(handin: str, fact: str, expected: str, member: str | None = None) -> IntakeError:
    """The error that says `handin: 'member' fact; expected …`."""
    subject = shown(handin) if member is None else f"{shown(handin)}: '{shown(member)}'"
    return IntakeError(f"{subject} {fact}; expected {expected}")


@contextmanager
def reading(handin: str, expected: str, member: str | None = None) -> Iterator[None]:
    """Turn whatever a parser of foreign bytes raises into a refusal.

    The standard library's archive readers document a few exceptions and raise many more on crafted bytes
    (`struct.error`, `UnicodeDecodeError`, `RecursionError`, …), so the net is wide; it is put around reading
    only, never around writing, so that a full disk stays our failure. So does a lack of memory.
    """
    try:
        yield
    except (IntakeError, MemoryError):
        raise
    except Exception as error:
        said = shown(str(error)) or "no details"
        raise refuse(handin, f"cannot be read ({type(error).__name__}: {said})", expected, member) from None
