"""The command line client, over a real server."""

import io
import json
import shlex
import sys
import uuid
from pathlib import Path

import pytest
import typer.main

from assignment3_scaling.service.client import __main__ as command
from assignment3_scaling.service.client.tables import short
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.tests.configs import config
from assignment3_scaling.service.tests.live import served
from assignment3_scaling.service.tests.scripted import ScriptedBackend, completed, failing

HANDOUT = Path(__file__).resolve().parents[2] / "README.md"
SHOWN = [
    line.partition("service.client ")[2]
    for line in HANDOUT.read_text(encoding="utf-8").splitlines()
    if line.startswith("$ python -m assignment3_scaling.service.client ")
]


@pytest.fixture(scope="module")
def course():
    def ending(training_config):
        late = failing("timeout", losses=(4.0,))
        return (late if training_config.model_seed == 1 else completed)(training_config)

    service = Service.in_memory(ScriptedBackend(ending))
    yield service
    service.close()


@pytest.fixture(scope="module")
def url(course):
    with served(course) as address:
        yield address


@pytest.fixture
def run(course, url, monkeypatch, capsys, tmp_path):
    """Run the command as a new student: exit code, standard output, standard error. Dicts become files."""
    monkeypatch.setenv("SCALING_API_URL", url)
    monkeypatch.setenv("SCALING_API_KEY", course.add_student(uuid.uuid4().hex).key)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments, stdin=""):
        words = ["client"]
        for argument in arguments:
            if isinstance(argument, dict):
                file = tmp_path / f"{len(words)}.json"
                file.write_text(json.dumps(argument))
                argument = file
            words.append(str(argument))
        monkeypatch.setattr(sys, "argv", words)
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = 0
        try:
            command.main()
        except SystemExit as ended:
            code = ended.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_a_campaign_on_the_command_line(run):
    code, out, _ = run("submit", config(), "--wait", "--json")
    assert code == 0
    done = json.loads(out)[0]
    assert done["status"]["val_losses"] == [5.0, 4.9, 4.8, 4.7]

    code, out, _ = run("submit", "-", stdin=json.dumps(config(model_seed=3)))
    assert code == 0
    assert f"experiment {done['experiment_id'] + 1} is queued" in out
    code, out, _ = run("watch", done["experiment_id"] + 1)
    assert code == 0
    assert "completed" in out

    code, out, _ = run("budget", "--json")
    assert json.loads(out)["used_seconds"] == 60.0
    assert "60.0 of 43,200 s used" in run("budget")[1]
    code, out, _ = run("experiments")
    assert (code, out.count("completed"), out.count("4.7000")) == (0, 2, 2)

    assert "no bet has been placed" in run("final")[1]
    code, out, _ = run("final", config(), "--loss", "2.5", "--interval", "2.25", "2.75", "--json")
    assert (code, json.loads(out)["prediction_interval"]) == (0, {"low": 2.25, "high": 2.75})
    assert "the bet stands: loss 2.5000" in run("final")[1]


def test_a_run_that_fails_is_an_exit_code_of_1_and_a_reason(run):
    code, out, _ = run("submit", config(model_seed=1), "--wait")
    assert code == 1
    assert "timeout" in out
    code, out, _ = run("watch")
    assert code == 0  # it is over, so there is nothing to watch


def test_refusals_are_lines_and_an_exit_code_of_1(run):
    code, out, err = run("submit", config(architecture_config__head_dim=3), "--json")
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "refused (422): architecture_config.hidden_size: hidden_size must equal num_attention_heads * head_dim",
        "refused (422): architecture_config.head_dim: head_dim must be even",
    ]
    assert "Traceback" not in err


def test_the_table_fits_a_terminal_of_80_columns(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    run("submit", config(model_seed=1), "--wait")
    _, out, _ = run("experiments")
    assert max(map(len, out.splitlines())) <= 80
    assert out.split()[:9] == ["id", "state", "model", "N", "tokens", "rate", "evals", "loss", "s"]
    row = next(line for line in out.splitlines() if "failed" in line)
    assert row.split()[1:] == ["failed", "4", "×", "256", "3.15M", "1.05M", "0.003", "1/4", "4.0000", "12.5"]
    assert "timeout" in out


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (7, "7"), (999, "999"), (1000, "1k"), (999_600, "1M"), (12_500_000, "12.5M"), (5e17, "500P")]
)  # fmt: skip
def test_numbers_are_short(number, text):
    assert short(number) == text


def test_a_wrong_key_is_a_line(run, monkeypatch):
    monkeypatch.setenv("SCALING_API_KEY", "wrong")
    code, _, err = run("budget")
    assert (code, err) == (1, "refused (401): invalid API key\n")


def test_no_server_is_a_line_and_an_exit_code_of_2(run, monkeypatch):
    monkeypatch.setenv("SCALING_API_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("assignment3_scaling.service.client.http.time.sleep", lambda _: None)
    monkeypatch.setattr(command.HttpClient.__init__, "__kwdefaults__", command.HttpClient.__init__.__kwdefaults__ | {"sleep": lambda _: None})  # fmt: skip
    code, _, err = run("budget")
    assert code == 2
    assert err.startswith("client: no answer from http://127.0.0.1:9 to GET /budget: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "said"), [("", "Expecting value"), ("[]", "not a JSON object"), ("{'a'}", "property name")]
)
def test_a_file_that_is_no_config_is_named(run, tmp_path, content, said):
    file = tmp_path / "config.json"
    file.write_text(content)
    code, _, err = run("submit", file)
    assert code == 2
    assert said in err
    assert "config.json" in err
    assert run("submit", tmp_path / "absent.json")[0] == 2


def test_a_bet_without_its_loss_is_refused(run):
    code, _, err = run("final", config())
    assert code == 2
    assert "--loss" in err


def test_every_command_and_option_is_explained():
    for found in command.app.registered_commands:
        assert found.callback.__doc__
    assert {found.callback.__name__ for found in command.app.registered_commands} == {
        "submit", "budget", "experiments", "watch", "final",
    }  # fmt: skip


def test_the_handout_shows_commands():
    assert SHOWN


@pytest.mark.parametrize("line", SHOWN)
def test_what_the_handout_shows_is_a_command_with_its_options(line):
    name, *words = shlex.split(line)
    found = typer.main.get_command(command.app).commands[name]
    found.make_context(name, [*words, "--key", "some"])
