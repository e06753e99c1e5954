"""A course server as an entrant's command sees it: send an entry, ask what became of it."""

import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from grader.errors import GraderError
from grader.report.text import line

SECONDS = 60.0
MOST_ANSWER = 2**20
JSON = "application/json"


@dataclass(frozen=True)
class Sent:
    """An entry on a server: its number, its state there, and all that the server says."""

    id: int
    state: str
    answer: dict[str, Any]


class Server:
    """A course server at `url`, addressed by whoever has `token`."""

    def __init__(self, url: str, token: str) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise GraderError(f"'{line(url, 80)}' is no address; expected http://… or https://…")
        if not token.isascii() or not token.isprintable() or not token:
            raise GraderError("the token holds what no token holds; expected the text that the course gave you")
        self._url = url.rstrip("/")
        self._token = token

    def submit(self, assignment: str, track: str, packed: Path, claim: float | None) -> Sent:
        """Send an entry.

        Raises:
            GraderError: the server refused it, or cannot be reached; one line.
        """
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quote(packed.name)}"\r\n'
            f"Content-Type: application/zip\r\n\r\n".encode()
            + packed.read_bytes()
            + b"\r\n"
        ]
        if claim is not None:
            parts.append(
                f'--{boundary}\r\nContent-Disposition: form-data; name="claimed"\r\n\r\n{claim!r}\r\n'.encode()
            )
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        path = f"/api/leaderboard/{quote(assignment)}/{quote(track)}/entries"
        return self._sent(self._ask(path, body, f"multipart/form-data; boundary={boundary}"))

    def ask(self, number: int) -> Sent:
        """What became of the entry.

        Raises:
            GraderError: it is not ours, or the server cannot be reached.
        """
        return self._sent(self._ask(f"/api/submissions/{number}"))

    def _ask(self, path: str, body: bytes | None = None, kind: str = JSON) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": kind, "Accept": JSON}
        request = urllib.request.Request(self._url + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                content = json.loads(answer.read(MOST_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                raise GraderError(f"{self._url} answered {error.code}: {_detail(error.read(MOST_ANSWER))}") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise GraderError(f"{self._url} cannot be asked: {line(str(reason))}; expected a course server") from None
        if not isinstance(content, dict):
            raise GraderError(f"{self._url} answered something else than a course server does")
        return content

    def _sent(self, answer: dict[str, Any]) -> Sent:
        if type(answer.get("id")) is not int or not isinstance(answer.get("state"), str):
            raise GraderError(f"{self._url} answered something else than a course server does")
        return Sent(answer["id"], answer["state"], answer)


def _detail(content: bytes) -> str:
    try:
        return line(str(json.loads(content)["detail"]), 300)
    except (ValueError, KeyError, TypeError):
        return "no reason given"
