"""Planted bugs: a caught one, a survivor, one that costs what it does not say; kept results; the matrix."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader import golden, kill_matrix, mutants
from grader.errors import ConfigError
from grader.mutants import Depth, Report

REPOSITORY = Path(__file__).parents[2]
BUGS = {
    "wrong_double_triples": ("2 * x", "3 * x", ["double"]),
    "wrong_double_survives": ("2 * x", "x + x", ["double"]),
    "wrong_count_starts_at_two": ("2 * x", "2 * x\n\n\nCounter = None", ["count"]),
}


def plant(course, name, find, replace, lost):
    folder = golden.folder(course) / name
    folder.mkdir(parents=True)
    (folder / "expect.toml").write_text(
        f'why = "planted"\nbase = "reference"\n[[edit]]\nfile = "maths.py"\nfind = {find!r}\nreplace = """{replace}"""\n'
        f"[expect]\nlost = {lost}\n"
    )


@pytest.fixture
def course(tiny):
    (tiny.solution / "maths.py").write_text(SOURCE)
    for name, bug in BUGS.items():
        plant(tiny, name, *bug)
    return tiny


SOURCE = """
class Counter:
    def __init__(self):
        self.count = 0

    def next(self):
        self.count += 1
        return self.count


def double(x):
    return 2 * x
"""


def report(course, depth=Depth.FIRST):
    chosen = mutants.bugs(course)
    return Report(
        tuple(chosen), {r.name: r for r in mutants.run(course, chosen, jobs=2, engine="forkserver", depth=depth)}
    )


def test_a_survivor_is_told_and_the_others_are_caught(course):
    found = report(course)
    assert found.survivors == ["wrong_double_survives"]
    assert found.disagreements == []
    assert found.ours == []
    ran = [test for test in found.results["wrong_double_triples"].tests if test.problem == "double"]
    assert [test.killed for test in ran] == [True], "a run up to the first failure stops there"


def test_a_bug_that_costs_less_than_it_says_is_a_disagreement(course):
    path = course.root / "staff" / "submissions" / course.name / "wrong_double_triples" / "expect.toml"
    path.write_text(path.read_text().replace("['double']", "['double', 'count']"))
    assert report(course).disagreements == ["wrong_double_triples does not cost count; its expect.toml says otherwise"]


def test_results_are_kept_by_content(course, monkeypatch):
    first = report(course)
    kept = sorted(path.name for path in (course.root / mutants.CACHE).iterdir())
    assert len(kept) == 3
    monkeypatch.setattr(mutants.pool, "grade_all", lambda *arguments: pytest.fail("a kept result is run again"))
    assert report(course).results == first.results
    path = course.root / "staff" / "submissions" / course.name / "wrong_double_triples" / "expect.toml"
    path.write_text(path.read_text().replace("3 * x", "4 * x"))
    with pytest.raises(pytest.fail.Exception):
        report(course)


def test_the_test_that_noticed_a_bug_is_tried_first_the_next_time(course):
    plant(course, "wrong_double_of_nothing", "2 * x", "2 * x if x.numel() else x[0]", ["double"])
    before = report(course)
    assert [test.killed for test in before.results["wrong_double_of_nothing"].tests] == [False, False, True]
    mutants.remember(course, before)
    assert mutants.noticed(course)["wrong_double_of_nothing"] == ["double: test_the_shape_may_be_empty"]
    assert mutants.noticed(course)["wrong_double_survives"] == []
    shutil.rmtree(course.root / mutants.CACHE)
    after = report(course)
    assert (after.survivors, after.disagreements) == (before.survivors, before.disagreements)
    for name in ("wrong_double_of_nothing", "wrong_double_triples", "wrong_count_starts_at_two"):
        assert [test.killed for test in after.results[name].tests] == [True]
    assert len(after.results["wrong_double_survives"].tests) > 1


def test_a_hint_that_names_nothing_changes_nothing(course):
    (golden.folder(course) / mutants.NOTICED).write_text(
        '{"wrong_double_triples": ["double: test_gone"], "wrong_gone": ["count: test_gone"]}'
    )
    found = report(course)
    assert found.survivors == ["wrong_double_survives"]
    mutants.remember(course, found)
    assert "wrong_gone" not in mutants.noticed(course)


def test_the_matrix_shows_which_test_notices_which_bug(course):
    found = report(course, Depth.MATRIX)
    page = kill_matrix.write(course, found).read_text()
    row = next(line for line in page.splitlines() if line.startswith("triples"))
    assert "x" in row.removeprefix("triples")
    assert "." in row.removeprefix("triples")
    survivor = next(line for line in page.splitlines() if line.startswith("survives"))
    assert "x" not in survivor.removeprefix("survives")
    assert "test_the_shape_may_be_empty" in [test.name for test in found.idle_tests]
    assert "## Tests that notice no bug" in page


def test_the_command_fails_for_a_survivor(course):
    command = [sys.executable, "-m", "grader", "mutants", course.name, "--jobs", "1"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "HOME": "/tmp", "COLUMNS": "200"}
    ended = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stderr
    assert "survives: wrong_double_survives" in ended.stdout
    assert "2 of 3 planted bugs of assignment0_tiny are caught" in ended.stdout


def test_a_bug_that_names_no_problem_is_one_clear_error(course):
    path = course.root / "staff" / "submissions" / course.name / "wrong_double_triples" / "expect.toml"
    path.write_text(path.read_text().replace("['double']", "[]"))
    with pytest.raises(ConfigError, match=r"wrong_double_triples: expect.lost is empty"):
        mutants.bugs(course)
    assert golden.load_all(course)
