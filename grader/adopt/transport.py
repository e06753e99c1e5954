"""The way to an adopted hand-in: a call beyond the public course that it cannot answer leaves the test out.

Decided on the trusted side, from the record of the adoption. Without one there is no such transport, and an adapter
that is lacking costs its problem.
"""

from contextlib import AbstractContextManager
from typing import Any

from grader.adopt.ledger import Adoption
from grader.errors import SubmissionNotImplemented
from grader.testing.proxy import Transport


class NotApplicable(NotImplementedError):
    """The test asks for what the public course does not have, and this hand-in lacks.

    As an error that a call may well be expected to raise, it would pass for one: what is not written has rejected nothing.
    """


class AdoptedTransport:
    """Calls as `transport` does."""

    def __init__(self, transport: Transport, adoption: Adoption) -> None:
        self._transport = transport
        self._beyond = frozenset(adoption.beyond)
        self._lacking = frozenset(adoption.lacking)

    def begin(self, problem: str) -> None:
        """Prepare for one test of `problem`."""
        self._transport.begin(problem)

    def call(self, target: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function; a driver is given the name of the adapter that it is to use.

        Raises:
            NotApplicable: the call is beyond the public course, and the hand-in has nothing to answer it with.
        """
        used = {name, *(value for value in (*args, *kwargs.values()) if isinstance(value, str))} & self._beyond
        if used & self._lacking:
            raise NotApplicable(f"it has no {', '.join(sorted(used & self._lacking))}")
        try:
            return self._transport.call(target, name, args, kwargs)
        except SubmissionNotImplemented as error:
            if used:
                raise NotApplicable(str(error)) from None
            raise

    def still(self) -> AbstractContextManager[None]:
        """A block in which nothing of the hand-in runs."""
        return self._transport.still()

    def denied(self) -> float:
        """Seconds that a busy machine took."""
        return self._transport.denied()

    def end(self) -> None:
        """End the test."""
        self._transport.end()
