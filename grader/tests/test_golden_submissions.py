"""Every golden submission is graded as its `expect.toml` says: by the real pool, in the real sandbox, in one batch.

Hostile hand-ins are graded among honest ones; `make golden` does so on every engine that works here. Planted bugs
(`wrong_*`) are there by one a problem; `grader mutants` runs all of them. What is run of each hand-in is what it can
touch, see `golden_runs`.
"""

import subprocess
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader import golden, overlay, pool, sandbox, scoring
from grader.outcome import Verdict
from grader.report import write_class, write_handin
from grader.scoring import HandinScore
from grader.task import Task
from grader.tests.golden_runs import (
    ALIGNMENT,
    BASICS,
    COURSES,
    DATA,
    EVERYTHING,
    GOLDEN,
    ROOT,
    RUNS,
    SCALING,
    SMALL,
    SYSTEMS,
    Run,
    combined,
    named_by,
    ordered,
    problems_of,
    together,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

JOBS = 3  # attacks that wait for a deadline leave the processors to the others

LEAST = {
    BASICS: {"wrong": 120, "correct": 15, "hostile": 10, "partial": 2, "slow": 2, "broken": 2},
    SYSTEMS: {"wrong": 60, "correct": 10, "hostile": 2},
    SCALING: {"wrong": 120, "correct": 20, "hostile": 3},
    DATA: {"wrong": 400, "correct": 30, "hostile": 4},
    ALIGNMENT: {"wrong": 600, "correct": 40, "hostile": 4},
}
"""How many golden submissions of a kind there are at least. The attacks on the grader itself are assignment 1's."""

MARKER = Path("/tmp/grader-hostile-marker")
PLANTED = (Path("/tmp/grader-hostile-marker.txt"), Path("/dev/shm/grader-hostile-marker.txt"))
FILLED = [Path("/dev/shm", name) for name in ("kept", "deeper", *(f"filled{number}" for number in range(4)))]
"""What attacks leave on an engine without a file system of its own."""

NOT_CONTAINED = {
    ("plain", "hostile_reads_the_answers"): "file system",
    ("plain", "hostile_plants_files"): "file system",
    ("plain", "hostile_leaves_state"): "file system",
    ("plain", "hostile_poisons_libraries"): "file system",
    ("plain", "hostile_looks_at_processes"): "other processes",
    ("plain", "hostile_takes_memory_in_files"): "memory",
}
"""Attacks that an engine does not stop, and the row of its table in `grader.sandbox` that says so."""

TRIPWIRES = {
    "hostile_asks_the_network": "network",
    "hostile_becomes_another_program": "programs",
    "hostile_forges_replies": "channel",
    "hostile_forks": "processes",
    "hostile_leaves_state": "files",
    "hostile_looks_at_processes": "files",
    "hostile_pickles": "channel",
    "hostile_poisons_libraries": "files",
    "hostile_raises_limits": "limits",
    "hostile_reads_the_answers": "files",
    "hostile_searches_memory_for_answers": "memory",
    "hostile_sends_malformed_replies": "channel",
    "hostile_walks_frames_and_heap": "interpreter",
    "hostile_works_in_children": "left-behind",
}
"""What staff read of these attacks, beside their score."""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, HandinScore]]:
    """All of them, by label, graded in one batch; attacks stand between the others."""
    folder = tmp_path_factory.mktemp("golden")
    groups = (
        {} if EVERYTHING else {key: group for course in COURSES.values() for key, group in together(course).items()}
    )
    tasks, known_as = [], {}
    for run in (run for runs in RUNS.values() for run in runs):
        course, place = COURSES[run.course], folder / run.course / run.name
        each = GOLDEN.get((run.course, run.name))
        group = groups.get((run.course, run.name), [each])
        if run.name == "reference":
            place = course.solution
        elif run.name == "stubs":
            place.mkdir(parents=True)
            (place / "adapters.py").write_bytes((course.folder / "adapters.py").read_bytes())
        elif group[0] is not each:
            known_as[run.label] = replace(run, name=group[0].name).label
            continue
        elif not place.exists():
            golden.materialise(combined(group), course, place)
        problems = None if each is None else problems_of(course, each)
        if each is not None and run in RUNS["seeds"]:
            problems = ordered(course, each.lost or named_by(course, run.name) or SMALL[run.course][:1])
        tasks.append(Task(ROOT, course.name, place, run.label, run.seed, run.engine, problems))
    # What is graded on everything takes longest, so it goes first; the others are mixed.
    mixed = sorted(tasks, key=lambda task: (task.problems is not None, zlib.crc32(task.name.encode())))
    clear()
    found = {
        task.name: scoring.score(outcome, COURSES[task.assignment]) for task, outcome in pool.grade_all(mixed, JOBS)
    }
    yield found | {label: found[first] for label, first in known_as.items()}
    clear()


def clear() -> None:
    subprocess.run(["rm", "-rf", *map(str, (*PLANTED, *FILLED))], check=True)


