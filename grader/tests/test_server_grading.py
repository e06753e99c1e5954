"""A worker over the tiny course: hand-ins through the batch engine, entries through their verification."""

import json
import shutil
import threading

import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from grader.leaderboard import track as tracks
from grader.outcome import Verdict
from grader.server import grading
from grader.server.app import create_app
from grader.server.errors import NotFound, Unavailable
from grader.server.role import Role
from grader.server.submissions import Kind, State
from grader.server.worker import Worker
from grader.tests.boards import give_board, run_of
from grader.tests.course_server import PLENTY, office, person, rows, sent


@pytest.fixture
def opened(tiny, tmp_path):
    give_board(tiny)
    with office(tiny.root, tmp_path / "data", **PLENTY) as found:
        yield found


def archive(folder, name="work"):
    return folder.parent / shutil.make_archive(str(folder.parent / f"{folder.name}-{name}"), "zip", folder)


def drained(opened, engine=None):
    worker = Worker(opened, 1, engine)
    while worker.step():
        pass


def test_hand_ins_are_graded_into_reports(opened, tiny, handin, tmp_path):
    ada, bob, tim = person(opened, "ada"), person(opened, "bob"), person(opened, "tim", Role.TA)
    sent(opened, ada, archive(handin()))
    sent(opened, bob, archive(handin(maths="def double(x):\n    return 3 * x\n")))
    (tmp_path / "broken.zip").write_bytes(b"PK no zip at all")
    sent(opened, bob, tmp_path / "broken.zip")
    drained(opened)

    full, partial, refused = (opened.queries.submission(tim, number) for number in (1, 2, 3))
    assert (full.state, full.score, full.max_score) == (State.DONE, 5, 5)
    assert partial.state is State.DONE
    assert partial.score < 5
    assert partial.details["problems"]["double"] == "FAIL"
    assert refused.state is State.REFUSED
    assert refused.reason.startswith("broken.zip")
    assert opened.queries.submission(bob, 2).details == {}

    for_staff, for_bob = (opened.queries.report(viewer, 2) for viewer in (tim, bob))
    hidden = [test for problem in for_staff.problems for test in problem.tests if test.hidden]
    assert hidden
    shown = json.dumps([test.message for problem in for_bob.problems for test in problem.tests])
    assert all(test.message not in shown for test in hidden if test.verdict is Verdict.FAIL)
    assert (for_staff.seed, for_bob.seed) == (opened.seed, 0)
    with pytest.raises(NotFound):
        opened.queries.report(ada, 2)

    assert {name: score.score for name, score in _latest(opened, tiny)} == {"ada-1": 5, "bob-2": 0}
    assert opened.queries.states()[tiny.name] == {State.DONE: 2, State.REFUSED: 1}
    assert opened.queries.regrades(tiny.name) == []
    text = tiny.toml.read_text()
    tiny.toml.write_text(text.replace("points = 2", "points = 4"))
    changed = {one.name: (one.old, one.new, one.new_max) for one in opened.queries.regrades(tiny.name)}
    assert changed["ada-1"] == (5, 7, 7)

    opened.queries.write_reports(tiny.name, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").glob("*.json")) == [
        "ada-1.json",
        "bob-1.json",
        "bob-2.json",
        "class.json",
    ]
    attempts = opened.queries.attempts_csv(tiny.name).splitlines()
    assert attempts[0] == "submission,student,submitted"
    assert [line.split(",")[:2] for line in attempts[1:]] == [["ada-1", "ada"], ["bob-1", "bob"], ["bob-2", "bob"]]

    with TestClient(create_app(opened)) as client:
        headers = {"Authorization": f"Bearer {opened.accounts.add('bob', Role.STUDENT, actor='test')}"}
        report = client.get("/api/hand-ins/2/report", headers=headers).json()
        assert (report["submission"], report["engine"]) == ("bob-1", "")


def _latest(opened, tiny):
    return [(score.outcome.submission, score) for score in opened.queries.latest_scores(tiny.name)]


