"""Planted bugs, the golden submissions `wrong_*`: is each one caught, and does every test catch one?

A bug's own problem is the first in its `lost`. By default a bug is run against the problems it is to cost, each up
to its first failure; the kill matrix needs all tests of these problems, and a *full* run takes all of all problems. A bug has survived when
its own problem's tests pass; a bug that costs other problems than it says is a disagreement.

Results are kept by content (hand-in, assignment, problems), so that only what has changed is run again. Which test
noticed a bug is remembered in `noticed.json` beside the bugs, and tried first the next time: a hint that saves time,
and decides nothing.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from grader import golden, overlay, pool, record, scoring
from grader.assignment import PUBLIC_SEED, Assignment
from grader.errors import ConfigError
from grader.golden import Golden
from grader.outcome import NOT_RUN, HandinOutcome, Verdict
from grader.task import Task

KIND = "wrong"
CACHE = Path("build") / "mutants"
NOTICED = "noticed.json"


class Depth(StrEnum):
    """How much is run of each bug."""

    FIRST = "first"
    """The problems it is to cost, each up to its first failure."""
    MATRIX = "matrix"
    """All tests of the problems it is to cost: what the kill matrix shows."""
    FULL = "full"
    """All tests of all problems."""


@dataclass(frozen=True)
class Tried:
    """A test that was run against a bug. `killed` says whether it failed."""

    problem: str
    name: str
    hidden: bool
    killed: bool


@dataclass(frozen=True)
class Result:
    """What running one bug brought. `ours` are errors of the grader, by test."""

    name: str
    problems: tuple[str, ...]
    lost: tuple[str, ...]
    tests: tuple[Tried, ...]
    ours: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Report:
    """All bugs of an assignment with their results, in the order of the bugs' names."""

    bugs: tuple[Golden, ...]
    results: Mapping[str, Result]

    @property
    def survivors(self) -> list[str]:
        """Bugs that the tests of their own problem do not notice."""
        return [bug.name for bug in self.bugs if own(bug) not in self.results[bug.name].lost]

    @property
    def disagreements(self) -> list[str]:
        """Where a bug costs other problems than its `expect.toml` says."""
        found = []
        for bug in self.bugs:
            result = self.results[bug.name]
            for problem in result.problems:
                if problem == own(bug) or (problem in result.lost) == (problem in bug.lost):
                    continue
                fact = "costs" if problem in result.lost else "does not cost"
                found.append(f"{bug.name} {fact} {problem}; its expect.toml says otherwise")
        return found

    @property
    def ours(self) -> list[str]:
        """Errors of the grader."""
        return [f"{bug.name}: {line}" for bug in self.bugs for line in self.results[bug.name].ours]

    @property
    def idle_tests(self) -> list[Tried]:
        """Tests that no bug makes fail, of those that were run; all of them but in a run up to first failures."""
        killed: dict[tuple[str, str, bool], bool] = {}
        for result in self.results.values():
            for test in result.tests:
                key = (test.problem, test.name, test.hidden)
                killed[key] = killed.get(key, False) or test.killed
        return [Tried(*key, killed=False) for key, any_bug in killed.items() if not any_bug]


def bugs(assignment: Assignment, problems: Sequence[str] = ()) -> list[Golden]:
    """The planted bugs of the assignment, or those whose own problem is one of `problems`.

    Raises:
        ConfigError: a bug is described wrongly, or costs nothing.
    """
    found = [each for each in golden.load_all(assignment) if each.kind == KIND]
    for bug in found:
        if not bug.lost:
            raise ConfigError(
                f"{bug.folder}: expect.lost is empty; expected the problem whose tests must notice the bug"
            )
    return [bug for bug in found if not problems or own(bug) in problems]


def own(bug: Golden) -> str:
    """The problem whose tests must notice the bug."""
    return bug.lost[0]


