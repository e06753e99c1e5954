"""`python -m assignment3_scaling.service`: one command starts everything, and the rest looks after students."""

import json

import httpx
import pytest
from typer.testing import CliRunner

from assignment3_scaling.service.__main__ import app
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.tests.configs import config
from assignment3_scaling.service.tests.process import server
from assignment3_scaling.service.tests.scripted import ScriptedBackend


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Runs a command in a folder with a course, and gives code and output."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        result = CliRunner().invoke(app, [str(one) for one in arguments])
        return result.exit_code, result.output

    return run


def test_one_command_starts_everything_and_prints_a_key(tmp_path):
    file, log = tmp_path / "course.sqlite", tmp_path / "requests.jsonl"
    with server(f"sqlite:///{file}", "--log", log) as (started, url):
        key = started.wait_for("made the student 'student', whose key is shown only now: (.*)")[1]
        student = httpx.Client(base_url=url, headers={"X-API-Key": key}, timeout=60)
        with student:
            number = student.post("/submit", json=config()).json()["experiment_id"]
            page = student.get("/dashboard")
            assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
            assert student.get("/total_flops_used", params={"api_key": key}).status_code == 422
    assert started.process.returncode == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["path"] for line in lines] == ["/submit", "/dashboard", "/total_flops_used"]
    assert key not in log.read_text()
    with server(f"sqlite:///{file}") as (started, url):
        status = httpx.get(f"{url}/experiment/{number}", headers={"X-API-Key": key}, timeout=60).json()["status"]
        assert status["status_type"] in ("queued", "running", "completed")
    assert not any("key" in line for line in started.lines)


def test_students_are_added_with_keys_that_are_shown_once(course):
    code, output = course("students", "add", "heron", "plover", "--json")
    assert code == 0
    keys = {row["name"]: row["key"] for row in json.loads(output)}
    assert set(keys) == {"heron", "plover"}
    service = Service("sqlite:///scaling.sqlite", ScriptedBackend())
    assert [service.authenticate(key) for key in keys.values()] == [1, 2]
    service.close()
    code, output = course("students", "list", "--json")
    assert [row["name"] for row in json.loads(output)] == ["heron", "plover"]
    assert not any(key in output for key in keys.values())


def test_a_key_for_the_2026_client_has_eight_digits(course):
    [row] = json.loads(course("students", "add", "heron", "--public-client", "--json")[1])
    assert len(row["key"]) == 8
    assert row["key"].isdigit()
    renewed = course("students", "renew", "heron", "--public-client")[1].strip()
    assert len(renewed) == 8
    assert renewed != row["key"]


def test_a_key_is_renewed(course):
    [row] = json.loads(course("students", "add", "heron", "--json")[1])
    code, output = course("students", "renew", "heron")
    assert (code, len(output.strip())) == (0, 32)
    assert output.strip() != row["key"]


def test_a_deadline_is_extended_and_taken_back(course):
    course("students", "add", "heron")
    for until, shown in [("2026-05-01T23:59+02:00", "2026-05-01T21:59:00+00:00"), ("2026-06-01", "2026-06-01T00:00:00+00:00"),
                         ("none", None)]:  # fmt: skip
        assert course("students", "extend", "heron", until)[0] == 0
        assert json.loads(course("students", "list", "--json")[1])[0]["deadline"] == shown


def test_tables_are_for_people(course):
    code, output = course("students", "add", "heron")
    assert code == 0
    assert "heron" in output
    assert "name" in output


def test_bets_are_listed_and_what_was_hidden_is_revealed(course):
    course("students", "add", "heron", "--seed", "7")
    service = Service("sqlite:///scaling.sqlite", ScriptedBackend())
    service.submit_final(1, {"training_config": config(), "predicted_final_loss": 3.0})
    service.close()
    [bet] = json.loads(course("bets", "--json")[1])
    assert (bet["student"], bet["predicted_final_loss"], bet["training_config"]) == ("heron", 3.0, config())
    assert "heron" in course("bets")[1]
    code, output = course("reveal", "heron")
    assert code == 0
    assert {"E", "A", "B", "alpha", "beta"} <= json.loads(output)["constants"].keys()
    course("students", "add", "plover", "--seed", "8")
    assert json.loads(course("reveal", "plover")[1])["constants"] != json.loads(output)["constants"]


@pytest.mark.parametrize(("arguments", "message"), [
    (("students", "add", "heron", "heron"), "error: there is a student heron already"),
    (("students", "renew", "nobody"), "error: there is no student nobody"),
    (("students", "list", "--database", "mysql://host/db"), "error: mysql://host/db: expected sqlite:///FILE or"),
    (("reveal", "nobody"), "error: there is no student nobody"),
    (("serve", "--backend", "abacus"), "error: there is no backend abacus; there are simulated"),
    (("serve", "--final-deadline", "soon"), "'soon' is no moment; expected one like 2026-05-01T23:59+02:00"),
    (("worker", "http://localhost:1"), "is what lets a worker in"),
])  # fmt: skip
def test_what_a_person_did_wrong_is_one_line(course, arguments, message):
    code, output = course(*arguments)
    assert code == 2
    assert message in " ".join(output.replace("│", " ").split())
    assert "Traceback" not in output


def test_every_command_says_what_it_is_for(course):
    for arguments in [(), ("serve",), ("worker",), ("bets",), ("reveal",), ("students",), ("students", "add"),
                      ("students", "list"), ("students", "renew"), ("students", "extend")]:  # fmt: skip
        code, output = course(*arguments, "--help")
        assert (code, "Usage" in output) == (0, True)
