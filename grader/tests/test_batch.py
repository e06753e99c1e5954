"""A batch of hand-ins against a gradebook: resumed after a kill, nothing twice, nothing lost; grading again."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader import assignment as assignments
from grader import boxes, grading, pool
from grader.batch import Batch
from grader.gradebook import Gradebook
from grader.merging import merged
from grader.outcome import TestOutcome, Verdict
from grader.regrading import regrade
from grader.task import Task
from grader.tests.test_gradebook import outcome

REPOSITORY = Path(__file__).parent.parent.parent


class Counted:
    """Grades in this process, one after the other, and notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...] | None, int, bool]] = []

    def __call__(self, tasks, jobs, alone):
        for task in tasks:
            self.asked.append((task.name, task.problems, jobs, alone))
            yield task, grading.grade(task)


@pytest.fixture
def book(tmp_path):
    with closing(Gradebook.in_folder(tmp_path / "grades")) as made:
        yield made


def tasks_of(tiny, **handins: Path) -> list[Task]:
    return [Task(tiny.root, tiny.name, path, name, 336, "forkserver") for name, path in handins.items()]


def test_what_is_in_the_book_is_not_graded_again(tiny, handin, book):
    tasks = tasks_of(
        tiny, heron=handin(), ibis=handin(append="# mine\n"), crane=handin(append="def double(x): return x\n")
    )
    run = Counted()
    first = {each.task.name: each for each in Batch(tiny, book, 1, run=run).grade(tasks)}
    again = {each.task.name: each for each in Batch(tiny, book, 1, run=run).grade(tasks)}
    assert len(run.asked) == 3
    assert {name: (each.score.score, each.kept) for name, each in first.items()} == {
        "heron": (5, False), "ibis": (5, False), "crane": (3, False),
    }  # fmt: skip
    assert [each.kept for each in again.values()] == [True] * 3
    assert {name: each.score for name, each in again.items()} == {name: each.score for name, each in first.items()}
    assert len(list(Batch(tiny, book, 1, again=True, run=run).grade(tasks))) == 3
    assert len(run.asked) == 6


def test_equal_hand_ins_are_graded_once_and_each_has_its_grade(tiny, handin, book):
    run = Counted()
    graded = list(Batch(tiny, book, 1, run=run).grade(tasks_of(tiny, heron=handin(), ibis=handin())))
    assert [name for name, *_ in run.asked] == ["heron"]
    assert sorted((each.task.name, each.score.outcome.submission, each.score.score) for each in graded) == [
        ("heron", "heron", 5), ("ibis", "ibis", 5),
    ]  # fmt: skip
    assert [entry.name for entry in book.entries(tiny.name)] == ["heron", "ibis"]


def test_timed_problems_come_last_one_at_a_time(tiny, handin, book):
    timed = replace(tiny, problems=tiny.problems | {"double": replace(tiny.problems["double"], timed=True)})
    run = Counted()
    tasks = tasks_of(tiny, heron=handin(), ibis=handin(append="# mine\n"))
    graded = {each.task.name: each.score for each in Batch(timed, book, 2, run=run).grade(tasks)}
    assert run.asked == [
        ("heron", ("count",), 2, False), ("ibis", ("count",), 2, False),
        ("heron", ("double",), 1, True), ("ibis", ("double",), 1, True),
    ]  # fmt: skip
    assert {name: (score.score, len(score.outcome.tests)) for name, score in graded.items()} == {
        "heron": (5, 6),
        "ibis": (5, 6),
    }
    assert not list(filter(lambda each: not each.kept, Batch(timed, book, 2, run=run).grade(tasks)))


def test_an_error_of_ours_is_tried_again_the_next_time(tiny, handin, book):
    def broken(tasks, jobs, alone):
        for task in tasks:
            yield task, grading.lost(task, "the machine went away")

    tasks = tasks_of(tiny, heron=handin())
    (first,) = Batch(tiny, book, 1, run=broken).grade(tasks)
    assert first.score.provisional
    (second,) = Batch(tiny, book, 1, run=Counted()).grade(tasks)
    assert (second.score.score, second.kept) == (5, False)


def test_refused_hand_ins_are_told_each_time(tiny, tmp_path, book):
    (tmp_path / "empty").mkdir()
    for _ in range(2):
        (each,) = Batch(tiny, book, 1, run=Counted()).grade(tasks_of(tiny, empty=tmp_path / "empty"))
        assert each.score.refused


