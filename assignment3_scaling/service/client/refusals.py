"""From an HTTP answer to the error it stands for, and from a body to the JSON that may be sent."""

import json
import math
from collections.abc import Iterator
from typing import Any

import httpx

from assignment3_scaling.service import errors
from assignment3_scaling.service.client.backoff import asked_pause

_PLAIN: dict[int, type[errors.ServiceError]] = {
    401: errors.Unauthorized, 403: errors.Closed, 409: errors.Conflict, 413: errors.TooLarge, 503: errors.Unavailable,
}  # fmt: skip


def refusal(answer: httpx.Response) -> errors.ServiceError:
    """The error of an answer that is not a success. An answer of another server than ours is one, too."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    body = body if isinstance(body, dict) else {}
    detail, status = body.get("detail"), answer.status_code
    if status == 422 and isinstance(detail, list) and all(map(_is_problem, detail)):
        return errors.InvalidConfig(detail)
    if status == 400 and isinstance(detail, dict) and isinstance(detail.get("budget_summary"), dict):
        return errors.InsufficientBudget(detail["budget_summary"])
    if status == 409 and isinstance(body.get("experiment_id"), int):
        return errors.AlreadyExists(body["experiment_id"])
    if status == 429:
        return errors.RateLimited(asked_pause(answer.headers.get("Retry-After")))
    message = detail if isinstance(detail, str) else f"the server answered {status} {answer.reason_phrase}"
    if status == 404:
        return errors.NotFound(message)
    return _PLAIN.get(status, errors.ServiceError)(message, detail)


def _is_problem(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("loc"), list) and "msg" in value


def encoded(body: object) -> bytes:
    """The JSON of a body.

    Raises:
        InvalidConfig: a number in it is infinite or not a number, for which JSON has no form; refused here, as the
            server would if it could be sent.
    """
    problems = [
        {"loc": list(place), "msg": "Input should be a finite number", "type": "finite_number"}
        for place in _not_finite(body, ())
    ]
    if problems:
        raise errors.InvalidConfig(problems)
    return json.dumps(body, allow_nan=False).encode()


def _not_finite(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _not_finite(part, (*place, key))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _not_finite(part, (*place, index))
    elif isinstance(value, float) and not math.isfinite(value):
        yield place
