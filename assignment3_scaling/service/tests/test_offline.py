"""The loss function of 2024 and 2025, over HTTP as it was then."""

import pytest
from starlette.testclient import TestClient

from assignment3_scaling.service.api.app import create_app
from assignment3_scaling.service.simulated.offline import loss as simulated_loss

POINT = {
    "d_model": 512, "num_layers": 8, "num_heads": 8, "batch_size": 128, "learning_rate": 1e-3, "train_flops": 1e16,
}  # fmt: skip


@pytest.fixture
def ask(service):
    """Asks a route as a student, and gives code and JSON."""
    asked = []

    def loss(point, seed):
        asked.append((point, seed))
        return 3.0 + len(asked) / 8

    client = TestClient(create_app(service, loss_function=loss))
    key = service.add_student("heron", seed=7).key

    def ask(path, **parameters):
        answer = client.get(path, params={"api_key": key, **parameters})
        return answer.status_code, answer.json()

    ask.asked = asked
    return ask


def test_a_loss_costs_its_flops_once(ask):
    assert ask("/loss", **POINT) == (200, {"loss": 3.125, "total_flops_used": 1e16})
    assert ask("/loss", **{**POINT, "num_layers": 9}) == (200, {"loss": 3.25, "total_flops_used": 2e16})
    assert ask("/loss", **POINT) == (200, {"loss": 3.125, "total_flops_used": 2e16})
    assert [(point.num_layers, seed) for point, seed in ask.asked] == [(8, "7"), (9, "7")]


def test_runs_so_far_and_their_flops(ask):
    assert ask("/total_flops_used") == (422, {"message": "no run has been asked for with this key yet"})
    assert ask("/previous_runs") == (200, {"previous_runs": []})
    ask("/loss", **POINT)
    assert ask("/total_flops_used") == (200, 1e16)
    assert ask("/previous_runs") == (200, {"previous_runs": [{**POINT, "loss": 3.125}]})


@pytest.mark.parametrize(("name", "value", "message"), [
    ("d_model", 9999, "d_model must be in range [64, 1024], got 9999"),
    ("d_model", 63, "d_model must be in range [64, 1024], got 63"),
    ("num_layers", 1, "num_layers must be in range [2, 24], got 1"),
    ("num_heads", 17, "num_heads must be in range [2, 16], got 17"),
    ("learning_rate", 0.01, "learning_rate must be in range [0.0001, 0.001], got 0.01"),
    ("batch_size", 64, "batch_size must be one of 128, 256, got 64"),
])  # fmt: skip
def test_numbers_out_of_range_are_a_404_as_they_were(ask, name, value, message):
    assert ask("/loss", **{**POINT, name: value}) == (404, {"message": message})
    assert ask.asked == []


def test_flops_come_from_a_list(ask):
    code, body = ask("/loss", **{**POINT, "train_flops": 2e16})
    assert code == 404
    assert body["message"].startswith("train_flops must be one of 1e+13, 3e+13, 6e+13, 1e+14")


@pytest.mark.parametrize("value", ["nan", "inf", "", "x", "1e400"])
def test_what_is_no_number_is_a_422(ask, value):
    assert ask("/loss", **{**POINT, "learning_rate": value})[0] == 422


def test_the_budget_is_held(ask):
    for layers in (2, 3):
        assert ask("/loss", **{**POINT, "train_flops": 1e18, "num_layers": layers})[0] == 200
    message = "this run costs 1e+13 FLOPs; of 2e+18, 0 are left"
    assert ask("/loss", **{**POINT, "train_flops": 1e13}) == (400, {"message": message})
    assert ask("/total_flops_used") == (200, 2e18)
    assert ask("/loss", **{**POINT, "train_flops": 1e18, "num_layers": 2})[0] == 200


def test_a_key_that_is_nobodys_is_a_401(ask):
    assert ask("/loss", **{**POINT, "api_key": "x"}) == (401, {"message": "invalid API key"})
    assert ask("/previous_runs", api_key="") == (401, {"message": "missing X-API-Key"})


def test_the_simulated_losses_are_finite_and_each_students_own(service):
    client = TestClient(create_app(service, loss_function=simulated_loss))
    losses = set()
    for name in ("heron", "plover"):
        key = service.add_student(name, seed=name).key
        for flops in (1e13, 1e18):
            answer = client.get("/loss", params={**POINT, "train_flops": flops, "api_key": key})
            losses.add(answer.json()["loss"])
    assert len(losses) == 4
    assert all(1 < loss < 12 for loss in losses)
