"""The clients: the same answers in process and over HTTP, and a patience over HTTP that never pays twice."""

import itertools
import json
import math
import random
import uuid

import httpx
import pytest

from assignment3_scaling.service import errors
from assignment3_scaling.service.client import Client, HttpClient, InProcessClient
from assignment3_scaling.service.client.backoff import Backoff, asked_pause
from assignment3_scaling.service.client.interface import losses_of, reason_of, status_of
from assignment3_scaling.service.limits import PUBLIC
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.tests.configs import config
from assignment3_scaling.service.tests.live import served
from assignment3_scaling.service.tests.scripted import ScriptedBackend, completed, failing

MANY = Backoff(attempts=4)


def ending(training_config):
    """What the config's seed asks for: most runs complete."""
    how = {1: failing("timeout", losses=(4.0,)), 2: failing("out_of_memory", "too large for the machine")}
    return how.get(training_config.model_seed, completed)(training_config)


@pytest.fixture(scope="module")
def course():
    service = Service.in_memory(ScriptedBackend(ending))
    yield service
    service.close()


@pytest.fixture(scope="module")
def url(course):
    with served(course) as address:
        yield address


@pytest.fixture(params=["in process", "over http"])
def client(request, course, url):
    """A new student's client of each kind."""
    student = course.add_student(uuid.uuid4().hex)
    if request.param == "in process":
        yield InProcessClient(course, student.id)
    else:
        with HttpClient(url, student.key, poll_seconds=0.02) as found:
            yield found


def test_a_campaign_is_the_same_in_process_and_over_http(client):
    assert client.budget() == {
        "used_seconds": 0.0,
        "remaining_seconds": PUBLIC.total_budget_seconds,
        "total_budget_seconds": PUBLIC.total_budget_seconds,
    }
    number = client.submit(config())["experiment_id"]
    found = client.wait(number)
    assert status_of(found) == "completed"
    assert losses_of(found) == [5.0, 4.9, 4.8, 4.7]
    assert client.experiment(number) == found
    assert client.experiments() == [found]
    assert client.budget()["used_seconds"] == 30.0
    assert client.final_submission() is None
    assert client.submit_final(config(), 2.5)["predicted_final_loss"] == 2.5
    bet = client.submit_final(config(), 2.25, (2.0, 2.5))
    assert bet["prediction_interval"] == {"low": 2.0, "high": 2.5}
    assert client.final_submission() == bet


def test_a_failed_run_says_why_and_what_it_reached(client):
    late = client.wait(client.submit(config(model_seed=1))["experiment_id"])
    assert (status_of(late), losses_of(late), reason_of(late)) == ("failed", [4.0], "timeout")
    large = client.wait(client.submit(config(model_seed=2))["experiment_id"])
    assert (losses_of(large), reason_of(large)) == ([], "out_of_memory: too large for the machine")


def test_refusals_are_the_same_in_process_and_over_http(client):
    number = client.submit(config())["experiment_id"]
    with pytest.raises(client.AlreadyExists) as existing:
        client.submit(config())
    assert existing.value.experiment_id == number
    with pytest.raises(client.InsufficientBudget) as poor:
        client.submit(config(model_seed=9, max_runtime_seconds=43_200))
    assert poor.value.budget_summary["total_budget_seconds"] == 43_200
    with pytest.raises(client.NotFound):
        client.experiment(number + 10**6)
    with pytest.raises(client.InvalidConfig) as broken:
        client.submit(config(architecture_config__head_dim=3))
    assert [problem["loc"] for problem in broken.value.problems] == [
        ["architecture_config", "hidden_size"],
        ["architecture_config", "head_dim"],
    ]
    for error in (existing, poor, broken):
        assert isinstance(error.value, client.ServiceError)
        assert isinstance(error.value, errors.ServiceError)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_are_refused_with_their_field(client, number):
    with pytest.raises(client.InvalidConfig) as refused:
        client.submit(config(optimizer_config__lr_scheduler__peak_value=number))
    assert refused.value.problems == [
        {"loc": ["optimizer_config", "lr_scheduler", "peak_value"], "msg": "Input should be a finite number", "type": "finite_number"}
    ]  # fmt: skip
    with pytest.raises(client.InvalidConfig, match="predicted_final_loss"):
        client.submit_final(config(), number)
    assert client.experiments() == []


def test_every_error_a_student_may_meet_hangs_on_the_client():
    found = {name for name, value in vars(errors).items() if isinstance(value, type)} - {
        "Any",
        "Mapping",
        "Sequence",
        "ClassVar",
    }
    assert {name for name in found if issubclass(getattr(errors, name), errors.ServiceError)} - set(vars(Client)) == {
        "TooLarge"
    }


class Line(httpx.BaseTransport):
    """A connection that answers by a script: a status, an exception, or a function of the request."""

    def __init__(self, *script):
        self.script, self.requests = list(script), []

    def handle_request(self, request):
        self.requests.append(request)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx.Response) else step(request)


