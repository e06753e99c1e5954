"""The judge: runs an assignment's tests in this trusted process against a submission in a box.

A long-lived process judges many submissions: torch is imported once, test modules and their references are loaded
once. No file of a hand-in is ever imported here; an import hook refuses it. What counts as passed is only what this
process itself recorded: every collected test must be reported exactly once, and passed in set-up, call and tear-down.
"""

import contextlib
import ctypes
import importlib.abc
import io
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader import pytest_plugin
from grader.adopt.ledger import Adoption
from grader.adopt.transport import AdoptedTransport, NotApplicable
from grader.assignment import Assignment, problem_of
from grader.errors import SubmissionError
from grader.integrity import Notice
from grader.observed import Event
from grader.outcome import NOT_RUN, ExpectedTest, TestOutcome, Verdict
from grader.sandbox import Engine
from grader.submission import Submission
from grader.testing.check import Wrong
from grader.testing.proxy import Transport
from grader.testing.setting import BEYOND, SETTING, Setting, Settings

MAX_MESSAGE = 4000
PR_SET_DUMPABLE = 4


@dataclass(frozen=True)
class Judgement:
    """All that running the tests of one submission brought."""

    expected: Mapping[str, tuple[ExpectedTest, ...]]
    tests: tuple[TestOutcome, ...]
    events: tuple[Event, ...]
    notices: Mapping[Notice, int]
    output: str
    versions: Mapping[str, str]
    left_out: Mapping[str, tuple[str, ...]]
    """Tests by problem that ask an adopted hand-in for more than the public course does; they are not expected."""


def judge(
    assignment: Assignment,
    tree: Path,
    engine: Engine,
    *,
    seed: int,
    guard: Mapping[str, str],
    problems: Sequence[str] | None = None,
    recording: bool = False,
    adoption: Adoption | None = None,
    first: Sequence[str] = (),
    first_failure: bool = False,
) -> Judgement:
    """Run the tests of `problems` (all, by default) against the worker's view `tree` of an overlaid hand-in.

    `guard` are the rules for the run-time guard, as `Policy.for_guard` gives them. `first` are tests, as "problem: name",
    to be run ahead of the others; with `first_failure`, those of a problem end with the first that fails.
    """
    guard_process(assignment)
    submission = Submission(assignment, tree, engine, guard)
    transport = submission if adoption is None else AdoptedTransport(submission, adoption)
    recorder = _Recorder(assignment, transport, seed, problems, recording, frozenset(first), first_failure)
    files = _test_files(assignment, problems)
    options = [
        "-p", "no:cacheprovider", "-p", "no:faulthandler",
        "-p", "no:doctest", "-p", "no:unittest", "-p", "no:junitxml", "-p", "no:pastebin", "-p", "no:logging",
        "-p", "no:unraisableexception", "-p", "no:threadexception",
        "-p", "no:debugging", "-p", "no:setuponly", "-p", "no:setupplan", "-p", "no:stepwise", "-p", "no:legacypath",
        "-c", os.devnull, f"--rootdir={assignment.root}", f"--confcutdir={assignment.root}", "--import-mode=importlib", "--noconftest", "--tb=short", "--continue-on-collection-errors",
        *(["-p", "grader.first_failure"] if first_failure else []),
    ]  # fmt: skip
    try:
        submission.warm_up()
        if not files:  # pytest would collect whatever lies in the working directory
            recorder.broke("there is no test of it")
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = pytest.main([*options, *map(str, files)], plugins=[pytest_plugin, recorder]) if files else 0
        if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED):
            recorder.broke(f"pytest ended with {code!r}: {said.getvalue()[-MAX_MESSAGE:]}")
    finally:
        submission.close()
    return Judgement(
        expected=recorder.expected(),
        tests=tuple(recorder.outcomes()),
        events=tuple(sorted(submission.observed.events, key=lambda e: (e.file, e.line, e.rule, e.problem))),
        notices=submission.observed.notices,
        output=submission.output.decode("utf-8", "replace"),
        versions=submission.versions,
        left_out=recorder.left_out(),
    )


def _test_files(assignment: Assignment, problems: Sequence[str] | None) -> list[Path]:
    wanted = assignment.problems if problems is None else problems
    folders = (assignment.folder / "tests", assignment.hidden_tests)
    return [path for problem in wanted for folder in folders if (path := folder / f"test_{problem}.py").is_file()]


