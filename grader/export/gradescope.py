"""Gradescope's `results.json` for one hand-in.

One entry a problem, with its points; what it says follows what a student may see. What staff see besides stands in
entries without points that Gradescope hides from students. Standard output is hidden, and all text is declared plain.

Gradescope wants a `score`, or a score in every entry. A pending problem is an entry without one, `score` sums what is
decided, and the text on top says that it is provisional. Where nothing is decided there is no score to give: a single
entry of 0 out of 0 points says in words that grading did not finish and that this is no grade.
"""

import json
from typing import Any

from grader.course.policy import Visibility
from grader.export import defuse
from grader.export.audience import for_student
from grader.export.folder import Handin, Problem, Test
from grader.outcome import Verdict

PLAIN = {"output_format": "text", "test_output_format": "text", "test_name_format": "text"}
UNFINISHED = "GRADING DID NOT FINISH: this is not a grade"
EXPLANATION = (
    "The grader failed, not your code. The 0 shown here is not a score: nothing was decided and no points are lost. "
    "The course staff can see this and will run the grading again; you need not hand in again."
)


def of(handin: Handin, visibility: Visibility) -> dict[str, Any]:
    """The file's content for one hand-in."""
    if not handin.decided:
        return unfinished([_staff(handin)])
    seen = for_student(handin, visibility)
    if handin.status == "refused":
        shown = []
    else:
        shown = [_problem(problem, number) for number, problem in enumerate(seen.problems, start=1)]
    hidden = [entry for problem in handin.problems if (entry := _hidden(problem)) is not None]
    return {
        "score": _points(handin.score),
        "execution_time": round(max(0.0, handin.seconds), 3),
        "output": _about(seen),
        **PLAIN,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"provisional": handin.provisional, "pending": dict(handin.pending)},
        "tests": [*shown, *hidden, _staff(handin)],
    }


def unfinished(staff: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What stands in the file where grading broke, or has not ended yet."""
    tests = [{"name": UNFINISHED, "status": "failed", "output": EXPLANATION, "visibility": "visible"}, *(staff or [])]
    return {
        "output": EXPLANATION,
        **PLAIN,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"provisional": True},
        "tests": [{"score": 0.0, "max_score": 0.0, **test} for test in tests],
    }


def dumps(content: dict[str, Any]) -> str:
    """The file's text: ASCII, and never NaN."""
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _problem(problem: Problem, number: int) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": defuse.line(f"{problem.id}: {problem.title}"), "number": str(number)}
    if problem.score is None:
        entry["name"] += " (pending: an error of the grader)"
    else:
        entry |= {"score": _points(problem.score), "max_score": _points(problem.max_score)}
        entry["status"] = "passed" if problem.verdict is Verdict.PASS else "failed"
    lines = [f"{problem.verdict.value}" + (f", bonus of {problem.max_score:g} points" if problem.bonus else "")]
    lines += [_test(test) for test in problem.tests]
    return {**entry, "output": "\n".join(lines), "visibility": "visible"}


def _hidden(problem: Problem) -> dict[str, Any] | None:
    lines = [_test(test) for test in problem.tests if test.hidden or test.verdict is Verdict.GRADER_ERROR]
    if not lines:
        return None
    return {"name": f"staff: hidden tests of {defuse.line(problem.id)}", "output": "\n".join(lines), **_for_staff()}


def _staff(handin: Handin) -> dict[str, Any]:
    lines = [f"engine {handin.engine}, seed {handin.seed}", *handin.warnings]
    lines += [f"{f.kind} {f.problem or ''} {f.place} {f.message}" for f in handin.findings]
    lines += [f"{p.id}: {t.name}: {t.message}" for p in handin.problems if not handin.decided for t in p.tests]
    return {"name": "staff: this run", "output": "\n".join(defuse.line(line, 1000) for line in lines), **_for_staff()}


def _for_staff() -> dict[str, Any]:
    return {"visibility": "hidden"}


def _about(handin: Handin) -> str:
    if handin.status == "refused":
        return f"The hand-in was refused and nothing was run: {defuse.line(handin.refusal, 1000)}"
    lines = []
    if handin.provisional:
        lines.append(
            f"PROVISIONAL: {sum(handin.pending.values()):g} points ({defuse.line(', '.join(handin.pending), 500)}) are "
            f"pending because of an error of the grader. They are not lost; the course staff will grade them again."
        )
    for finding in handin.findings:
        place = defuse.line(finding.place)
        lines.append(f"policy, {defuse.line(finding.problem or '')}: {place}: {defuse.line(finding.message, 1000)}")
    lines += [defuse.line(warning, 1000) for warning in handin.warnings]
    return "\n".join(lines)


def _test(test: Test) -> str:
    mark = "hidden, " if test.hidden else ""
    said = defuse.text(test.message).replace("\n", "\n      ")
    return f"  {defuse.line(test.name)} ({mark}{test.verdict.value})" + (f"\n      {said}" if said else "")


def _points(points: float) -> float:
    return round(points, 6)
