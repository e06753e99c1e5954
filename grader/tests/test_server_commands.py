"""The server's commands as an instructor meets them: what they say, what they keep, and one clear line for each mistake."""

import csv
import json
import socket

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.errors import ConfigError
from grader.server import office as offices
from grader.server.errors import Unauthorized
from grader.server.office import Office
from grader.server.settings import Settings


@pytest.fixture
def run(tiny, monkeypatch, tmp_path):
    """Runs `grader …` in the tiny course, in this process, with the server's folder `data`."""
    monkeypatch.chdir(tiny.root)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("GRADER_SERVER_DATA", str(tmp_path / "data"))

    def ran(*arguments: object):
        result = CliRunner().invoke(app, list(map(str, arguments)))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return ran


@pytest.fixture
def made(run):
    run("server", "init")
    return run


def opened(tiny, tmp_path):
    return Office(Settings(tiny.root, tmp_path / "data"))


def test_a_server_is_made_once_and_gives_its_instructor_a_token(run, tiny, tmp_path):
    token = json.loads(run("server", "init", "--instructor", "ines", "--json"))["ines"]
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    office = opened(tiny, tmp_path)
    assert (office.accounts.by_token(token).name, office.accounts.by_token(token).role) == ("ines", "instructor")
    office.close()
    with pytest.raises(ConfigError, match="holds a server already; `grader server token ines` makes another token"):
        run("server", "init", "--instructor", "ines")


def test_a_roster_becomes_accounts_and_a_file_for_nobody_else(made, tiny, tmp_path):
    (tmp_path / "roster.csv").write_text("id,name,email,section\nada,Ada,ada@uni.example,1\nbob,Bob,,1\n")
    made("server", "token", "--roster", tmp_path / "roster.csv", "--out", tmp_path / "tokens.csv")
    rows = list(csv.DictReader((tmp_path / "tokens.csv").read_text().splitlines()))
    assert (tmp_path / "tokens.csv").stat().st_mode & 0o777 == 0o600
    assert [row["name"] for row in rows] == ["ada", "bob"]
    office = opened(tiny, tmp_path)
    assert office.accounts.by_token(rows[1]["token"]).name == "bob"
    with pytest.raises(ConfigError, match=r"tokens\.csv: is there already; expected a new file"):
        made("server", "token", "--roster", tmp_path / "roster.csv", "--out", tmp_path / "tokens.csv")
    listed = json.loads(made("server", "accounts", "--json"))
    assert [(one["name"], one["role"]) for one in listed] == [
        ("ada", "student"), ("bob", "student"), ("instructor", "instructor"),
    ]  # fmt: skip
    assert "2 tokens ended" not in made("server", "revoke", "bob", "--close")
    with pytest.raises(Unauthorized):
        office.accounts.by_token(rows[1]["token"])
    office.close()
    with pytest.raises(ConfigError, match="account 'nobody': there is none of that name"):
        made("server", "revoke", "nobody")
    with pytest.raises(ConfigError, match="no name was given"):
        made("server", "token")


def test_a_backup_and_its_restoring(made, tiny, tmp_path):
    said = json.loads(made("server", "backup", "--out", tmp_path / "all.tar", "--json"))
    assert said["rows"]["server_accounts"] == 1
    made("server", "restore", tmp_path / "all.tar", "--data", tmp_path / "new")
    office = Office(Settings(tiny.root, tmp_path / "new"))
    assert [account.name for account in office.accounts.list()] == ["instructor"]
    office.close()
    assert "0001 → 0001" in made("server", "migrate")


@pytest.mark.parametrize(("arguments", "message"), [
    (("serve", "--data", "nowhere"), "nowhere: there is no such folder; `grader server init` makes a server"),
    (("server", "migrate", "--data", "nowhere"), "nowhere: there is no such folder"),
    (("server", "worker", "--data", "nowhere"), "there is no such folder"),
    (("serve", "--data", "assignment0_tiny"), "holds no course server; `grader server init` makes one"),
    (("serve", "--data", "assignment0_tiny", "--database", "postgresql://me:secret@/db?host=/no"), "connection"),
    (("server", "restore", "nothing.tar"), "nothing.tar: cannot be read: No such file or directory"),
    (("server", "token", "Ada Lovelace"), "account 'Ada Lovelace': expected 1 to 64 of a-z, 0-9"),
    (("server", "token", "instructor"), "account 'instructor' is there already as instructor"),
    (("serve", "--course", "/"), "no course here or above"),
])  # fmt: skip
def test_a_mistake_is_one_clear_line(made, arguments, message):
    with pytest.raises(ConfigError) as caught:
        made(*arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_port_that_is_used_is_said_so(made):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1, port {port}: .*; expected a free one"):
            made("serve", "--port", port, "--no-worker")


def test_beginning_again_where_it_was_interrupted_makes_it_whole(tiny, tmp_path):
    assert offices.begin(tmp_path / "data")
    assert not offices.begin(tmp_path / "data")
    opened(tiny, tmp_path).close()
