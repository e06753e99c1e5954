"""The routes: paths, codes, bodies and headers, as in 2026, with what was amiss there mended."""

import json
import logging

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from assignment3_scaling.service.api.access import Access
from assignment3_scaling.service.api.app import create_app
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.tests.configs import CONFIG, config
from grader import database

BUDGET = {"used_seconds": 0.0, "remaining_seconds": 43_200.0, "total_budget_seconds": 43_200.0}
STUDENTS_ROUTES = [
    ("POST", "/submit"), ("GET", "/budget"), ("GET", "/experiments"), ("GET", "/experiment/1"),
    ("POST", "/final_submission"), ("GET", "/final_submission"),
]  # fmt: skip


def over(service, **access):
    """The API with other access."""
    return TestClient(create_app(service, access=Access(**access)))


@pytest.mark.parametrize(("method", "path"), STUDENTS_ROUTES)
def test_students_routes_need_a_key_before_anything_else(api, method, path):
    for key, message in [(None, "missing X-API-Key"), ("wrong", "invalid API key")]:
        api.headers.pop("X-API-Key", None)
        answer = api.request(method, path, content=b"{", headers={"X-API-Key": key} if key else {})
        assert (answer.status_code, answer.json()) == (401, {"detail": message})


def test_a_submit_is_answered_with_a_number_and_the_budget(api):
    answer = api.post("/submit", json=config())
    summary = {"used_seconds": 60.0, "remaining_seconds": 43_140.0, "total_budget_seconds": 43_200.0}
    assert (answer.status_code, answer.json()) == (200, {"experiment_id": 1, "budget_summary": summary})
    assert api.get("/budget").json() == summary


def test_a_duplicate_is_a_409_with_the_number(api):
    api.post("/submit", json=config())
    answer = api.post("/submit", json=config(n_evals=1))
    detail = "experiment already exists for this training config"
    assert (answer.status_code, answer.json()) == (409, {"detail": detail, "experiment_id": 1})


def test_too_long_a_run_is_a_400_with_the_budget(api):
    api.post("/submit", json=config(max_runtime_seconds=43_200))
    answer = api.post("/submit", json=config(model_seed=1))
    summary = {"used_seconds": 43_200.0, "remaining_seconds": 0.0, "total_budget_seconds": 43_200.0}
    detail = {"message": "insufficient budget", "budget_summary": summary}
    assert (answer.status_code, answer.json()) == (400, {"detail": detail})