def run(
    assignment: Assignment, chosen: Sequence[Golden], *, jobs: int, engine: str, depth: Depth = Depth.FIRST
) -> Iterator[Result]:
    """Run the chosen bugs, `jobs` at a time; kept results come first, the others as they are ready.

    Raises:
        ConfigError: an edit does not fit the reference any more.
    """
    cache, content = assignment.root / CACHE, overlay.assignment_sha256(assignment)
    hints = noticed(assignment)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tasks: dict[str, tuple[Task, Path]] = {}
        for bug in chosen:
            handin = golden.materialise(bug, assignment, Path(folder) / bug.name)
            wanted = (
                None
                if depth is Depth.FULL
                else tuple(problem for problem in assignment.problems if problem in bug.lost)
            )
            task = Task(
                assignment.root, assignment.name, handin, bug.name, PUBLIC_SEED, engine, wanted,
                first=tuple(hints.get(bug.name, ())),
                first_failure=depth is Depth.FIRST,
            )  # fmt: skip
            kept = cache / f"{_key(task, assignment, content, depth)}.json"
            result = _read(kept, bug.name)
            if result is None:
                tasks[bug.name] = (task, kept)
            else:
                yield result
        if not tasks:
            return
        for task, outcome in pool.grade_all([task for task, _ in tasks.values()], jobs):
            result = _result(outcome, assignment)
            if not result.ours:
                _write(tasks[task.name][1], result)
            yield result


def noticed(assignment: Assignment) -> dict[str, list[str]]:
    """The tests, as "problem: name", that noticed each bug when that was last remembered."""
    try:
        found = json.loads(_noticed_file(assignment).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{_noticed_file(assignment)}: cannot be read ({error}); delete it") from None
    return {str(name): [str(test) for test in tests] for name, tests in found.items()}


def remember(assignment: Assignment, report: Report) -> None:
    """Keep, for each bug that was run, the first test of each problem that noticed it."""
    found = noticed(assignment)
    for bug in report.bugs:
        first: dict[str, str] = {}
        for test in report.results[bug.name].tests:
            if test.killed:
                first.setdefault(test.problem, f"{test.problem}: {test.name}")
        found[bug.name] = list(first.values())
    there = {bug.name for bug in bugs(assignment)}
    lines = [f"{json.dumps(name)}: {json.dumps(tests)}" for name, tests in sorted(found.items()) if name in there]
    _noticed_file(assignment).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _noticed_file(assignment: Assignment) -> Path:
    return golden.folder(assignment) / NOTICED


def _result(outcome: HandinOutcome, assignment: Assignment) -> Result:
    scored = scoring.score(outcome, assignment)
    ran = [test for test in outcome.tests if test.message != NOT_RUN]
    return Result(
        name=outcome.submission,
        problems=tuple(problem.id for problem in scored.problems),
        lost=tuple(problem.id for problem in scored.problems if problem.score == 0),
        tests=tuple(Tried(test.problem, test.name, test.hidden, test.verdict is not Verdict.PASS) for test in ran),
        ours=tuple(
            f"{test.problem}: {test.name}: {test.message}" for test in ran if test.verdict is Verdict.GRADER_ERROR
        ),
        seconds=outcome.seconds,
    )


def _key(task: Task, assignment: Assignment, assignment_sha256: str, depth: Depth) -> str:
    """What decides a result, as the name of the file it is kept in."""
    parts = [
        overlay.submission_sha256(task.handin, assignment.staff_owned),
        assignment_sha256,
        task.engine,
        str(task.seed),
        depth.value,
        *(("every test",) if task.problems is None else task.problems),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _read(kept: Path, name: str) -> Result | None:
    """The kept result, under the bug's present name; None where there is none that can be read."""
    try:
        data = json.loads(kept.read_text(encoding="utf-8"))
        return record.read(Result, {**data, "name": name}, "result")
    except (OSError, ValueError, TypeError, record.RecordError):
        return None


def _write(kept: Path, result: Result) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(asdict(result)), encoding="utf-8")
    unfinished.replace(kept)
