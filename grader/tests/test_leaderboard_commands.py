"""`grader leaderboard` as its users meet it: a folder, a server, and one clear line for each mistake."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.errors import GraderError
from grader.leaderboard import remote
from grader.leaderboard.directory import Board
from grader.leaderboard.track import find
from grader.tests.boards import give_board, run_of


@pytest.fixture
def run(tiny, monkeypatch):
    """Runs `grader leaderboard …` in the tiny course, in this process."""
    give_board(tiny)
    monkeypatch.chdir(tiny.root)
    monkeypatch.setenv("COLUMNS", "200")

    def ran(*arguments: object):
        return CliRunner().invoke(app, ["leaderboard", *map(str, arguments)])

    return ran


@pytest.fixture
def server():
    """A server that keeps what it is sent and answers with what the test put there."""
    asked, answers = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.answer()

        def do_GET(self):
            asked.append((self.path, dict(self.headers), b""))
            self.answer()

        def answer(self):
            status, body = answers.pop(0)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            """Say nothing."""

    running = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", asked, answers
    running.shutdown()
    thread.join()
    running.server_close()


def test_entries_are_queued_verified_ranked_and_shown(run, tiny, tmp_path):
    board = tmp_path / "board"
    for number, (name, step, changes) in enumerate(
        [("heron", 2, {}), ("ibis", 5, {"claim": 11.0}), ("<b>otter", 3, {"claim": 99.0}), ("heron", 4, {})]
    ):
        entry = run_of(tiny, tmp_path / f"run{number}", step, name=name, **changes)
        sent = run("submit", tiny.name, entry, "--to", board)
        assert sent.exit_code == 0, sent.output
        assert "queued; not verified yet" in sent.output
    again = run("submit", tiny.name, tmp_path / "run0", "--to", board)
    assert "already there" in again.output
    assert {
        row["state"] for rows in json.loads(run("show", "--directory", board, "--json").output).values() for row in rows
    } == {"waiting"}

    verified = run("verify", "--directory", board)
    assert verified.exit_code == 0, verified.output
    assert "4 verified" in verified.output

    rows = json.loads(run("show", "--directory", board, "--json").output)["assignment0_tiny/counting"]
    placed = [(row["name"], row["rank"], row["score"]) for row in rows if row["rank"]]
    assert placed == [("ibis", 1, 11.0), ("heron", 2, 9.0)]
    assert sorted((row["name"], row["state"]) for row in rows if not row["rank"]) == [
        ("<b>otter", "refused"),
        ("heron", "verified"),
    ]
    assert "ibis" in run("show", "--directory", board).output
    page = (board / "board.html").read_text()
    assert page.index("ibis") < page.index("heron")
    assert "&lt;b&gt;otter" in page
    assert "<b>otter" not in page
    assert "expected a claim that holds to within 2" in page
    assert (board / "seed").stat().st_mode & 0o077 == 0
    assert not list((board / "queue").iterdir())
    assert "0 verified" in run("verify", "--directory", board).output


def test_an_entry_within_a_folder_of_its_own_is_taken_too(tiny, tmp_path):
    give_board(tiny)
    run_of(tiny, tmp_path / "zipped" / "wrapped", 2)
    packed = shutil.make_archive(str(tmp_path / "entry"), "zip", tmp_path / "zipped")
    board = Board(tmp_path / "board", tiny.root)
    board.submit(Path(packed), find(tiny.root, tiny.name, "counting"))
    (row,) = board.rows(find(tiny.root, tiny.name, "counting"))
    assert row.manifest.name == "heron"


def test_an_error_of_ours_leaves_the_entry_in_the_queue(run, tiny, tmp_path):
    board = tmp_path / "board"
    run("submit", tiny.name, run_of(tiny, tmp_path / "run", 2), "--to", board)
    verifier = tiny.root / "staff" / "leaderboards" / tiny.name / "counting.py"
    verifier.rename(verifier.with_suffix(".away"))
    broken = run("verify", "--directory", board)
    assert isinstance(broken.exception, GraderError)
    assert len(list((board / "queue").glob("*.zip"))) == 1
    verifier.with_suffix(".away").rename(verifier)
    assert "1 verified" in run("verify", "--directory", board).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["submit", "assignment0_tiny"],
            "--to is missing; expected a course server (http://…) or a leaderboard's folder",
        ),
        (
            ["submit", "assignment0_tiny", "--to", "x"],
            "--name is missing; expected the pseudonym that the leaderboard shows",
        ),
        (["submit", "assignment0_tiny", "--to", "x", "--track", "countin", "--name", "a"], "did you mean 'counting'?"),
        (["submit", "assignment0_tiny", "--to", "http://x", "--name", "a"], "no token; expected the one"),
        (["submit", "assignment0_tiny", "--to", "x", "--name", "a", "--wait"], "--wait is for servers"),
        (
            ["submit", "assignment0_tiny", "--to", "ftp://x", "--name", "a", "--token", "t"],
            "expected http://… or https://…",
        ),
    ],
)
def test_a_mistake_is_one_line(run, monkeypatch, arguments, said):
    monkeypatch.delenv("GRADER_TOKEN", raising=False)
    result = run(*arguments)
    assert isinstance(result.exception, GraderError)
    assert said in str(result.exception)
    assert "\n" not in str(result.exception)


def test_validating_sends_nothing(run, tiny, tmp_path):
    result = run("validate", tiny.name, run_of(tiny, tmp_path / "run", 2), "--out", tmp_path / "kept.zip")
    assert result.exit_code == 0
    assert "can be sent" in result.output
    assert (tmp_path / "kept.zip").is_file()


def test_tracks_are_listed(run, tiny):
    assert "higher is better" in run("tracks", tiny.name).output
    assert json.loads(run("tracks", tiny.name, "--json").output)[0]["id"] == "counting"


def test_an_entry_is_sent_to_a_server_and_followed(run, tiny, tmp_path, server, monkeypatch):
    url, asked, answers = server
    answers += [
        (202, {"id": 7, "state": "queued", "ahead": 2}),
        (200, {"id": 7, "state": "running", "ahead": 0}),
        (200, {"id": 7, "state": "done", "score": 5.0, "reason": ""}),
    ]
    monkeypatch.setattr("grader.cli.leaderboard.time.sleep", lambda seconds: None)
    monkeypatch.setenv("GRADER_TOKEN", "heron-token")
    result = run("submit", tiny.name, run_of(tiny, tmp_path / "run", 2, claim=5.0), "--to", url, "--wait")
    assert result.exit_code == 0, result.output
    assert [line for line in result.output.splitlines() if line.startswith(("entry", "measured"))] == [
        "entry 7: queued, 2 before it",
        "entry 7: running",
        "entry 7: done",
        "measured: 5.0000 number",
    ]
    path, headers, body = asked[0]
    assert path == "/api/leaderboard/assignment0_tiny/counting/entries"
    assert headers["Authorization"] == "Bearer heron-token"
    assert b'name="claimed"\r\n\r\n5.0\r\n' in body
    assert b"PK\x03\x04" in body
    assert [path for path, _, _ in asked[1:]] == ["/api/submissions/7"] * 2


def test_a_refused_entry_that_was_waited_for_exits_with_one(run, tiny, tmp_path, server):
    url, _, answers = server
    answers += [(202, {"id": 7, "state": "refused", "reason": "it looks ahead"})]
    result = run("submit", tiny.name, run_of(tiny, tmp_path / "run", 2), "--to", url, "--token", "t", "--wait")
    assert result.exit_code == 1
    assert "reason: it looks ahead" in result.output


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {"detail": "this token is not known"}), "answered 401: this token is not known"),
        ((500, []), "answered 500: no reason given"),
        ((200, {"id": "7"}), "answered something else than a course server does"),
        ((200, [7]), "answered something else than a course server does"),
    ],
)
def test_what_a_server_refuses_is_one_line(server, answer, said):
    url, _, answers = server
    answers.append(answer)
    with pytest.raises(GraderError, match=said):
        remote.Server(url, "token").ask(7)


def test_a_server_that_is_not_there_is_one_line(server):
    with pytest.raises(GraderError, match=r"http://127\.0\.0\.1:1 cannot be asked: .*; expected a course server"):
        remote.Server("http://127.0.0.1:1", "token").ask(7)
