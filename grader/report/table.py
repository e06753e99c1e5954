"""Tables for the terminal. Everything a student wrote goes in as text, never as markup."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from grader.assignment import Assignment
from grader.outcome import Verdict
from grader.report.document import ours_first, staff_first
from grader.report.summary import summarise
from grader.report.text import line
from grader.scoring import HandinScore, ProblemScore

STYLES = {
    Verdict.PASS: "green",
    Verdict.NOT_IMPLEMENTED: "dim",
    Verdict.GRADER_ERROR: "bold magenta",
}
WIDEST_NOTE = 72


def by_problem(score: HandinScore) -> Table:
    """One hand-in: a row a problem, with points, verdict and what its first failure says."""
    name = Text(line(score.outcome.submission, 60))
    table = Table(title=name, title_justify="left", box=box.SIMPLE_HEAD, caption=_total(score), caption_justify="right")
    table.add_column("problem", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("tests", justify="right", no_wrap=True)
    table.add_column("first failure", max_width=WIDEST_NOTE, overflow="ellipsis", no_wrap=True)
    if score.refused:
        table.add_row("(refused)", "0", Text("ERROR", "red"), "", Text(line(score.outcome.refusal, 400)))
        return table
    for problem in ours_first(score.problems):
        passed = sum(test.verdict is Verdict.PASS for test in problem.tests)
        table.add_row(
            problem.id,
            _points(problem),
            Text(problem.verdict.value, STYLES.get(problem.verdict, "red")),
            f"{passed}/{len(problem.tests)}",
            Text(_first_failure(problem)),
        )
    return table


def by_handin(assignment: Assignment, scores: Sequence[HandinScore]) -> Table:
    """A class: a row a hand-in, those with an error of ours first."""
    summary = summarise(scores)
    median = "–" if summary.median is None else f"{summary.median:g}"
    counts = f"{summary.graded} graded, {summary.refused} refused, median {median}"
    table = Table(title=Text(assignment.title, "bold"), title_justify="left", box=box.SIMPLE_HEAD)
    table.caption, table.caption_justify = counts, "right"
    table.add_column("hand-in", no_wrap=True, max_width=40, overflow="ellipsis")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("solved", justify="right", no_wrap=True)
    table.add_column("not solved", overflow="fold")
    for score in staff_first(scores):
        table.add_row(Text(line(score.outcome.submission, 60)), _total(score), _solved(score), _unsolved(score))
    return table


def _total(score: HandinScore) -> Text:
    pending = sum(score.pending.values())
    open_points = f" (+{pending:g} pending)" if score.provisional else ""
    bonus = f" + {score.bonus:g} bonus" if score.bonus else ""
    return Text(f"{score.regular:g} / {score.max_score:g}{bonus}{open_points}", "bold magenta" if pending else "bold")


def _points(problem: ProblemScore) -> str:
    got = "?" if problem.score is None else f"{problem.score:g}"
    return f"{got} / {problem.max_score:g}" + (" bonus" if problem.bonus else "")


def _solved(score: HandinScore) -> str:
    return f"{sum(p.verdict is Verdict.PASS for p in score.problems)}/{len(score.problems)}"


def _unsolved(score: HandinScore) -> Text:
    if score.refused:
        return Text(line(score.outcome.refusal, 400), "red")
    parts = [
        (f"{problem.id} ", STYLES.get(problem.verdict, "red"))
        for problem in ours_first(score.problems)
        if problem.verdict is not Verdict.PASS
    ]
    return Text.assemble(*parts)


def _first_failure(problem: ProblemScore) -> str:
    for test in problem.tests:
        if test.verdict is not Verdict.PASS:
            return line(test.message, 400)
    return "used what the assignment forbids" if problem.verdict is Verdict.POLICY else ""