def complaints(score: HandinScore, lost: Iterable[str], verdicts: Mapping[str, Verdict]) -> list[str]:
    """Where the score is not what was expected; an empty list when all is well."""
    lost = set(lost)
    found = []
    for problem in score.problems:
        due = 0.0 if problem.id in lost else problem.max_score
        if problem.score != due:
            first = next((test for test in problem.tests if test.verdict is not Verdict.PASS), None)
            said = f": {first.name}: {first.message[:300]}" if first else ""
            found.append(f"{problem.id} scores {problem.score} ({problem.verdict}); expected {due}{said}")
        if problem.id in verdicts and problem.verdict is not verdicts[problem.id]:
            found.append(f"{problem.id} is {problem.verdict}; expected {verdicts[problem.id]}")
    return found


def ids(runs: list[Run]) -> list[str]:
    return [run.label for run in runs]


@pytest.mark.parametrize("run", RUNS["honest"] + RUNS["seeds"], ids=ids(RUNS["honest"] + RUNS["seeds"]))
def test_a_golden_submission_is_graded_as_expected(graded, run):
    assert complaints(graded[run.label], run.golden.lost, run.golden.verdicts) == []


@pytest.mark.parametrize("run", RUNS["hostile"], ids=ids(RUNS["hostile"]))
def test_an_attack_gains_nothing(graded, run):
    each = run.golden
    found = complaints(graded[run.label], each.lost, each.verdicts)
    if (run.engine, run.name) in NOT_CONTAINED:
        assert found, "this engine stops it now: strike it from NOT_CONTAINED, and mend the engine's table"
        return
    assert found == []
    assert each.score is None or graded[run.label].score == each.score


@pytest.mark.parametrize(("engine", "attack"), NOT_CONTAINED, ids="-".join)
def test_what_an_engine_does_not_stop_stands_in_its_table(engine, attack):
    assert (BASICS, attack) in GOLDEN
    assert "NOT covered" in covered(engine, NOT_CONTAINED[engine, attack])


def covered(engine: str, row: str) -> str:
    """What the table in the docstring of `grader.sandbox` says in a row of an engine."""
    lines = (sandbox.__doc__ or "").splitlines()
    first, _, last = (number for number, line in enumerate(lines) if line.startswith("==="))
    column = lines[first + 1].index(f"`{engine}`")
    said, name = "", ""
    for line in lines[first + 3 : last]:
        name = line[: lines[first].index(" ")].strip() or name
        if name == row:
            said += " " + line[column:].split("  ")[0]
    return said


@pytest.mark.parametrize("run", [run for run in RUNS["hostile"] if run.name in TRIPWIRES], ids=lambda run: run.label)
def test_an_attack_is_told_to_staff(graded, run):
    told = {finding.rule for finding in graded[run.label].outcome.findings if finding.kind == "integrity"}
    assert TRIPWIRES[run.name] in told


@pytest.mark.parametrize("run", RUNS["reference"], ids=ids(RUNS["reference"]))
def test_the_reference_scores_in_full(graded, run):
    score = graded[run.label]
    assert complaints(score, (), {}) == []
    assert [problem.id for problem in score.problems] == list(COURSES[run.course].problems)
    assert score.outcome.findings == ()  # nothing against the policy, and no tripwire fired


@pytest.mark.parametrize("run", RUNS["stubs"], ids=ids(RUNS["stubs"]))
def test_the_stubs_score_nothing_and_every_test_says_why(graded, run):
    score = graded[run.label]
    assert (score.score, [p.id for p in score.problems if p.score != 0]) == (0, [])
    assert {problem.verdict for problem in score.problems} == {Verdict.NOT_IMPLEMENTED}
    assert {test.verdict for problem in score.problems for test in problem.tests} == {Verdict.NOT_IMPLEMENTED}


def test_no_attack_leaves_anything_behind(graded):
    assert graded
    assert not MARKER.exists()
    contained = all(sandbox.ENGINES[run.engine].isolating for run in RUNS["hostile"])
    assert any(path.exists() for path in PLANTED) is not contained  # `plain` says that it does not cover files


def test_an_attack_on_the_report_is_shown_as_text(graded, tmp_path):
    scores = [score for label, score in graded.items() if label.startswith("hostile_writes_into_the_report")]
    assert scores
    for score in scores:
        write_handin(score, tmp_path)
    page = write_class(COURSES[BASICS], scores, tmp_path).read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize("course", COURSES.values(), ids=list(COURSES))
def test_every_kind_and_every_problem_has_golden_submissions(course):
    own = [each for (name, _), each in GOLDEN.items() if name == course.name]
    kinds = {kind: sum(each.kind == kind for each in own) for kind in golden.KINDS}
    assert {kind: kinds[kind] for kind, least in LEAST[course.name].items() if kinds[kind] < least} == {}
    assert {each.lost[0] for each in own if each.kind == "wrong"} == set(course.problems)


def test_every_golden_submission_can_be_made(tmp_path):
    for (course, name), each in GOLDEN.items():
        assert overlay.files(golden.materialise(each, COURSES[course], tmp_path / course / name))
