"""class.html: the whole class on one page that stands alone.

No script and nothing from elsewhere: the page's own policy lets a browser apply its one style sheet, known by
its hash, and nothing more. So what a student wrote cannot act even where escaping were to fail. What the
template shows is prepared here; it only lays out.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

import jinja2
from markupsafe import Markup

from grader.assignment import Assignment
from grader.outcome import TestOutcome, Verdict
from grader.report.document import integrity_of, ours_first, staff_first
from grader.report.summary import ClassSummary, share, summarise
from grader.report.text import line, shown
from grader.scoring import HandinScore, ProblemScore

LONGEST_MESSAGE = 1500
SIGNS = {
    Verdict.PASS: ("✓", "passed"),
    Verdict.FAIL: ("✕", "wrong result"),
    Verdict.ERROR: ("!", "raised an error"),
    Verdict.NOT_IMPLEMENTED: ("·", "not written yet"),
    Verdict.TIMEOUT: ("T", "ran out of time"),
    Verdict.MEMORY: ("M", "ran out of memory"),
    Verdict.CRASH: ("C", "the process died"),
    Verdict.POLICY: ("P", "used what is forbidden"),
    Verdict.GRADER_ERROR: ("?", "the grader's own error"),
}
"""A verdict's sign and its words: colour is never the only difference."""


@dataclass(frozen=True)
class Failure:
    """Tests of one problem that failed in the same words."""

    verdict: Verdict
    tests: tuple[TestOutcome, ...]
    message: str


@dataclass(frozen=True)
class Bar:
    """One bar of the histogram; a `height` of 1 is the tallest."""

    label: str
    count: int
    height: float


def render(assignment: Assignment, scores: Sequence[HandinScore]) -> str:
    """The page for a class."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(points="{:g}".format, line=line, shown=shown, percent=_percent)
    style = _read("class.css")
    summary = summarise(scores)
    ordered = staff_first(scores)
    graded = [score for score in ordered if not score.refused]
    to_be_had = {score.max_score for score in graded}  # less than the assignment's where some problems only were graded
    return environment.get_template("class.html").render(
        assignment=assignment,
        style=Markup(style),  # ours, and hashed: escaping would change it
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        summary=summary,
        bars=list(_bars(summary)),
        scores=ordered,
        graded=graded,
        most=to_be_had.pop() if len(to_be_had) == 1 else assignment.max_score,
        columns=[problem for problem in summary.problems if problem.graded],
        refused=[score for score in ordered if score.refused],
        pending=[score for score in ordered if score.provisional],
        noticed=[score for score in ordered if integrity_of(score)],
        integrity_of=integrity_of,
        plain=any(score.outcome.engine == "plain" for score in scores),
        facts=_facts(scores),
        signs=SIGNS,
        share=share,
        ours_first=ours_first,
        failures=failures,
        unwritten=unwritten,
        Verdict=Verdict,
    )


def failures(problem: ProblemScore) -> list[Failure]:
    """What went wrong in a problem, ours first, tests that say the same taken together."""
    groups: dict[tuple[Verdict, str], list[TestOutcome]] = {}
    for test in problem.tests:
        if test.verdict is not Verdict.PASS:
            groups.setdefault((test.verdict, shown(test.message, LONGEST_MESSAGE)), []).append(test)
    return [Failure(verdict, tuple(tests), message) for (verdict, message), tests in groups.items()]


def unwritten(score: HandinScore) -> list[ProblemScore]:
    """The problems that were not begun: a list of names says all there is to say."""
    return [problem for problem in score.problems if problem.verdict is Verdict.NOT_IMPLEMENTED]


def _bars(summary: ClassSummary) -> Iterator[Bar]:
    tallest = max(1, *summary.histogram)
    for tenth, count in enumerate(summary.histogram):
        yield Bar(f"{10 * tenth}", count, count / tallest)


def _facts(scores: Sequence[HandinScore]) -> dict[str, str]:
    """What makes the run repeatable: seeds, engines, versions; each value that occurred."""
    values: dict[str, set[str]] = {}
    for score in scores:
        outcome = score.outcome
        for key, value in (
            ("seed", str(outcome.seed)),
            ("engine", outcome.engine),
            *outcome.versions.items(),
        ):
            values.setdefault(line(key, 40), set()).add(line(value, 60))
    return {key: ", ".join(sorted(found)) for key, found in values.items()}


def _percent(part: float, whole: float = 1.0) -> str:
    return f"{100 * part / whole:.0f}" if whole else "0"


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
