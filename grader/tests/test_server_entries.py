"""Entries of a leaderboard on their way to the server: what is taken, what is refused, and what anybody sees of them."""

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.leaderboard import remote
from grader.server.queue import Result
from grader.server.role import Role
from grader.server.submissions import State
from grader.tests.boards import give_board, run_of
from grader.tests.course_server import office, server, zipped
from grader.tests.test_server_api import WORK, People

TRACK = "/leaderboard/assignment0_tiny/counting"


@pytest.fixture
def served(tiny, tmp_path):
    give_board(tiny)
    with ExitStack() as stack:
        yield People(stack, tiny.root, tmp_path / "data")


def enter(served, who="ada", content=WORK, track=TRACK, **fields):
    return served.client.post(
        f"/api{track}/entries", headers=served.headers(who), data=fields, files={"file": ("entry.zip", content)}
    )


def test_what_is_claimed_is_shown_as_such_until_it_is_verified(served):
    answer = enter(served, claimed=" 6.5 ")
    assert (answer.status_code, answer.json()["state"], answer.json()["claimed_score"]) == (202, "queued", 6.5)
    assert enter(served, claimed="6.5").status_code == 200
    ada = served.get("ada", "/me").json()["pseudonym"]
    board = served.client.get(f"/api{TRACK}")
    assert board.json()["rows"] == []
    [waiting] = board.json()["waiting"]
    assert (waiting["pseudonym"], waiting["claimed"], waiting["score"], waiting["rank"]) == (ada, 6.5, None, None)
    assert '"ada"' not in board.text

    served.office.queue.claim("w", 1)
    served.office.queue.finish("w", 1, Result(State.DONE, 6.0, details={"measurements": {"first": 2.0}}))
    [row] = served.client.get(f"/api{TRACK}").json()["rows"]
    assert (row["entry"], row["rank"], row["score"], row["claimed"]) == (1, 1, 6.0, 6.5)
    assert served.client.get("/api/leaderboard/entries/1").json()["measurements"] == {"first": 2.0}
    assert [track["id"] for track in served.client.get("/api/leaderboard").json()] == ["counting"]


def test_what_was_refused_is_for_its_sender_and_for_staff(served):
    enter(served)
    served.office.queue.claim("w", 1)
    refused = Result(State.REFUSED, reason="no", details={"reasons": ["it does not begin at 1"]})
    served.office.queue.finish("w", 1, refused)
    path = "/leaderboard/entries/1"
    assert served.client.get(f"/api{path}").status_code == 404
    assert served.get("bob", path).status_code == 404
    assert [served.get(who, path).json()["reasons"] for who in ("ada", "tim")] == [["it does not begin at 1"]] * 2
    board = served.client.get(f"/api{TRACK}").json()
    assert (board["rows"], board["waiting"]) == ([], [])


@pytest.mark.parametrize("claimed", ["abc", "nan", "inf", "1e999", "-", "0x1", "1,5"])
def test_a_claim_that_is_no_number_is_refused(served, claimed):
    answer = enter(served, claimed=claimed)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "the field 'claimed' is no number; expected the score that you measured"


@pytest.mark.parametrize("track", ["/leaderboard/assignment0_tiny/running", "/leaderboard/assignment7/counting"])
def test_there_is_no_such_track(served, track):
    assert enter(served, track=track).status_code == 404
    assert served.client.get(f"/api{track}").status_code == 404


def test_an_entry_is_as_large_as_its_track_allows(served):
    large = zipped({"model.safetensors": bytes(2 << 20)})
    answer = enter(served, content=large)
    assert (answer.status_code, answer.json()["detail"][:34]) == (413, "the file is larger than 1 MB; expe")


def test_the_command_and_the_server_understand_each_other(tiny, tmp_path):
    give_board(tiny)
    with office(tiny.root, tmp_path / "data") as opened:
        token = opened.accounts.add("ada", Role.STUDENT, actor="test")
    packed = Path(shutil.make_archive(str(tmp_path / "entry"), "zip", run_of(tiny, tmp_path / "run", 2)))
    with server(tiny.root, tmp_path / "data", "--no-worker") as (_, url):
        there = remote.Server(url, token)
        sent = there.submit(tiny.name, "counting", packed, 6.0)
        assert (sent.id, sent.state) == (1, "queued")
        assert there.ask(1).answer["claimed_score"] == 6.0
        with pytest.raises(GraderError, match="no such submission"):
            there.ask(2)
        with pytest.raises(GraderError, match="no such track"):
            there.submit(tiny.name, "running", packed, None)
        with pytest.raises(GraderError, match="token is not valid"):
            remote.Server(url, "gr_nobody").ask(1)
