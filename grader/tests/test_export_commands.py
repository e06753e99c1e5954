"""`grader export`, `grader final` and `grader gradescope-bundle` as their users meet them."""

import csv
import json
import zipfile
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import typer
from typer.testing import CliRunner

from grader.cli import app
from grader.cli.export import exports
from grader.course.attempts import Submitted
from grader.course.policy import AssignmentRules, Policy
from grader.course.roster import Roster, Student
from grader.errors import ConfigError
from grader.export import final, spreadsheet
from grader.export.folder import Handin, Problem
from grader.outcome import ExpectedTest, HandinOutcome, TestOutcome, Verdict
from grader.report import write_class, write_handin
from grader.scoring import score

GRADEBOOK = "Student,ID,SIS User ID,SIS Login ID,Section,Tiny (7)\nPoints Possible,,,,,5\nHeron,1,s1,heron,A,\nIbis,2,s2,ibis,A,4\n"
COURSE = """
timezone = "America/Los_Angeles"
roster = "roster.csv"
[late]
penalty_percent = 10
days = 1
[attempts]
counts = "best"
[assignments.assignment0_tiny]
due = 2026-10-02T12:00:00
"""
ROSTER = "id,name,email,section\ns1,Heron,heron@pond.example,A\ns2,=Ibis,,A\ns3,Otter,,A\n"
ATTEMPTS = (
    "submission,student,submitted\n"
    "early,s1,2026-10-02T11:00:00-07:00\nlate,s1,2026-10-04T11:00:00-07:00\nbroken,s2,2026-10-02 11:00\n"
)  # fmt: skip


@pytest.fixture
def run(tiny_root, monkeypatch):
    """Runs `grader …` in the tiny course, in this process."""
    monkeypatch.chdir(tiny_root)

    def ran(*arguments: object):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return ran


@pytest.fixture
def grades(tiny, tmp_path):
    """Writes a graded folder: hand-ins by name, with the verdicts of `double` (2 points) and `count` (3 points)."""

    def written(**handins: tuple[str, str]):
        scores = []
        for name, verdicts in handins.items():
            tests = tuple(
                TestOutcome(f"test_{p}", p, False, Verdict(v), "", 0.1) for p, v in zip(("double", "count"), verdicts, strict=True)
            )  # fmt: skip
            scores.append(
                score(
                    HandinOutcome(
                        tiny.name, name, "5" * 64, "a" * 64, 1, "bubblewrap", "graded",
                        expected={t.problem: (ExpectedTest(t.name),) for t in tests}, tests=tests,
                    ),
                    tiny,
                )
            )  # fmt: skip
            write_handin(scores[-1], tmp_path / "grades")
        write_class(tiny, scores, tmp_path / "grades")
        return tmp_path / "grades"

    return written


FULL, HALF, PENDING = ("PASS", "PASS"), ("FAIL", "PASS"), ("GRADER_ERROR", "PASS")