def test_an_idempotency_key_makes_a_submit_count_once(api):
    answers = [api.post("/submit", json=config(), headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    answer = api.post("/submit", json=config(model_seed=1), headers={"Idempotency-Key": "k"})
    detail = "this Idempotency-Key was used for another training config"
    assert (answer.status_code, answer.json()) == (409, {"detail": detail})


def test_a_broken_rule_is_a_422_that_lists_field_and_sentence(api):
    answer = api.post("/submit", json=config(n_evals=7, architecture_config__head_dim=3))
    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {"loc": ["n_evals"], "msg": "total optimizer steps must be divisible by n_evals", "type": "value_error"},
        {"loc": ["architecture_config", "hidden_size"], "msg": "hidden_size must equal num_attention_heads * head_dim",
         "type": "value_error"},
        {"loc": ["architecture_config", "head_dim"], "msg": "head_dim must be even", "type": "value_error"},
    ]  # fmt: skip


@pytest.mark.parametrize(("body", "message"), [
    (b"", "the body is not valid JSON: Expecting value: line 1 column 1 (char 0)"),
    (b"{", "the body is not valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    (b'{"model_seed": NaN}', "the body is not valid JSON: NaN is not a JSON number"),
    (b"-Infinity", "the body is not valid JSON: -Infinity is not a JSON number"),
    (b"[" * 21, "the body is not valid JSON: nested deeper than 20"),
    (b"\xff", "the body is not valid JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
], ids=["empty", "cut", "NaN", "infinity", "deep", "bytes"])  # fmt: skip
@pytest.mark.parametrize("path", ["/submit", "/final_submission"])
def test_a_body_that_is_no_json_is_a_422(api, path, body, message):
    answer = api.post(path, content=body)
    problem = {"loc": ["body"], "msg": message, "type": "json_invalid"}
    assert (answer.status_code, answer.json()) == (422, {"detail": [problem]})


def test_a_number_too_large_for_floating_point_is_refused_as_infinity_is(api):
    body = json.dumps(config()).replace("60.0", "1e999")
    answer = api.post("/submit", content=body)
    problem = {"loc": ["max_runtime_seconds"], "msg": "Input should be a finite number", "type": "finite_number"}
    assert (answer.status_code, answer.json()) == (422, {"detail": [problem]})


def test_a_body_that_is_too_large_is_a_413(api):
    answer = api.post("/submit", content=b" " * (64 * 1024) + b"{}")
    assert (answer.status_code, answer.json()) == (413, {"detail": "the body is larger than 65536 bytes"})


def test_experiments_are_shown_one_by_one_and_together(api, service, clock):
    api.post("/submit", json=config())
    at = clock().isoformat()
    one = {"experiment_id": 1, "training_config": CONFIG, "status": {"status_type": "queued", "queued_at": at}}
    assert api.get("/experiment/1").json() == one
    assert api.get("/experiments").json() == [one]
    service.run_queued()
    assert api.get("/experiment/1").json()["status"]["val_losses"] == [5.0, 4.9, 4.8, 4.7]


def test_another_students_experiment_is_a_404_like_one_that_is_not_there(api, service):
    other = service.add_student("dunlin").key
    api.post("/submit", json=config())
    for number, key in [(1, other), (2, api.key), (0, api.key), (-1, api.key), (10**30, api.key)]:
        answer = api.get(f"/experiment/{number}", headers={"X-API-Key": key})
        assert (answer.status_code, answer.json()) == (404, {"detail": "not found"})
    assert api.get("/experiments", headers={"X-API-Key": other}).json() == []


@pytest.mark.parametrize("number", ["one", "1.5", "0x1", "%00", "9" * 5000])
def test_an_experiment_has_a_whole_number(api, number):
    answer = api.get(f"/experiment/{number}")
    assert answer.status_code == 422
    assert [problem["loc"] for problem in answer.json()["detail"]] == [["path", "experiment_id"]]


def test_a_bet_is_kept_and_shown(api, clock):
    assert api.get("/final_submission").json() is None
    bet = {"training_config": config(max_runtime_seconds=172_800.0), "predicted_final_loss": 3.0}
    answer = api.post("/final_submission", json=bet)
    assert (answer.status_code, answer.json()) == (200, {**bet, "submitted_at": clock().isoformat()})
    assert api.get("/final_submission").json() == answer.json()


@pytest.mark.parametrize("loss", ["Infinity", "NaN", "1e999", "0", "-1", '"3"', "null", "true"])
def test_a_bet_needs_a_finite_positive_prediction(api, loss):
    body = json.dumps({"training_config": config(), "predicted_final_loss": 0.125}).replace("0.125", loss)
    assert api.post("/final_submission", content=body).status_code == 422
    assert api.get("/final_submission").json() is None


def test_the_bounds_of_the_backend_are_told_without_a_key(api):
    del api.headers["X-API-Key"]
    limits = api.get("/limits").json()
    assert (limits["backend"], limits["seq_len"], limits["total_budget_seconds"]) == ("scripted", 512, 43_200.0)
    assert api.get("/health").json() == {"status": "ok"}


def test_a_path_or_a_method_that_there_is_not(api):
    assert (api.get("/loss").status_code, api.get("/loss").json()) == (404, {"detail": "Not Found"})
    answer = api.delete("/budget")
    assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})
    assert answer.headers["Allow"] == "GET"


def test_the_documentation_has_the_shapes_of_bodies(api):
    schema = api.get("/openapi.json").json()
    body = schema["paths"]["/submit"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/TrainingConfig"}
    assert "max_runtime_seconds" in schema["components"]["schemas"]["TrainingConfig"]["required"]
    assert not any("internal" in path for path in schema["paths"])


def test_a_student_has_so_many_requests_a_minute(service, clock):
    api = over(service, requests_per_minute=3, submits_per_minute=2)
    heron, plover = ({"X-API-Key": service.add_student(name).key} for name in ("heron", "plover"))
    assert [api.get("/budget", headers=heron).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = api.get("/budget", headers=heron)
    assert (answer.json(), answer.headers["Retry-After"]) == ({"detail": "too many requests; try again in 20 s"}, "20")
    clock.advance(20)
    assert api.get("/budget", headers=heron).status_code == 200
    codes = [api.post("/submit", json=config(model_seed=seed), headers=plover).status_code for seed in range(3)]
    assert codes == [200, 200, 429]


def test_wrong_keys_are_counted_by_address_and_known_keys_are_still_let_in(service, clock):
    api = over(service, bad_keys_per_minute=2)
    heron, plover = ({"X-API-Key": service.add_student(name).key} for name in ("heron", "plover"))
    assert api.get("/budget", headers=heron).status_code == 200
    codes = [api.get("/budget", headers={"X-API-Key": f"{number:08}"}).status_code for number in range(4)]
    assert codes == [401, 401, 429, 429]
    assert api.get("/budget", headers=plover).status_code == 429  # it might be one more guess
    assert api.get("/budget", headers=heron).status_code == 200
    clock.advance(30)
    assert api.get("/budget", headers=plover).status_code == 200


def test_a_request_keeps_its_id_and_gets_one_where_it_has_none(api):
    assert api.get("/budget", headers={"X-Request-ID": "run.7-a_B"}).headers["X-Request-ID"] == "run.7-a_B"
    given = [api.get("/budget", headers={"X-Request-ID": bad}).headers["X-Request-ID"] for bad in ("", "a b", "x" * 65)]
    assert len({*given}) == 3
    assert all(len(one) == 32 for one in given)
    assert len(api.get("/nowhere").headers["X-Request-ID"]) == 32


def logged(caplog):
    name = "assignment3_scaling.service.api.app.requests"
    return [json.loads(record.message) for record in caplog.records if record.name == name]


def test_every_request_is_a_line_of_json_without_keys(api, service, caplog, clock):
    with caplog.at_level(logging.INFO):
        api.post("/submit", json=config(), headers={"X-Request-ID": "one"})
        api.get(f"/budget?api_key={api.key}", headers={"X-API-Key": "wrong", "X-Request-ID": "two"})
    first, second = logged(caplog)
    assert first.pop("milliseconds") >= 0
    assert first == {
        "at": clock().isoformat(), "request_id": "one", "method": "POST", "path": "/submit", "status": 200,
        "student": service.authenticate(api.key), "client": "testclient", "request": CONFIG,
        "response": {"experiment_id": 1, "budget_summary": {**BUDGET, "used_seconds": 60.0, "remaining_seconds": 43_140.0}},
    }  # fmt: skip
    assert (second["request_id"], second["status"], second["student"]) == ("two", 401, None)
    assert api.key not in json.dumps([first, second])
    assert "wrong" not in json.dumps([first, second])


def test_long_bodies_are_cut_in_the_log(api, caplog):
    with caplog.at_level(logging.INFO):
        api.post("/submit", content=b'"' + b"x" * 60_000 + b'"')
        api.post("/submit", content=b" " * 70_000)
    first, second = logged(caplog)
    assert first["request"].endswith("… (60002 bytes or more)")
    assert len(first["request"]) < 8 * 1024 + 40
    assert second["status"] == 413


def test_an_error_of_ours_is_a_500_with_the_requests_id_and_a_traceback_for_staff(service, caplog, monkeypatch):
    api = over(service)
    key = service.add_student("heron").key
    monkeypatch.setattr(service, "budget", lambda student: 1 / 0)
    answer = api.get("/budget", headers={"X-API-Key": key, "X-Request-ID": "r1"})
    detail = "an error of the server; tell the staff its request id: r1"
    assert (answer.status_code, answer.json()) == (500, {"detail": detail})
    assert "ZeroDivisionError" in caplog.text


def test_a_database_that_does_not_answer_is_a_503(tmp_path, backend, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    service = Service(f"sqlite:///{tmp_path / 'busy.sqlite'}", backend)
    other = Service(f"sqlite:///{tmp_path / 'busy.sqlite'}", backend)
    key = service.add_student("heron").key
    api = over(service)
    with other.database.writing() as session:
        session.execute(text("SELECT 1"))  # from here on the file is its own
        answer = api.post("/submit", json=config(), headers={"X-API-Key": key})
    assert (answer.status_code, answer.json()) == (503, {"detail": "the database does not answer; try again"})
    assert api.post("/submit", json=config(), headers={"X-API-Key": key}).status_code == 200
    service.close()
    other.close()


def test_a_page_opened_as_a_file_may_ask(api):
    headers = {"Origin": "null", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "X-API-Key"}
    assert api.options("/submit", headers=headers).headers["Access-Control-Allow-Origin"] == "null"
    headers["Origin"] = "https://example.org"
    assert api.options("/submit", headers=headers).status_code == 400


def test_workers_elsewhere_need_the_secret(service):
    body = {"worker": "w", "at_most": 1}
    closed, open_ = over(service), over(service, internal_key="s3cret")
    for path in ("/internal/worker/claim", "/internal/worker/1/event", "/internal/worker/1/finish"):
        answer = closed.post(path, json=body, headers={"X-Internal-Key": "s3cret"})
        detail = "this server takes no workers from elsewhere: it was started without an internal key"
        assert (answer.status_code, answer.json()) == (401, {"detail": detail})
        for headers, detail in [
            ({}, "missing X-Internal-Key"),
            ({"X-Internal-Key": "é".encode()}, "invalid internal key"),
        ]:
            answer = open_.post(path, json=body, headers=headers)
            assert (answer.status_code, answer.json()) == (401, {"detail": detail})


def test_a_worker_elsewhere_claims_reports_and_finishes(service, heron):
    api = over(service, internal_key="s3cret")
    api.headers["X-Internal-Key"] = "s3cret"
    service.submit(heron, config())
    [job] = api.post("/internal/worker/claim", json={"worker": "w", "at_most": 2}).json()
    assert (job["experiment_id"], job["seed"], job["training_config"]) == (1, "7", CONFIG)
    run = {"run_id": job["run_id"]}
    for event in ({"log_type": "run_started"}, {"log_type": "run_heartbeat"},
                  {"log_type": "validation_loss", "evaluation": 0, "val_loss": 5.0}):  # fmt: skip
        assert api.post("/internal/worker/1/event", json={**event, **run}).status_code == 204
    assert service.experiment(heron, 1)["status"]["val_losses"] == [5.0]
    result = {"result_type": "completed", "used_runtime_seconds": 9.0, "val_losses": [5.0, 4.0, 3.0, 2.0], **run}
    assert api.post("/internal/worker/1/finish", json={**result, "run_id": "x"}).status_code == 409
    assert api.post("/internal/worker/1/finish", json={**result, "val_losses": [1.0]}).status_code == 422
    assert api.post("/internal/worker/7/finish", json=result).status_code == 404
    assert api.post("/internal/worker/1/finish", json=result).status_code == 204
    assert service.budget(heron)["used_seconds"] == 9.0


@pytest.mark.parametrize(
    "body", [{}, {"worker": "", "at_most": 1}, {"worker": "w", "at_most": 0}, {"worker": "a\0", "at_most": 1}]
)
def test_a_claim_that_is_none_is_a_422(service, body):
    answer = over(service, internal_key="s").post("/internal/worker/claim", json=body, headers={"X-Internal-Key": "s"})
    assert answer.status_code == 422


def test_the_dashboard_is_a_page_where_there_is_one(service):
    api = TestClient(create_app(service, page=lambda: "<!doctype html><title>Runs</title>"))
    answer = api.get("/")
    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>Runs</title>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert str(answer.url).endswith("/dashboard")
    assert over(service).get("/dashboard").status_code == 404