# Killed and resumed


def test_a_batch_killed_at_any_moment_goes_on_where_it_was(tiny, tiny_root, handin, tmp_path):
    source = tmp_path / "batch"
    source.mkdir()
    slow = "import time\n_double = double\ndef double(x):\n    time.sleep(0.15)\n    return _double(x)\n"
    for number in range(12):
        bad = "class Counter:\n    def next(self): return 7\n" if number % 3 == 0 else ""
        shutil.copytree(handin(append=f"# {number}\n{bad}{slow}"), source / f"h{number:02}")
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "grader",
        "grade",
        tiny.name,
        str(source),
        "--out",
        str(out),
        "--jobs",
        "2",
        "--json",
    ]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "HOME": "/tmp"}

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            command, cwd=tiny_root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def recorded() -> dict[str, str]:
        if not (out / "gradebook.sqlite").exists():
            return {}
        with closing(Gradebook.in_folder(out)) as book, book._engine.connect() as connection:
            return dict(connection.exec_driver_sql("select key, recorded from runs").fetchall())

    seen: dict[str, str] = {}
    for wanted in (2, 6):
        process = start()
        deadline = time.monotonic() + 120
        while len(recorded()) < wanted and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        now = recorded()
        assert now.items() >= seen.items()
        seen = now
        assert wanted <= len(seen) < 12
    process = start()
    printed, complaints = process.communicate(timeout=200)
    assert process.returncode == 0, complaints
    scores = {row["submission"]: row["score"] for row in json.loads(printed)["handins"]}
    assert scores == {f"h{number:02}": 2 if number % 3 == 0 else 5 for number in range(12)}
    final = recorded()
    assert len(final) == 12
    assert final.items() >= seen.items(), "a hand-in that was finished has been graded again"


def test_no_judge_outlives_a_killed_run(tmp_path):
    code = (
        "import time\nfrom grader import boxes, pool\nfrom concurrent.futures import wait\n"
        "if __name__ == '__main__':\n"
        "    with boxes.offered(()) as offer, pool._pool(1, False, offer) as judges:\n"
        "        print(judges.submit(__import__('os').getpid).result(), flush=True)\n"
        "        time.sleep(60)\n"
    )
    (tmp_path / "run.py").write_text(code)
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "run.py")], stdout=subprocess.PIPE, text=True, cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert process.stdout is not None
    judge = int(process.stdout.readline())
    assert Path(f"/proc/{judge}").exists()
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 20
    while _alive(judge) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(judge)


def _alive(pid: int) -> bool:
    try:
        return "Z (zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_a_judge_that_dies_costs_only_the_hand_in_that_killed_it(tiny, handin, monkeypatch, tmp_path):
    # The judge is made to die over one hand-in by a trap in a test of the course itself.
    trap = "\nimport os, torch\ndef test_trap(adapters):\n    if adapters.run_double(torch.zeros(1)).item() == 99: os.kill(os.getpid(), 9)\n"
    with (tiny.folder / "tests" / "test_count.py").open("a") as file:
        file.write(trap)
    tasks = tasks_of(
        tiny, heron=handin(), bad=handin(append="def double(x): return x + 99\n"), ibis=handin(append="# i\n"),
        crane=handin(append="# c\n"),
    )  # fmt: skip
    outcomes = {task.name: outcome for task, outcome in pool.grade_all(tasks, 2)}
    assert sorted(outcomes) == ["bad", "crane", "heron", "ibis"]
    assert {test.verdict for test in outcomes["bad"].tests} == {Verdict.GRADER_ERROR}
    for name in ("heron", "ibis", "crane"):
        assert {test.verdict for test in outcomes[name].tests} == {Verdict.PASS}


# Grading again


@pytest.fixture
def graded(tiny, handin, book):
    tasks = tasks_of(tiny, heron=handin(), crane=handin(append="def double(x): return x\n"))
    list(Batch(tiny, book, 1, run=Counted()).grade(tasks))
    return book


def regraded(tiny, book, run):
    for name in [name for name in sys.modules if name.startswith(tiny.name)]:
        del sys.modules[name]  # as in a new process: test modules are imported once in each
    course = assignments.load(tiny.root, tiny.name)
    return {change.entry.name: change for change in regrade(course, book, Batch(course, book, 1, run=run))}