def test_an_entry_is_verified_by_running_and_appears(opened, tiny, tmp_path):
    ada, bob = person(opened, "ada"), person(opened, "bob")
    sent(opened, ada, archive(run_of(tiny, tmp_path / "slow", 2, claim=6.0)), Kind.ENTRY, "counting")
    sent(opened, bob, archive(run_of(tiny, tmp_path / "cheat", 5000)), Kind.ENTRY, "counting")
    assert [row.score for row in opened.queries.board(tiny.name, "counting").waiting] == [None, None]
    drained(opened)

    board = opened.queries.board(tiny.name, "counting")
    assert [(row.pseudonym, row.claimed) for row in board.rows] == [(ada.pseudonym, 6.0)]
    assert board.waiting == ()
    own = opened.queries.submission(bob, 2)
    assert own.state is State.REFUSED
    assert own.reason
    assert opened.queries.entry(2, bob).reasons
    with pytest.raises(NotFound):
        opened.queries.entry(2)
    assert opened.queries.entry(1).measurements["first"] > 0


def test_an_error_of_ours_costs_nothing_and_is_tried_again(opened, tiny, handin, monkeypatch):
    ada, tim = person(opened, "ada"), person(opened, "tim", Role.TA)
    sent(opened, ada, archive(handin()))

    def broken(*_):
        raise ValueError("a fault in the grader")

    monkeypatch.setattr(grading.assignments, "load", broken)
    drained(opened)
    failed = opened.queries.submission(ada, 1)
    assert (failed.state, failed.score) == (State.FAILED, None)
    assert failed.reason == "an error of the grader: ValueError: a fault in the grader"
    monkeypatch.undo()
    opened.queue.again(tim, 1)
    drained(opened)
    assert opened.queries.submission(ada, 1).score == 5


def test_what_a_killed_worker_had_graded_is_not_graded_again(opened, tiny, handin):
    ada = person(opened, "ada")
    sent(opened, ada, archive(handin()))
    claim = opened.queue.claim("killed", 1)
    worker = Worker(opened, 1)
    [(_, result)] = worker._grading.results(claim)  # … and is killed before it says so
    opened.queue.give_back("killed")

    def never(tasks, jobs, alone):
        raise AssertionError("graded again")

    worker = Worker(opened, 1, run=never)
    assert worker.step()
    assert (rows(opened)[0].state, rows(opened)[0].score) == ("done", result.score)


def test_a_track_that_is_gone_is_our_error(opened, tiny, tmp_path):
    ada = person(opened, "ada")
    sent(opened, ada, archive(run_of(tiny, tmp_path / "one", 2)), Kind.ENTRY, "counting")
    (tiny.folder / tracks.NAME).unlink()
    drained(opened)
    assert rows(opened)[0].state == "failed"
    assert "has no leaderboard" in rows(opened)[0].reason


def test_a_database_that_is_gone_for_a_moment_leaves_nothing_claimed(opened, handin, monkeypatch):
    sent(opened, person(opened, "ada"), archive(handin()))
    told, asked, finish = threading.Event(), [], opened.queue.finish

    def finish_later(*arguments):
        asked.append(arguments)
        if len(asked) == 1:
            raise Unavailable("the database does not answer; try again")
        told.set()
        return finish(*arguments)

    monkeypatch.setattr(opened.queue, "finish", finish_later)
    Worker(opened, 1).work(told)
    assert [(row.state, row.score, row.attempts) for row in rows(opened)] == [("done", 5.0, 1)]


def test_a_gradebook_that_is_gone_is_no_result(opened, handin, monkeypatch):
    sent(opened, person(opened, "ada"), archive(handin()))

    def gone(*_):
        raise OperationalError("SELECT", {}, Exception("the server closed the connection"))

    monkeypatch.setattr(opened.book, "find", gone)
    with pytest.raises(Unavailable):
        Worker(opened, 1).step()
    assert rows(opened)[0].state == "running"
