"""The client over HTTP: patient with a server that is busy, restarting or far away, and never paying for a run twice.

Every request may be sent again: reading changes nothing, a final submission replaces itself, and a submit carries an
`Idempotency-Key` of its own, by which the server knows a repetition of it and answers with what it answered before.
"""

import random
import time
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

from assignment3_scaling.service.client.backoff import RETRIED_STATUSES, Backoff, asked_pause
from assignment3_scaling.service.client.interface import Client, Json, bet, is_over
from assignment3_scaling.service.client.refusals import encoded, refusal
from assignment3_scaling.service.errors import Unavailable

Told = Callable[[Json], object]
PATIENT = Backoff()


class HttpClient(Client):
    """One student's way to a server. Safe to use from several threads; close it, or use it in a `with`."""

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        backoff: Backoff = PATIENT,
        timeout_seconds: float = 30.0,
        poll_seconds: float = 1.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
        chance: random.Random | None = None,
    ) -> None:
        """`url` is where the server listens, `api_key` what it printed when the student was added.

        `transport`, `sleep` and `chance` are there for tests: what carries requests, what pauses, and what spreads the
        pauses.
        """
        self._http = httpx.Client(
            base_url=url, headers={"X-API-Key": api_key}, timeout=timeout_seconds, transport=transport
        )
        self._backoff, self._poll_seconds = backoff, poll_seconds
        self._sleep, self._chance = sleep, chance or random.Random()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def submit(self, training_config: Json) -> Json:
        answer: Json = self._answer("POST", "/submit", training_config, {"Idempotency-Key": str(uuid.uuid4())})
        return answer

    def budget(self) -> Json:
        answer: Json = self._answer("GET", "/budget")
        return answer

    def experiments(self) -> list[Json]:
        answer: list[Json] = self._answer("GET", "/experiments")
        return answer

    def experiment(self, experiment_id: int) -> Json:
        answer: Json = self._answer("GET", f"/experiment/{experiment_id}")
        return answer

    def wait(self, experiment_id: int, tell: Told = lambda experiment: None) -> Json:
        """As in `Client`; `tell` is called with the experiment each time it has been looked at."""
        while True:
            found = self.experiment(experiment_id)
            tell(found)
            if is_over(found):
                return found
            self._sleep(self._poll_seconds)

    def submit_final(
        self, training_config: Json, predicted_final_loss: float, prediction_interval: tuple[float, float] | None = None
    ) -> Json:
        body = bet(training_config, predicted_final_loss, prediction_interval)
        answer: Json = self._answer("POST", "/final_submission", body)
        return answer

    def final_submission(self) -> Json | None:
        answer: Json | None = self._answer("GET", "/final_submission")
        return answer

    def _answer(self, method: str, path: str, body: Json | None = None, headers: Json | None = None) -> Any:
        """The JSON of a successful answer.

        Raises:
            Unavailable: no answer came, however often it was tried.
            ServiceError: the request was refused.
        """
        content = None if body is None else encoded(body)
        request = self._http.build_request(
            method, path, content=content, headers={"Content-Type": "application/json", **(headers or {})}
        )
        pauses = self._backoff.pauses(self._chance)
        while True:
            answer = self._sent(request)
            if not isinstance(answer, httpx.TransportError) and answer.status_code not in RETRIED_STATUSES:
                break
            asked = 0.0 if isinstance(answer, httpx.TransportError) else asked_pause(answer.headers.get("Retry-After"))
            pause = next(pauses, None)
            if pause is None or asked > self._backoff.patience_seconds:
                break
            self._sleep(max(pause, asked))
        if isinstance(answer, httpx.TransportError):
            reason = str(answer) or type(answer).__name__
            raise Unavailable(f"no answer from {self._http.base_url} to {method} {path}: {reason}") from answer
        if not answer.is_success:
            raise refusal(answer)
        return answer.json()

    def _sent(self, request: httpx.Request) -> httpx.Response | httpx.TransportError:
        try:
            return self._http.send(request)
        except httpx.TransportError as error:
            return error