def test_nothing_is_run_where_nothing_changed(tiny, graded):
    run = Counted()
    changes = regraded(tiny, graded, run)
    assert run.asked == []
    assert {name: (change.problems, change.differs) for name, change in changes.items()} == {
        "heron": ((), False), "crane": ((), False),
    }  # fmt: skip


def test_a_change_of_points_runs_nothing_and_counts_when_applied(tiny, graded):
    tiny.toml.write_text(tiny.toml.read_text().replace("points = 2", "points = 7"))
    run = Counted()
    changes = regraded(tiny, graded, run)
    assert run.asked == []
    assert {name: (c.entry.score, c.new.score, c.new.max_score) for name, c in changes.items()} == {
        "heron": (5, 10, 10), "crane": (3, 3, 10),
    }  # fmt: skip
    graded.apply(changes["heron"].new)
    assert [(entry.name, entry.score) for entry in graded.entries(tiny.name)] == [("crane", 3), ("heron", 10)]


def test_a_changed_test_is_run_again_for_its_problem_alone(tiny, graded):
    with (tiny.folder / "tests" / "test_double.py").open("a") as file:
        file.write("\ndef test_never_passes(adapters, check):\n    check.that(False, 'no')\n")
    run = Counted()
    changes = regraded(tiny, graded, run)
    assert sorted(run.asked) == [("crane", ("double",), 1, False), ("heron", ("double",), 1, False)]
    heron = changes["heron"]
    assert (heron.entry.score, heron.new.score, heron.problems) == (5, 3, ("double",))
    assert len(heron.new.outcome.tests) == len(heron.entry.outcome.tests) + 1
    assert [(entry.name, entry.score) for entry in graded.entries(tiny.name)] == [("crane", 3), ("heron", 5)]
    regraded(tiny, graded, run)
    assert len(run.asked) == 2, "what was proposed is not run once more"
    for change in regraded(tiny, graded, run).values():
        graded.apply(change.new)
    assert [(entry.name, entry.score) for entry in graded.entries(tiny.name)] == [("crane", 3), ("heron", 3)]
    assert not any(change.problems for change in regraded(tiny, graded, run).values())


def test_an_error_of_ours_leaves_the_score(tiny, graded):
    with (tiny.folder / "tests" / "test_double.py").open("a") as file:
        file.write("\ndef test_of_ours_is_broken(adapters):\n    1 / 0\n")
    changes = regraded(tiny, graded, Counted())
    assert changes["heron"].new is None
    assert "an error of the grader" in changes["heron"].lost
    assert [(entry.name, entry.score) for entry in graded.entries(tiny.name)] == [("crane", 3), ("heron", 5)]


def test_a_hand_in_that_is_gone_or_changed_keeps_its_grade(tiny, graded):
    with (tiny.folder / "tests" / "test_double.py").open("a") as file:
        file.write("\n# changed\n")
    entries = {entry.name: entry for entry in graded.entries(tiny.name)}
    shutil.rmtree(entries["heron"].source)
    (entries["crane"].source / "maths.py").write_text("def double(x): return 2 * x\n")
    changes = regraded(tiny, graded, Counted())
    assert changes["heron"].lost.endswith("cannot be read any more")
    assert changes["crane"].lost.endswith("is not what was graded any more")
    assert [(entry.name, entry.score) for entry in graded.entries(tiny.name)] == [("crane", 3), ("heron", 5)]


def test_merging_keeps_each_problem_once():
    first = outcome()
    second = replace(
        outcome(verdict=Verdict.FAIL), expected={"double": first.expected["double"]},
        tests=(TestOutcome("test_double", "double", False, Verdict.FAIL, "", 0.2),),
    )  # fmt: skip
    together = merged(first, second)
    assert sorted((test.problem, test.verdict.value) for test in together.tests) == [
        ("count", "PASS"),
        ("double", "FAIL"),
    ]
    assert together.expected.keys() == {"double", "count"}


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_judge_begins_with_one_thread_however_it_is_started(method):
    context = multiprocessing.get_context(method)
    with boxes.offered(()) as offer:
        given = (dict(os.environ) | {"OMP_NUM_THREADS": "2"}, False, offer)
        with ProcessPoolExecutor(1, mp_context=context, initializer=pool._begin, initargs=given) as judges:
            assert judges.submit(threads).result() == 1


def threads():
    import torch

    return torch.get_num_threads()