class _Recorder:
    """A pytest plugin that brings the transport and keeps what each test came to."""

    def __init__(
        self,
        assignment: Assignment,
        transport: Transport,
        seed: int,
        problems: Sequence[str] | None,
        recording: bool,
        first: frozenset[str],
        first_failure: bool,
    ) -> None:
        self._assignment = assignment
        self._settings = Settings(Setting(assignment, "", seed, transport, recording))
        self._problems = list(assignment.problems if problems is None else problems)
        self._first = first
        self._first_failure = first_failure
        self._expected: dict[str, tuple[str, str, bool]] = {}
        self._parts: dict[str, list[tuple[str, Verdict, str]]] = {}
        self._seconds: dict[str, float] = {}
        self._broken: list[tuple[str, str]] = []
        self._adopted = isinstance(transport, AdoptedTransport)
        self._not_applicable: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[SETTING] = self._settings

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self._broken.append((problem_of(Path(report.nodeid)), str(report.longrepr)[-MAX_MESSAGE:]))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        session.items.sort(key=lambda item: f"{problem_of(item.path)}: {item.name}" not in self._first)
        for item in session.items:
            hidden = self._assignment.hidden_tests in item.path.parents
            self._expected[item.nodeid] = (item.name, problem_of(item.path), hidden)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self._adopted and item.get_closest_marker(BEYOND) is not None:
            raise NotApplicable("it asks for what the public course leaves open")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        start = time.perf_counter()
        result = yield
        self._seconds[item.nodeid] = time.perf_counter() - start
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        # Nobody reads pytest's own account of a failure (of a call, or of set-up), which is slow to draw up.
        item.repr_failure = item._repr_failure_py = _unwritten  # type: ignore[method-assign, assignment]
        verdict, message = Verdict.PASS, ""
        if call.excinfo is not None and isinstance(call.excinfo.value, NotApplicable):
            verdict, message = Verdict.NOT_IMPLEMENTED, str(call.excinfo.value)
            self._not_applicable.add(item.nodeid)
        elif call.excinfo is not None:
            verdict, message = verdict_of(call.excinfo)
        self._parts.setdefault(item.nodeid, []).append((call.when, verdict, message))

    def broke(self, message: str) -> None:
        """The whole run broke: every problem in it is our error."""
        self._broken.extend((problem, message) for problem in self._problems)

    def expected(self) -> dict[str, tuple[ExpectedTest, ...]]:
        """The tests that must be recorded, by problem: all that were collected, whatever became of them."""
        manifest: dict[str, list[ExpectedTest]] = {problem: [] for problem in self._problems}
        for name, problem, hidden in self._counted().values():
            manifest.setdefault(problem, []).append(ExpectedTest(name, hidden))
        return {problem: tuple(tests) for problem, tests in manifest.items()}

    def left_out(self) -> dict[str, tuple[str, ...]]:
        """The tests that do not apply to this hand-in, by problem. Where none applies, they count: nothing is solved."""
        applies = {problem for node, (_, problem, _) in self._expected.items() if node not in self._not_applicable}
        names: dict[str, list[str]] = {}
        for node in self._expected.keys() & self._not_applicable:
            name, problem, _ = self._expected[node]
            if problem in applies:
                names.setdefault(problem, []).append(name)
        return {problem: tuple(sorted(found)) for problem, found in sorted(names.items())}

    def _counted(self) -> dict[str, tuple[str, str, bool]]:
        """The tests that decide, by node."""
        out = self.left_out()
        return {
            node: test
            for node, test in self._expected.items()
            if node not in self._not_applicable or test[1] not in out
        }

    def _lost(self) -> set[str]:
        """The problems of which a test has failed."""
        return {
            self._expected[node][1]
            for node, parts in self._parts.items()
            if any(verdict is not Verdict.PASS for _, verdict, _ in parts)
        }

    def outcomes(self) -> Iterator[TestOutcome]:
        """One outcome a collected test, in order; what cannot be accounted for is our error."""
        lost = self._lost() if self._first_failure else set()
        for node, (name, problem, hidden) in self._counted().items():
            if problem in lost and node not in self._parts:
                verdict, message = Verdict.FAIL, NOT_RUN
            else:
                verdict, message = _combine(self._parts.get(node, []))
            yield TestOutcome(name, problem, hidden, verdict, message, round(self._seconds.get(node, 0.0), 4))
        for problem, message in self._broken:
            yield TestOutcome("(collection)", problem, False, Verdict.GRADER_ERROR, message, 0.0)
        covered = {problem for _, problem, _ in self._expected.values()} | {problem for problem, _ in self._broken}
        for problem in self._problems:
            if problem not in covered:
                message = f"no test was found in tests/test_{problem}.py"
                yield TestOutcome("(collection)", problem, False, Verdict.GRADER_ERROR, message, 0.0)


