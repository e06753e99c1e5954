"""Every golden submission is graded as its `expect.toml` says: by the real pool, in the real sandbox, in one batch.

Hostile hand-ins are graded among honest ones, on every engine that works here. Planted bugs (`wrong_*`) are here by
one a problem; `grader mutants` runs all of them. What is run of each hand-in is what it can touch, see `problems_of`.
"""

import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader import assignment as assignments
from grader import golden, overlay, pool, sandbox, scoring
from grader.assignment import Assignment
from grader.golden import Golden
from grader.grading import Task
from grader.outcome import Verdict
from grader.report import write_class, write_handin
from grader.scoring import HandinScore

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
COURSE = assignments.load(ROOT, "assignment1_basics")
GOLDEN = {each.name: each for each in golden.load_all(COURSE)}
ENGINES = [name for name, engine in sandbox.ENGINES.items() if engine.missing() is None]
JOBS = 2
SEED = 20261
SEEDS = (336, 0, 7, 20262, 2**31 - 1)

SMALL = ("softmax", "learning_rate_schedule")
"""What a hand-in that loses everything, or an attack, is graded on: all its problems fare alike."""

SEEDED = ("correct_one_module", "correct_rope_with_complex_numbers", "wrong_softmax_eps_in_the_denominator",
          "wrong_cross_entropy_eps_in_the_logarithm", "wrong_data_loading_never_the_last_start")  # fmt: skip

MARKER = Path("/tmp/grader-hostile-marker")

NOT_CONTAINED = {
    # Where the engine `plain` says in its table that it does not cover something.
    ("plain", "hostile_reads_the_answers"): "no file system of its own: the course's folder can be read",
    ("plain", "hostile_plants_files"): "no file system of its own: the hand-in's tree can be written",
}


@dataclass(frozen=True)
class Run:
    """A hand-in on an engine with a seed."""

    name: str
    engine: str
    seed: int

    @property
    def label(self) -> str:
        return f"{self.name}-{self.engine}-{self.seed}"


def dependents(course: Assignment, problem: str) -> set[str]:
    """The problems that say that they build on `problem`, directly."""
    return {other.id for other in course.problems.values() if problem in other.builds_on}


def problem_of(name: str) -> str | None:
    """`correct_rope_without_tables` is about `rope`; None where the name names no problem."""
    what = name.partition("_")[2]
    return max((problem for problem in COURSE.problems if what.startswith(f"{problem}_")), key=len, default=None)


def problems_of(each: Golden) -> tuple[str, ...] | None:
    """What the hand-in is graded on: what it may touch; None stands for everything."""
    if each.kind in ("broken", "hostile"):
        lost = set() if set(each.lost) == set(COURSE.problems) else set(each.lost)
        return ordered(lost | set(SMALL))
    if each.kind == "slow":
        return ordered(each.lost)
    own = each.lost[0] if each.kind == "wrong" else problem_of(each.name)
    return None if own is None else ordered({own, *each.lost, *dependents(COURSE, own)})


def ordered(chosen: Iterable[str]) -> tuple[str, ...]:
    chosen = set(chosen)
    return tuple(problem for problem in COURSE.problems if problem in chosen)


def sample() -> list[str]:
    """Of the planted bugs the first of each problem."""
    first: dict[str, str] = {}
    for each in GOLDEN.values():
        if each.kind == "wrong":
            first.setdefault(each.lost[0], each.name)
    return list(first.values())


BEST = ENGINES[0]
EVERYTHING = os.environ.get("GOLDEN") == "all"
"""Set by `make golden`. Without it the attacks are run on the best engine only, and nothing with five seeds."""