def over(*script, **options):
    """A client over such a line, the line, and the pauses that the client made."""
    line, pauses = Line(*script), []
    client = HttpClient(
        "http://server",
        "key",
        transport=line,
        sleep=pauses.append,
        chance=random.Random(1),
        **{"backoff": MANY, **options},
    )
    return client, line, pauses


def answer(status=200, body=None, **headers):
    return httpx.Response(status, json={} if body is None else body, headers=headers)


DOWN = httpx.ConnectError("refused")


def test_a_server_that_comes_back_is_waited_for():
    client, line, pauses = over(DOWN, answer(503, {"detail": "starting"}), DOWN, answer(200, {"used_seconds": 1}))
    assert client.budget() == {"used_seconds": 1}
    assert len(line.requests) == 4
    assert len(pauses) == 3


def test_pauses_grow_and_are_spread():
    first, second = (list(Backoff(attempts=9).pauses(random.Random(seed))) for seed in (1, 2))
    assert len(first) == 8
    assert first != second
    limits = [min(8.0, 0.25 * 2**number) for number in range(8)]
    many = [list(Backoff(attempts=9).pauses(random.Random(seed))) for seed in range(300)]
    for limit, drawn in zip(limits, zip(*many, strict=True), strict=True):
        assert 0.9 * limit < max(drawn) <= limit
        assert min(drawn) < 0.1 * limit


def test_a_server_that_stays_away_is_named_in_the_error():
    client, line, _ = over(DOWN)
    with pytest.raises(errors.Unavailable, match="no answer from http://server to GET /budget: refused"):
        client.budget()
    assert len(line.requests) == 4


def test_what_is_refused_for_good_is_asked_once():
    for status in (400, 401, 403, 404, 409, 413, 422, 500):
        client, line, pauses = over(answer(status, {"detail": "no"}))
        with pytest.raises(errors.ServiceError, match="no"):
            client.budget()
        assert len(line.requests) == 1
        assert pauses == []


def test_the_pause_that_the_server_asks_for_is_made():
    client, _, pauses = over(answer(429, {"detail": "too many"}, **{"Retry-After": "7"}), answer(200, []))
    assert client.experiments() == []
    assert pauses == [7.0]


def test_a_pause_beyond_patience_is_not_made():
    client, line, pauses = over(answer(429, {"detail": "too many"}, **{"Retry-After": "3600"}))
    with pytest.raises(errors.RateLimited) as limited:
        client.budget()
    assert limited.value.retry_after_seconds == 3600
    assert (len(line.requests), pauses) == (1, [])


@pytest.mark.parametrize(("header", "seconds"), [("3", 3.0), (None, 0.0), ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0), ("-1", 0.0), ("inf", 0.0), ("nan", 0.0)])  # fmt: skip
def test_the_header_that_asks_for_a_pause_is_read(header, seconds):
    assert asked_pause(header) == seconds


def test_every_attempt_of_a_submit_has_one_idempotency_key_and_every_submit_its_own():
    client, line, _ = over(DOWN, answer(200, {"experiment_id": 1}), DOWN, DOWN, answer(200, {"experiment_id": 2}))
    client.submit(config())
    client.submit(config())
    keys = [request.headers["Idempotency-Key"] for request in line.requests]
    assert [len(list(group)) for _, group in itertools.groupby(keys)] == [2, 3]
    assert len(set(keys)) == 2
    assert {request.headers["X-API-Key"] for request in line.requests} == {"key"}


def test_a_submit_whose_answer_is_lost_spends_once(course, url):
    class Lossy(httpx.HTTPTransport):
        lost = 0

        def handle_request(self, request):
            found = super().handle_request(request)
            if self.lost < 2:
                self.lost += 1
                found.close()
                raise httpx.ReadError("the connection was reset")
            return found

    student = course.add_student("lossy")
    with HttpClient(url, student.key, transport=Lossy(), sleep=lambda _: None) as client:
        number = client.submit(config())["experiment_id"]
        assert [each["experiment_id"] for each in client.experiments()] == [number]
        client.wait(number)
        assert client.budget()["used_seconds"] == 30.0


def test_another_server_s_answers_are_errors_of_the_service():
    for body in (b"<html>", b"[1]", b'{"detail": [1]}', b'{"detail": {"a": 1}}', b""):
        for status in (400, 404, 409, 422, 500):
            client, _, _ = over(httpx.Response(status, content=body))
            with pytest.raises(errors.ServiceError, match=f"the server answered {status}"):
                client.budget()


def test_waiting_polls_until_the_run_is_over_and_tells_each_look():
    def looks():
        for state in ("queued", "running", "completed"):
            yield answer(200, {"experiment_id": 1, "status": {"status_type": state}})

    client, line, pauses = over(*looks(), poll_seconds=0.5)
    told = []
    assert status_of(client.wait(1, told.append)) == "completed"
    assert [status_of(each) for each in told] == ["queued", "running", "completed"]
    assert pauses == [0.5, 0.5]
    assert json.loads(line.requests[0].read() or b"null") is None
