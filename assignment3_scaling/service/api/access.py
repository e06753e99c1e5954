"""Who may ask, and how often."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Header, Request

from assignment3_scaling.service.errors import RateLimited, Unauthorized
from assignment3_scaling.service.rate import RateLimit
from assignment3_scaling.service.service import Service


@dataclass(frozen=True)
class Access:
    """How often students may ask, and the secret of workers on other machines: without one there are none."""

    requests_per_minute: int = 600
    submits_per_minute: int = 120
    bad_keys_per_minute: int = 20
    internal_key: str | None = None


class Door:
    """Lets students and workers in."""

    def __init__(self, service: Service, access: Access) -> None:
        self._service, self._access = service, access
        self._requests = RateLimit(access.requests_per_minute, service.clock)
        self._submits = RateLimit(access.submits_per_minute, service.clock)
        self._bad_keys = RateLimit(access.bad_keys_per_minute, service.clock)
        self._known: set[str] = set()

    def student(self, request: Request, key: str | None) -> int:
        """The student whose key this is, if they have not asked too often.

        Wrong keys are counted by address, so that nobody can try all keys of eight digits; keys that were right before
        are let in from such an address, too, for a whole class may share one.

        Raises:
            Unauthorized, RateLimited.
        """
        address = request.client.host if request.client else None
        if key and key not in self._known:
            _hold(self._bad_keys.wait(address))
        try:
            student = self._service.authenticate(key)
        except Unauthorized:
            if key:
                self._known.discard(key)
                self._bad_keys.take(address)
            raise
        if key:
            self._known.add(key)
        request.state.student = student
        _hold(self._requests.take(student))
        return student

    def submitter(self, request: Request, key: str | None) -> int:
        """As `student`, for what queues a run."""
        student = self.student(request, key)
        _hold(self._submits.take(student))
        return student

    def worker(self, key: str | None) -> None:
        """A worker on another machine.

        Raises:
            Unauthorized: this is not the secret, or the server was started without one.
        """
        if self._access.internal_key is None:
            raise Unauthorized("this server takes no workers from elsewhere: it was started without an internal key")
        if not key:
            raise Unauthorized("missing X-Internal-Key")
        if not hmac.compare_digest(key.encode(), self._access.internal_key.encode()):
            raise Unauthorized("invalid internal key")


def _hold(seconds: float) -> None:
    if seconds > 0:
        raise RateLimited(seconds)


def student_by(check: Callable[[Request, str | None], int]) -> Callable[..., int]:
    """A dependency of routes: the student in the header `X-API-Key`, by one of the checks of a `Door`."""

    def student(request: Request, key: Annotated[str | None, Header(alias="X-API-Key")] = None) -> int:
        return check(request, key)

    return student


def worker_by(door: Door) -> Callable[..., None]:
    """A dependency of routes: a worker that knows the secret in the header `X-Internal-Key`."""

    def worker(key: Annotated[str | None, Header(alias="X-Internal-Key")] = None) -> None:
        door.worker(key)

    return worker