HONEST = [each.name for each in GOLDEN.values() if each.kind not in ("wrong", "hostile")] + sample()
HOSTILE = [each.name for each in GOLDEN.values() if each.kind == "hostile"]
RUNS = {
    "honest": [Run(name, BEST, SEED) for name in HONEST],
    "hostile": [Run(name, engine, SEED) for engine in (ENGINES if EVERYTHING else [BEST]) for name in HOSTILE],
    "seeds": [Run(name, BEST, seed) for name in SEEDED for seed in SEEDS if EVERYTHING],
    "reference": [Run("reference", BEST, seed) for seed in (SEEDS if EVERYTHING else SEEDS[:1])],
    "stubs": [Run("stubs", BEST, SEED)],
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, HandinScore]:
    """All of them, by label, graded in one batch of two jobs; attacks stand between the others."""
    folder = tmp_path_factory.mktemp("golden")
    made: dict[str, Path] = {"reference": COURSE.solution, "stubs": folder / "stubs"}
    made["stubs"].mkdir()
    (made["stubs"] / "adapters.py").write_bytes((COURSE.folder / "adapters.py").read_bytes())
    tasks = {}
    for run in (run for runs in RUNS.values() for run in runs):
        each = GOLDEN.get(run.name)
        if run.name not in made and each is not None:
            made[run.name] = golden.materialise(each, COURSE, folder / run.name)
        problems = None if each is None else problems_of(each)
        if each is not None and run in RUNS["seeds"]:
            problems = ordered(each.lost or [problem_of(run.name) or "softmax"])
        tasks[run.label] = Task(ROOT, COURSE.name, made[run.name], run.label, run.seed, run.engine, problems)
    mixed = sorted(tasks.values(), key=lambda task: zlib.crc32(task.name.encode()))
    return {task.name: scoring.score(outcome, COURSE) for task, outcome in pool.grade_all(mixed, JOBS)}


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
    each = GOLDEN[run.name]
    assert complaints(graded[run.label], each.lost, each.verdicts) == []


@pytest.mark.parametrize("run", RUNS["hostile"], ids=ids(RUNS["hostile"]))
def test_an_attack_gains_nothing(graded, run):
    if (run.engine, run.name) in NOT_CONTAINED:
        pytest.skip(NOT_CONTAINED[run.engine, run.name])
    each = GOLDEN[run.name]
    assert complaints(graded[run.label], each.lost, each.verdicts) == []
    assert each.score is None or graded[run.label].score == each.score


@pytest.mark.parametrize("run", RUNS["reference"], ids=ids(RUNS["reference"]))
def test_the_reference_scores_in_full(graded, run):
    score = graded[run.label]
    assert complaints(score, (), {}) == []
    assert [problem.id for problem in score.problems] == list(COURSE.problems)
    assert not [finding for finding in score.outcome.findings if finding.kind == "policy"]


def test_the_stubs_score_nothing_and_every_test_says_why(graded):
    score = graded[RUNS["stubs"][0].label]
    assert (score.score, [p.id for p in score.problems if p.score != 0]) == (0, [])
    assert {problem.verdict for problem in score.problems} == {Verdict.NOT_IMPLEMENTED}
    assert {test.verdict for problem in score.problems for test in problem.tests} == {Verdict.NOT_IMPLEMENTED}


def test_no_attack_leaves_anything_behind(graded):
    assert graded
    assert not MARKER.exists()


def test_an_attack_on_the_report_is_shown_as_text(graded, tmp_path):
    scores = [score for label, score in graded.items() if label.startswith("hostile_writes_into_the_report")]
    assert scores
    for score in scores:
        write_handin(score, tmp_path)
    page = write_class(COURSE, scores, tmp_path).read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "\x1b" not in page


def test_every_kind_and_every_problem_has_golden_submissions():
    kinds = {kind: sum(each.kind == kind for each in GOLDEN.values()) for kind in golden.KINDS}
    assert kinds["wrong"] >= 120
    assert kinds["correct"] >= 15
    assert kinds["hostile"] >= 10
    assert min(kinds.values()) >= 2
    assert {each.lost[0] for each in GOLDEN.values() if each.kind == "wrong"} <= set(COURSE.problems)


def test_every_golden_submission_can_be_made(tmp_path):
    for name, each in GOLDEN.items():
        assert overlay.files(golden.materialise(each, COURSE, tmp_path / name))
