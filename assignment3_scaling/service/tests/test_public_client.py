"""A client as the 2026 course documents it, written here anew, plays a whole campaign against our server unchanged.

It knows the header, the paths, the shapes and the codes that were published, and is as strict as that client: a key that
is not of eight digits, a field that it does not know, or a status of another shape is an error of the server's.
"""

import json
import re
import threading
import urllib.error
import urllib.request

import numpy as np
import pytest

from assignment3_scaling.service.service import Service
from assignment3_scaling.service.settings import Settings
from assignment3_scaling.service.simulated.backend import SimulatedBackend
from assignment3_scaling.service.tests.live import served

SECONDS = 60
EXPERIMENT = {"experiment_id", "training_config", "status"}
BUDGET = {"used_seconds", "remaining_seconds", "total_budget_seconds"}
STARTED = {"status_type", "queued_at", "dispatched_at", "run_id"}
STATUSES = {
    "queued": {"status_type", "queued_at"},
    "running": STARTED | {"val_losses"},
    "completed": STARTED | {"val_losses", "used_runtime_seconds", "completed_at"},
    "failed": STARTED | {"used_runtime_seconds", "reason", "failed_at"},
}
REASONS = {"timeout": {"reason", "partial_val_losses"}, "unexpected": {"reason", "failure"}}


