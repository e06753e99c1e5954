"""The office of a worker on another machine: the internal routes of a server, over HTTP."""

from typing import Any

import httpx

from assignment3_scaling.service.errors import (
    Conflict,
    InvalidConfig,
    NotFound,
    ServiceError,
    Unauthorized,
    Unavailable,
)
from assignment3_scaling.service.workers import Job

REFUSALS: dict[int, type[ServiceError]] = {401: Unauthorized, 409: Conflict}


class RemoteOffice:
    """Reports to the server at `url`, which knows the same secret."""

    def __init__(self, url: str, internal_key: str, *, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"X-Internal-Key": internal_key}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=30.0, transport=transport)

    def claim(self, worker: str, at_most: int) -> list[Job]:
        """Runs for this worker."""
        answer = self._post("/internal/worker/claim", {"worker": worker, "at_most": at_most})
        return [Job(**job) for job in answer.json()]

    def event(self, experiment_id: int, event: object) -> None:
        """Something happened in a run."""
        self._post(f"/internal/worker/{experiment_id}/event", event)

    def finish(self, experiment_id: int, result: object) -> None:
        """A run has ended."""
        self._post(f"/internal/worker/{experiment_id}/finish", result)

    def reconcile(self) -> list[int]:
        """The server does this itself."""
        return []

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _post(self, path: str, body: Any) -> httpx.Response:
        try:
            answer = self._http.post(path, json=body)
        except httpx.TransportError as error:
            raise Unavailable(f"no answer from {self._http.base_url}: {error or type(error).__name__}") from error
        if answer.is_success:
            return answer
        if answer.status_code == 404:
            raise NotFound
        if answer.status_code == 422:
            raise InvalidConfig(answer.json()["detail"])
        if answer.status_code in REFUSALS:
            raise REFUSALS[answer.status_code](str(answer.json()["detail"]))
        raise Unavailable(f"{self._http.base_url} answered {answer.status_code} to {path}")
