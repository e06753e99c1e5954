"""Many clients at once, and processes that are killed: no budget is spent twice, and nothing acknowledged is lost."""

import time

import httpx
import pytest

from assignment3_scaling.service.clock import system_clock
from assignment3_scaling.service.registry import Registry
from assignment3_scaling.service.store import Database
from assignment3_scaling.service.tests.configs import config
from assignment3_scaling.service.tests.hammer import check_books, hammer, held
from assignment3_scaling.service.tests.process import server
from grader.tests.started import Started

ENOUGH = ("--requests-per-minute", 10**6, "--submits-per-minute", 10**6)


def students(address, count):
    """The keys of new students."""
    database = Database(address)
    registry = Registry(database, system_clock)
    keys = [registry.add(f"student {number}", seed=number).key for number in range(count)]
    database.close()
    return keys


def experiment(url, key, number):
    return httpx.get(f"{url}/experiment/{number}", headers={"X-API-Key": key}, timeout=60).json()


def until(condition):
    """Wait for what must come to pass."""
    deadline = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come to pass"
    return found


def test_clients_at_once_never_exceed_a_budget_nor_lose_a_run(address):
    keys = students(address, 3)
    with server(address, *ENOUGH, "--slots", 0) as (_, url):  # nothing runs, so budgets are reserved to their ends
        tally = hammer(
            url, keys, clients=12, variety=40, longest=(30.0, 300.0, 20_000.0),
            go_on=lambda tally: tally.codes.total() < 150,
        )  # fmt: skip
    assert tally.codes[200] > 0
    assert tally.codes[400] > 0, "the clients were too few to exhaust a budget"
    assert tally.codes[409] > 0, "the clients never met each other"
    with server(address, *ENOUGH) as (_, url):
        assert check_books(url, tally, keys) == sum(map(len, tally.acknowledged.values()))


def test_a_server_that_is_killed_among_submits_has_kept_all_that_it_acknowledged(address):
    keys = students(address, 2)
    with server(address, *ENOUGH) as (first, url):
        killed = []

        def go_on(tally):
            if tally.codes[200] > 20 and not killed:
                killed.append(True)
                first.kill()
            return not killed

        tally = hammer(url, keys, clients=8, go_on=go_on)
    assert tally.codes[200] > 20
    with server(address, *ENOUGH, "--lost-after", 1) as (_, url):
        runs = check_books(url, tally, keys)
        assert runs >= sum(map(len, tally.acknowledged.values()))  # what was written and not said was queued, too
        name, [number] = next((name, numbers) for name, numbers in tally.under_key.items())
        key = next(key for key in keys if number in tally.acknowledged[key])
        body = tally.acknowledged[key][number]
        headers = {"X-API-Key": key, "Idempotency-Key": name}
        again = httpx.post(f"{url}/submit", json=body, headers=headers, timeout=60).json()
        assert again["experiment_id"] == number
        held(again["budget_summary"])


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_a_run_whose_worker_is_killed_is_given_to_another(address):
    [key] = students(address, 1)
    options = ("--slots", 0, "--internal-key", "s3cret", "--lost-after", 1)
    with server(address, *options) as (_, url):
        httpx.post(f"{url}/submit", json=config(), headers={"X-API-Key": key}, timeout=60).raise_for_status()
        victim = Started("assignment3_scaling.service.tests.slow_worker", url, "s3cret", 1)
        victim.wait_for("training for 0")
        status = experiment(url, key, 1)["status"]
        assert (status["status_type"], status["val_losses"]) == ("running", [5.0])
        victim.kill()
        other = Started("assignment3_scaling.service", "worker", url, "--lost-after", 1, SCALING_INTERNAL_KEY="s3cret")
        try:
            done = until(lambda: (found := experiment(url, key, 1)["status"])["status_type"] == "completed" and found)
        finally:
            other.stop()
    assert done["run_id"] != status["run_id"]
    assert len(done["val_losses"]) == 4