def _unwritten(excinfo: object, style: object = None) -> str:
    return ""


def _combine(parts: list[tuple[str, Verdict, str]]) -> tuple[Verdict, str]:
    """A test passed when set-up, call and tear-down each were reported once and passed."""
    for _, verdict, message in parts:
        if verdict is not Verdict.PASS:
            return verdict, message
    if [when for when, _, _ in parts] != ["setup", "call", "teardown"]:
        return (
            Verdict.GRADER_ERROR,
            f"the test was not reported as it should be: {[when for when, _, _ in parts]}",
        )
    return Verdict.PASS, ""


def verdict_of(excinfo: pytest.ExceptionInfo[BaseException]) -> tuple[Verdict, str]:
    """What an exception in a test means. Anything but a failed check or the student's error is ours."""
    error = excinfo.value
    if isinstance(error, SubmissionError):
        return Verdict[error.verdict], clip(f"{error}\n{error.detail}".strip())
    if isinstance(error, Wrong):
        return Verdict.FAIL, clip(str(error))
    if isinstance(error, AssertionError):
        return Verdict.FAIL, clip(f"{excinfo.traceback[-1].name}: {error}")
    places = "\n".join(f"  {entry.path}:{entry.lineno + 1} in {entry.name}" for entry in excinfo.traceback[-4:])
    return Verdict.GRADER_ERROR, clip(f"{type(error).__name__}: {error}\n{places}")


def clip(text: str) -> str:
    """Cut a message in the middle, where it is least needed."""
    if len(text) <= MAX_MESSAGE:
        return text
    return f"{text[: MAX_MESSAGE // 2]}\n… {len(text) - MAX_MESSAGE} characters left out …\n{text[-MAX_MESSAGE // 2 :]}"


class _Refuse(importlib.abc.MetaPathFinder):
    """Makes importing a student-owned module in this process an error, whoever asks."""

    def __init__(self, assignment: Assignment) -> None:
        self.package = assignment.name
        self.trusted = ("tests", *assignment.staff)

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> None:
        """Refuse `<assignment>.<anything>` except its tests, and what staff give beside them."""
        parts = name.split(".")
        if parts[0] == self.package and len(parts) > 1 and parts[1] not in self.trusted:
            raise ImportError(f"the trusted process must not import {name}: it is the student's side")


_added: list[str] = []
"""Roots that were put on the path for a judgement: where a process judges several courses, one at a time counts."""


def _is_of(root: Path, module: ModuleType) -> bool:
    """Whether a module, or a package without a file of its own, lies below `root`."""
    file = getattr(module, "__file__", None)
    places = [file] if file else list(getattr(module, "__path__", ()))
    return all(root in Path(place).parents for place in places)


def guard_process(assignment: Assignment) -> None:
    """Make this process fit to judge: imports from the course's root only of staff files, memory not readable by peers."""
    root = str(assignment.root)
    if root not in (*sys.path, *_added):
        _added.append(root)
    sys.path[:] = [path for path in sys.path if path not in (root, *_added)] + [root]
    if not any(isinstance(finder, _Refuse) and finder.package == assignment.name for finder in sys.meta_path):
        sys.meta_path.insert(0, _Refuse(assignment))
    # The same names may have been loaded from another course; this one's files are wanted. All are found before any goes:
    # a package without a file of its own knows where it lies as long as the one above it is there.
    packages = (assignment.name, "staff")
    loaded = [(name, module) for name, module in sys.modules.items() if name.split(".")[0] in packages]
    for name in [name for name, module in loaded if not _is_of(assignment.root, module)]:
        del sys.modules[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):  # what somebody set for runs of their own decides no verdict
        os.environ.pop(name, None)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
