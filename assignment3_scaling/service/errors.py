"""What a request can be refused with: one tree, so that a client may catch `ServiceError`.

ServiceError
├── InvalidConfig         422  the config breaks a rule; `problems` lists every one, with the field it is about
├── InsufficientBudget    400  the longest the run may take is more than what is left
├── Unauthorized          401  no key, or none that is known
├── Closed                403  the time for final submissions is over
├── NotFound              404  no such experiment, or another student's
├── AlreadyExists         409  the same experiment is queued, running or done; `experiment_id` says which
├── Conflict              409  a worker reports on a run that is not its own, or a key is used for another request
├── TooLarge              413  the body is longer than any config
├── RateLimited           429  too many requests; `retry_after_seconds` says how long to wait
└── Unavailable           503  the server cannot reach its database, or cannot be reached
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class ServiceError(Exception):
    """A refusal: `message` for people, `status` as in HTTP, `detail` the JSON that stands in the answer's `detail`."""

    status: ClassVar[int] = 500

    def __init__(self, message: str, detail: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail: Any = message if detail is None else detail

    def body(self) -> dict[str, Any]:
        """The JSON of an HTTP answer."""
        return {"detail": self.detail}


class InvalidConfig(ServiceError):
    """The body of a request is not what it should be. Each problem has `loc` (the path to the field), `msg`, `type`."""

    status = 422

    def __init__(self, problems: Sequence[Mapping[str, Any]]) -> None:
        lines = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems]
        super().__init__("; ".join(lines), [dict(problem) for problem in problems])
        self.problems: list[dict[str, Any]] = self.detail

    @classmethod
    def of(cls, field: Sequence[str | int], message: str, kind: str = "value_error") -> "InvalidConfig":
        """One problem with one field."""
        return cls([{"loc": list(field), "msg": message, "type": kind}])


class InsufficientBudget(ServiceError):
    """Queued and running experiments count with the longest they may take."""

    status = 400

    def __init__(self, budget_summary: Mapping[str, float]) -> None:
        message = "insufficient budget"
        super().__init__(message, {"message": message, "budget_summary": dict(budget_summary)})
        self.budget_summary: dict[str, float] = self.detail["budget_summary"]


class Unauthorized(ServiceError):
    """The header with the key is missing, or its key is not known."""

    status = 401


class Closed(ServiceError):
    """Final submissions are taken no more."""

    status = 403


class NotFound(ServiceError):
    """There is no such experiment among the student's own."""

    status = 404

    def __init__(self, message: str = "not found") -> None:
        super().__init__(message)


class AlreadyExists(ServiceError):
    """An experiment of this student with the same config has not failed."""

    status = 409

    def __init__(self, experiment_id: int) -> None:
        super().__init__("experiment already exists for this training config")
        self.experiment_id = experiment_id

    def body(self) -> dict[str, Any]:
        """`detail` is a sentence, as clients of 2026 expect; the id stands beside it."""
        return {"detail": self.detail, "experiment_id": self.experiment_id}


class Conflict(ServiceError):
    """What the request says does not fit what the server knows."""

    status = 409


class TooLarge(ServiceError):
    """No config is as long as this body."""

    status = 413


class RateLimited(ServiceError):
    """Too many requests in too short a time."""

    status = 429

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__(f"too many requests; try again in {retry_after_seconds:.0f} s")
        self.retry_after_seconds = retry_after_seconds


class Unavailable(ServiceError):
    """The server, or its database, does not answer at the moment; nothing was done."""

    status = 503
