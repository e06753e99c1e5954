"""Many clients at once against one server, and what must be true of the books afterwards.

Clients share students, so that they fight for the same budgets: new configs, configs that others have just submitted,
and each third submit twice at the same moment under one idempotency key, as after a lost answer.
"""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from assignment3_scaling.service.tests.configs import config

PATIENCE_SECONDS = 120
FINE = {200, 400, 409, 503}
LONGEST = (30.0, 300.0, 5_000.0)
"""The `max_runtime_seconds` that are asked for: so long that budgets are soon all reserved, so short that some fit."""


@dataclass
class Tally:
    """What was answered. `acknowledged` are the numbers of experiments by key and by config."""

    codes: Counter[int] = field(default_factory=Counter)
    acknowledged: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    under_key: dict[str, set[int]] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    """Seconds from each request to its answer."""
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: str, body: dict[str, Any], idempotency_key: str, answer: httpx.Response) -> None:
        """One answer to a submit."""
        found = answer.json()
        assert answer.status_code in FINE, (answer.status_code, found)
        with self.lock:
            self.waits.append(answer.elapsed.total_seconds())
            self.codes[answer.status_code] += 1
            if answer.status_code != 200:
                return
            self.acknowledged.setdefault(key, {})[found["experiment_id"]] = body
            self.under_key.setdefault(idempotency_key, set()).add(found["experiment_id"])
        held(found["budget_summary"])


def held(budget: dict[str, float]) -> None:
    """A budget is never exceeded, and its numbers add up."""
    assert budget["used_seconds"] <= budget["total_budget_seconds"], budget
    assert budget["remaining_seconds"] >= 0, budget
    assert abs(budget["used_seconds"] + budget["remaining_seconds"] - budget["total_budget_seconds"]) < 1e-3, budget


def hammer(
    url: str,
    keys: Sequence[str],
    *,
    clients: int,
    go_on: Callable[[Tally], bool],
    longest: Sequence[float] = LONGEST,
    variety: int = 500,
    seed: int = 336,
) -> Tally:
    """Submit from so many clients at once, as long as `go_on` says. A connection that breaks ends that client.

    Configs are of so many kinds as `variety` says, each with one of `longest` as its `max_runtime_seconds`.
    """
    tally, names = Tally(), itertools.count()

    def client(number: int) -> None:
        draw, key = random.Random(f"{seed} {number}"), keys[number % len(keys)]
        with httpx.Client(base_url=url, headers={"X-API-Key": key}, timeout=PATIENCE_SECONDS) as http:
            while go_on(tally):
                body = config(model_seed=draw.randrange(variety), max_runtime_seconds=draw.choice(longest), n_evals=1)
                name = f"{seed}-{next(names)}"
                twice = 2 if draw.random() < 1 / 3 else 1
                try:
                    for answer in _at_once(http, body, name, twice):
                        tally.note(key, body, name, answer)
                except httpx.TransportError:
                    return

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        for done in [threads.submit(client, number) for number in range(clients)]:
            done.result()
    tally.seconds = time.perf_counter() - began
    return tally


def _at_once(http: httpx.Client, body: dict[str, Any], name: str, times: int) -> list[httpx.Response]:
    def submit(_: int) -> httpx.Response:
        return http.post("/submit", json=body, headers={"Idempotency-Key": name})

    if times == 1:
        return [submit(0)]
    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(submit, range(times)))


def check_books(url: str, tally: Tally, keys: Sequence[str]) -> int:
    """Wait until nothing is queued or running, and hold the server's books against what was acknowledged.

    Everything acknowledged is there with its config, nothing is there twice, every run has ended, and each budget is
    the sum of its runs. Gives the number of runs.
    """
    count = 0
    for key in keys:
        with httpx.Client(base_url=url, headers={"X-API-Key": key}, timeout=PATIENCE_SECONDS) as http:
            found = _ended(http)
            by_number = {one["experiment_id"]: one for one in found}
            assert len(by_number) == len(found)
            for number, body in tally.acknowledged.get(key, {}).items():
                assert number in by_number, f"experiment {number} was acknowledged, and is lost"
                assert by_number[number]["training_config"] == body
            alive = [one for one in found if one["status"]["status_type"] != "failed"]
            seeds = [one["training_config"]["model_seed"] for one in alive]
            assert len(set(seeds)) == len(seeds), "the same experiment was queued twice"
            charges = [
                min(max(1.0, one["status"]["used_runtime_seconds"]), one["training_config"]["max_runtime_seconds"])
                for one in found
            ]
            budget = http.get("/budget").json()
            held(budget)
            assert abs(sum(charges) - budget["used_seconds"]) < 1e-3 * max(1, len(charges)), budget
            count += len(found)
    split = {name: numbers for name, numbers in tally.under_key.items() if len(numbers) > 1}
    assert not split, f"idempotency keys under which more than one experiment was queued: {split}"
    return count


def _ended(http: httpx.Client) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found: list[dict[str, Any]] = http.get("/experiments").json()
        if all(one["status"]["status_type"] in ("completed", "failed") for one in found):
            return found
        assert time.monotonic() < deadline, Counter(one["status"]["status_type"] for one in found)
        threading.Event().wait(0.1)
