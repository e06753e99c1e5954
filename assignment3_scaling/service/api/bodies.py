"""JSON in and out. NaN and infinity are no JSON, though Python would read and write them."""

import json
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import Response

from assignment3_scaling.service.errors import InvalidConfig

DEEPEST = 20
"""No body of ours has objects in objects beyond 4; Python's parser gives up at some thousand."""


class Answer(Response):
    """Plain data as ASCII JSON: a name with half a surrogate pair in it cannot break it."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of the body."""
        return json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def json_body(request: Request) -> Any:
    """The body of a request as plain data.

    Raises:
        InvalidConfig: it is no JSON.
    """
    body: bytes = request.state.body
    try:
        if _depth(body) > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST}")
        return json.loads(body, parse_constant=_refuse)
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are such
        raise InvalidConfig.of(("body",), f"the body is not valid JSON: {error}", "json_invalid") from None


def _depth(body: bytes) -> int:
    """An upper bound of how deep arrays and objects lie in each other; brackets in strings count, too."""
    depth = deepest = 0
    for byte in body:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