@pytest.mark.parametrize("form", ["gradescope", "html", "markdown"])
def test_a_file_a_hand_in_is_written(run, grades, tmp_path, form):
    result = run("export", form, grades(s1=FULL, s2=PENDING), "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    suffix = {"gradescope": "json", "html": "html", "markdown": "md"}[form]
    names = [f"s1.{suffix}", f"s2.{suffix}"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    assert json.loads(result.stdout) == {"written": [str(tmp_path / "out" / name) for name in names]}
    assert "provisional: s2: double pending" in result.stderr


@pytest.mark.parametrize("form", ["csv", "junit"])
def test_one_file_is_written_for_all(run, grades, tmp_path, form):
    result = run("export", form, grades(s1=FULL), "--out", tmp_path / "deep" / "file")
    assert result.exit_code == 0, result.output
    assert "s1" in (tmp_path / "deep" / "file").read_text()


def test_hints_come_from_the_course(run, grades, tiny_root, tmp_path, tiny):
    folder = grades(s1=("FAIL", "PASS"))
    report = json.loads((folder / "s1.json").read_text())
    next(p for p in report["problems"] if p["id"] == "double")["tests"][0]["hidden"] = True
    (folder / "s1.json").write_text(json.dumps(report))
    hints = '[visibility.hints.assignment0_tiny.double]\ntest_double = "Try zero."\n'
    (tiny_root / "course.toml").write_text(hints)
    assert run("export", "markdown", folder, "--out", tmp_path / "a").exit_code == 0
    assert "Try zero." in (tmp_path / "a" / "s1.md").read_text()
    (tiny_root / "course.toml").write_text('[visibility]\nhidden_tests = "nothing"\n')
    assert run("export", "markdown", folder, "--out", tmp_path / "a", "--course", tiny_root).exit_code == 0
    assert "test_double" not in (tmp_path / "a" / "s1.md").read_text()
    assert run("export", "markdown", folder, "--out", tmp_path / "a", "--staff").exit_code == 0
    assert "test_double" in (tmp_path / "a" / "s1.md").read_text()


def test_outside_of_a_course_nothing_but_the_rules_is_missing(run, grades, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    assert run("export", "html", grades(s1=FULL), "--out", tmp_path / "out").exit_code == 0


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_feedback_has_the_steps_to_the_final_grade(run, grades, tiny_root, tmp_path, form):
    for name, text in (("course.toml", COURSE), ("roster.csv", ROSTER), ("attempts.csv", ATTEMPTS)):
        (tiny_root / name).write_text(text)
    folder = grades(early=HALF, late=FULL, broken=FULL, stray=FULL)
    result = run("export", form, folder, "--out", tmp_path / "a", "--attempts", "attempts.csv")
    assert result.exit_code == 0, result.output
    assert "graded, but not in --attempts: assignment0_tiny: stray" in result.stderr
    said = {path.stem: path.read_text() for path in (tmp_path / "a").iterdir()}
    for name in ("early", "late"):
        assert "1 late day used of 1 (0 left); submitted 2026-10-04 11:00, 47.0 h after due" in said[name]
        assert "broken" not in said[name]
    assert "Final grade" not in said["stray"]


def test_canvas_says_what_it_did_not_write(run, grades, tmp_path):
    (tmp_path / "gradebook.csv").write_text(GRADEBOOK)
    arguments = ("export", "canvas", grades(s1=HALF, s2=PENDING), tmp_path / "gradebook.csv", "--column", "7")
    result = run(*arguments, "--out", tmp_path / "new" / "filled.csv")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "new" / "filled.csv").read_text() == GRADEBOOK.replace("heron,A,", "heron,A,3")
    assert "left as it was: s2: provisional: double pending" in result.stderr
    grades(stranger=FULL)
    result = run(*arguments, "--out", tmp_path / "new" / "filled.csv", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["without_row"] == {"stranger": "no row has its name"}


def test_canvas_takes_final_grades_too(run, grades, tiny_root, tmp_path):
    for name, text in (("course.toml", COURSE), ("roster.csv", ROSTER), ("attempts.csv", ATTEMPTS)):
        (tiny_root / name).write_text(text)
    (tmp_path / "gradebook.csv").write_text(GRADEBOOK + "Otter,3,s3,,A,\n")
    folder = grades(early=HALF, late=FULL, broken=PENDING)
    arguments = ("export", "canvas", folder, tmp_path / "gradebook.csv", "--column", "7", "--attempts", "attempts.csv")
    result = run(*arguments, "--out", tmp_path / "filled.csv", "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["written"] == {"s1": 4.5}
    assert said["left_alone"] == {"s2": "provisional: something is pending or not entered yet"}
    assert said["rows_without_handin"] == ["Otter"]
    assert (tmp_path / "filled.csv").read_text() == GRADEBOOK.replace("heron,A,", "heron,A,4.5") + "Otter,3,s3,,A,\n"


def test_a_hand_in_that_is_not_graded_yet_leaves_its_student_undecided(run, grades, tiny_root, tmp_path):
    more = ATTEMPTS + "third,s1,2026-10-02T11:30:00-07:00\n"
    for name, text in (("course.toml", COURSE), ("roster.csv", ROSTER), ("attempts.csv", more)):
        (tiny_root / name).write_text(text)
    (tmp_path / "gradebook.csv").write_text(GRADEBOOK)
    folder = grades(early=HALF, late=FULL, broken=FULL)
    arguments = ("export", "canvas", folder, tmp_path / "gradebook.csv", "--column", "7", "--attempts", "attempts.csv")
    result = run(*arguments, "--out", tmp_path / "filled.csv")
    assert result.exit_code == 1
    assert "in --attempts, but not graded: third" in result.stderr
    assert (tmp_path / "filled.csv").read_text() == GRADEBOOK.replace("ibis,A,4", "ibis,A,5")
    assert "provisional: third: not graded yet" in run("final", folder, "--attempts", "attempts.csv").stdout


def test_canvas_never_writes_over_the_gradebook(run, grades, tmp_path):
    (tmp_path / "gradebook.csv").write_text(GRADEBOOK)
    path = tmp_path / "gradebook.csv"
    result = run("export", "canvas", grades(s1=FULL), path, "--column", "7", "--out", path)
    assert isinstance(result.exception, ConfigError)
    assert path.read_text() == GRADEBOOK


def test_final_grades_follow_the_course(run, grades, tiny_root, tmp_path):
    for name, text in (("course.toml", COURSE), ("roster.csv", ROSTER), ("attempts.csv", ATTEMPTS)):
        (tiny_root / name).write_text(text)
    folder = grades(early=HALF, late=FULL, broken=PENDING)
    result = run("final", folder, "--attempts", "attempts.csv", "--out", tmp_path / "final.csv", "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)["grades"]
    assert {name: (grade["points"], grade["late_days_used"]) for name, grade in said.items()} == {
        "s1": (4.5, 1), "s2": (3, 0), "s3": (0, 0),
    }  # fmt: skip
    heron, ibis, otter = csv.DictReader((tmp_path / "final.csv").read_text().splitlines())
    assert (heron["student"], heron["points"], heron["assignment0_tiny"]) == ("s1", "4.5", "4.5")
    assert "1 late day used of 1 (0 left); submitted 2026-10-04 11:00, 47.0 h after due" in heron["explanation"]
    assert (ibis["name"], ibis["points"], ibis["assignment0_tiny"]) == ("'=Ibis", "", "")
    assert ibis["note"] == "provisional: 3 points so far"
    assert otter["points"] == "0"
    text = run("final", folder, "--attempts", "attempts.csv").stdout
    assert "the best of 2 attempts: late, 5 of 5 points" in text


def test_what_stands_on_one_side_only_is_said(run, grades, tiny_root):
    (tiny_root / "attempts.csv").write_text(
        "submission,student,submitted\nearly,s1,2026-10-02T12:00:00Z\nlost,s2,2026-10-02T12:00:00Z\n"
    )
    result = run("final", grades(early=FULL, stray=FULL), "--attempts", "attempts.csv")
    assert result.exit_code == 1
    assert "graded, but not in --attempts: assignment0_tiny: stray" in result.stderr
    assert "in --attempts, but not graded: lost" in result.stderr


def handin(name: str, assignment: str = "a1", points: float = 2.0) -> Handin:
    problem = Problem("p", "P", points, 2.0, False, Verdict.PASS, ())
    return Handin(assignment, name, "", 1, "", "graded", "", points, 2.0, False, {}, (problem,), (), (), 0.0)


def test_one_file_of_times_serves_several_assignments():
    when = datetime(2026, 10, 2, tzinfo=ZoneInfo("UTC"))
    policy = Policy(assignments={name: AssignmentRules(name, 2) for name in ("a1", "a2")})
    times = [Submitted("heron.zip", "s1", when, "a1"), Submitted("heron", "s2", when, "a2")]
    result = final.of([handin("heron"), handin("heron", "a2", 1)], times, policy)
    assert {name: grade.points for name, grade in result.grades.items()} == {"s1": 2, "s2": 1}
    assert (result.without_time, result.not_graded) == ((), ())
    with pytest.raises(ConfigError, match="two lines of the attempts are of the hand-in 'heron'"):
        final.of([], [times[0], replace(times[0], submission="heron")], policy)


def test_everyone_on_the_roster_has_a_row():
    policy = Policy(roster=Roster({"s9": Student("s9", "@Crane")}), assignments={"a1": AssignmentRules("a1", 2)})
    result = final.of([], [], policy)
    row = next(csv.DictReader(spreadsheet.of_grades(result.grades, result.names).splitlines()))
    assert (row["student"], row["name"], row["points"]) == ("s9", "'@Crane", "0")


def test_a_bundle_is_made_and_its_seed_is_said(run, tiny, tmp_path):
    result = run("gradescope-bundle", tiny.name, "--out", tmp_path / "new" / "a.zip", "--seed", 9, "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (said["seed"], said["path"]) == (9, str(tmp_path / "new" / "a.zip"))
    assert zipfile.ZipFile(tmp_path / "new" / "a.zip").namelist() == said["files"]
    seeds = {json.loads(run("gradescope-bundle", tiny.name, "--json").stdout)["seed"] for _ in range(3)}
    assert len(seeds) == 3


def test_every_command_is_documented_and_helps(run, repository):
    manual = (repository / "README.md").read_text()
    names = typer.main.get_command(exports).commands
    assert set(names) == {"gradescope", "canvas", "csv", "junit", "html", "markdown"}
    for name in ("final", "gradescope-bundle", *(f"export {name}" for name in names)):
        # The two kinds of pages share a line of the manual.
        assert f"grader {name}" in manual or f"also: {name.removeprefix('export ')}" in manual
        said = run(*name.split(), "--help")
        assert said.exit_code == 0
        assert "Usage" in said.stdout