class HTTPError(Exception):
    """An answer that is not 200, as `raise_for_status` raises it."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status, self.detail = status, body["detail"]


class PublishedClient:
    """The published client, as far as its documentation goes."""

    def __init__(self, base_url, api_key):
        if not re.fullmatch(r"\d{8}", api_key):
            raise ValueError("the API key must be 8 digits")
        self.base_url, self.headers = base_url, {"X-API-Key": api_key, "Content-Type": "application/json"}

    def _request(self, method, path, body=None):
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        request = urllib.request.Request(self.base_url + path, content, self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise HTTPError(error.code, json.load(error)) from None

    def submit(self, training_config):
        answer = self._request("POST", "/submit", training_config)
        assert answer.keys() == {"experiment_id", "budget_summary"}
        assert answer["budget_summary"].keys() == BUDGET
        return answer["experiment_id"]

    def budget(self):
        answer = self._request("GET", "/budget")
        assert answer.keys() == BUDGET
        return answer

    def experiments(self):
        return [self._read(each) for each in self._request("GET", "/experiments")]

    def experiment(self, number):
        return self._read(self._request("GET", f"/experiment/{number}"))

    def submit_final(self, training_config, loss):
        answer = self._request(
            "POST", "/final_submission", {"training_config": training_config, "predicted_final_loss": loss}
        )
        assert answer.keys() - {"prediction_interval"} == {"training_config", "predicted_final_loss", "submitted_at"}
        return answer

    def final_submission(self):
        return self._request("GET", "/final_submission")

    @staticmethod
    def _read(experiment):
        assert experiment.keys() == EXPERIMENT
        status = experiment["status"]
        assert status.keys() == STATUSES[status["status_type"]]
        if status["status_type"] == "failed":
            assert status["reason"].keys() == REASONS[status["reason"]["reason"]]
        assert all(isinstance(loss, float) for loss in status.get("val_losses", ()))
        # As published: no `type` in the optimizer, which fields tell apart, and nothing beyond what was sent.
        assert "type" not in experiment["training_config"]["optimizer_config"]
        return experiment


def training_config(width, tokens, rate=4e-3, seconds=4000, batch=32):
    """A config as the published example writes one: every field that has no default, and no more."""
    step = 512 * batch * 16
    return {
        "architecture_config": {
            "attention_bias": False, "head_dim": 64, "hidden_size": width, "intermediate_size": 3 * width,
            "num_attention_heads": width // 64, "num_hidden_layers": width // 64, "num_key_value_heads": width // 64,
            "rms_norm_eps": 1e-6, "rope_theta": 10_000, "tie_word_embeddings": False, "dtype": "float32",
            "vocab_size": 32_000,
        },
        "optimizer_config": {
            "weight_decay": 0.1, "beta1": 0.9, "beta2": 0.95,
            "lr_scheduler": {"peak_value": rate, "final_lr_frac": 0.1, "warmup_frac": 0.05, "init_value": 0.0},
        },
        "train_batch_size": batch, "val_batch_size": 32, "n_evals": 16,
        "total_train_tokens": max(1, round(tokens / step)) * step, "max_runtime_seconds": seconds, "model_seed": 0,
    }  # fmt: skip


@pytest.fixture(scope="module")
def course():
    service = Service.in_memory(SimulatedBackend(), settings=Settings(public_client=True))
    yield service
    service.close()


@pytest.fixture(scope="module")
def url(course):
    with served(course, slots=4) as address:
        yield address


def finished(client, numbers):
    """The experiments once all are over: the client polls, as the published one does."""
    pause = threading.Event()
    for _ in range(SECONDS * 20):
        found = {each["experiment_id"]: each for each in client.experiments()}
        if all(found[number]["status"]["status_type"] in ("completed", "failed") for number in numbers):
            return [found[number] for number in numbers]
        pause.wait(0.05)
    raise AssertionError(f"the runs were not over after {SECONDS} s")


def test_a_whole_campaign(course, url):
    client = PublishedClient(url, course.add_student("plover", seed=11).key)
    assert client.budget() == {"used_seconds": 0.0, "remaining_seconds": 43_200.0, "total_budget_seconds": 43_200.0}
    assert client.final_submission() is None

    optima = {}
    for compute in (1e15, 3e15, 1e16):
        widths = (128, 192, 256, 320, 384)
        configs = [training_config(width, compute / (72 * width**2 * width / 64)) for width in widths]
        runs = finished(client, [client.submit(each) for each in configs])
        losses = {}
        for width, run in zip(widths, runs, strict=True):
            assert run["status"]["status_type"] == "completed", run["status"]["reason"]
            losses[width] = run["status"]["val_losses"][-1]
        assert len(runs[0]["status"]["val_losses"]) == 16
        optima[compute] = min(losses, key=losses.get)
    used = client.budget()["used_seconds"]
    assert 0 < used < 43_200

    first = client.experiments()[-1]
    assert client.experiment(first["experiment_id"]) == first
    slope, constant = np.polyfit(np.log(list(optima)), np.log(list(optima.values())), 1)
    width = 64 * round(float(np.exp(constant + slope * np.log(1e17))) / 64)
    final = training_config(width, 1e17 / (72 * width**2 * width / 64), seconds=43_200)
    bet = client.submit_final(final, 3.0)
    assert client.final_submission() == bet
    assert bet["training_config"]["architecture_config"] == final["architecture_config"]


def test_failures_have_the_two_published_reasons(course, url):
    client = PublishedClient(url, course.add_student("stilt", seed=12).key)
    late, diverged, large = finished(
        client,
        [
            client.submit(training_config(256, 1e9, seconds=40)),
            client.submit(training_config(256, 3e7, rate=1.0)),
            client.submit(training_config(64 * 64, 1e9, batch=256)),
        ],
    )
    assert late["status"]["reason"]["reason"] == "timeout"
    assert all(isinstance(loss, float) for loss in late["status"]["reason"]["partial_val_losses"])
    assert diverged["status"]["reason"]["failure"].startswith("numerical")
    assert "memory" in large["status"]["reason"]["failure"]


def test_refusals_are_the_published_ones(course, url):
    client = PublishedClient(url, course.add_student("avocet").key)
    number = client.submit(training_config(128, 1e7))
    finished(client, [number])
    other = PublishedClient(url, course.add_student("dunlin").key)

    def refused(call, *arguments):
        with pytest.raises(HTTPError) as error:
            call(*arguments)
        return error.value.status, error.value.detail

    assert refused(client.submit, training_config(128, 1e7)) == (
        409,
        "experiment already exists for this training config",
    )
    client.submit(training_config(128, 2e10, seconds=43_000))
    status, detail = refused(client.submit, training_config(128, 3e7, seconds=43_200))
    assert (status, detail["message"], set(detail["budget_summary"])) == (400, "insufficient budget", BUDGET)
    assert refused(other.experiment, number) == (404, "not found")
    status, detail = refused(client.submit, training_config(128, 1e7) | {"n_evals": 7})
    assert (status, detail[0]["msg"]) == (422, "total optimizer steps must be divisible by n_evals")
    assert refused(PublishedClient(url, "00000000").budget) == (401, "invalid API key")
    del client.headers["X-API-Key"]
    assert refused(client.budget) == (401, "missing X-API-Key")
