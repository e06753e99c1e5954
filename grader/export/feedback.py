"""Feedback on one hand-in: a Markdown or an HTML file.

For students, give what `audience.for_student` leaves of the hand-in. The HTML page is as closed as the class report: no
script, nothing from elsewhere, one style sheet known by its hash. In the Markdown a student's words stand in code only.
"""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources

import jinja2
from markupsafe import Markup

from grader.export import defuse
from grader.export.folder import Handin, Problem, Test
from grader.outcome import Verdict
from grader.report.page import SIGNS


def markdown(handin: Handin, steps: Sequence[str] = ()) -> str:
    """The Markdown file; `steps` are those to the final grade."""
    parts = [f"# {defuse.code(handin.assignment)}: {defuse.code(handin.submission)}"]
    if handin.status == "refused":
        parts += ["**Refused; nothing was run:**", defuse.block(handin.refusal)]
    else:
        parts.append(f"**{handin.score:g} of {handin.max_score:g} points**" + _provisional(handin))
    if steps:
        parts += ["## Final grade", "\n".join(f"- {defuse.code(step, 1000)}" for step in steps)]
    for finding in handin.findings:
        place = defuse.code(finding.place)
        parts.append(f"- {defuse.code(finding.problem or finding.kind)}: {place}: {defuse.code(finding.message, 1000)}")
    parts += [f"- note: {defuse.code(warning, 1000)}" for warning in handin.warnings]
    for problem in handin.problems:
        parts += _problem(problem)
    return "\n\n".join(parts) + "\n"


def html(handin: Handin, steps: Sequence[str] = ()) -> str:
    """The HTML page; `steps` are those to the final grade."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(points="{:g}".format, line=defuse.line, shown=defuse.text)
    style = resources.files("grader.report").joinpath("class.css").read_text(encoding="utf-8")
    return environment.get_template("feedback.html").render(
        handin=handin,
        steps=steps,
        style=Markup(style),  # ours, and hashed: escaping would change it
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        signs=SIGNS,
        alike=alike,
        Verdict=Verdict,
    )


def alike(tests: Sequence[Test]) -> list[tuple[Verdict, str, list[Test]]]:
    """Tests that went alike and say the same, taken together, those that passed last: one error breaks many tests."""
    groups: dict[tuple[Verdict, str], list[Test]] = {}
    for test in sorted(tests, key=lambda test: test.verdict is Verdict.PASS):
        message = "" if test.verdict is Verdict.PASS else test.message
        groups.setdefault((test.verdict, message), []).append(test)
    return [(verdict, message, same) for (verdict, message), same in groups.items()]


def _provisional(handin: Handin) -> str:
    if not handin.provisional:
        return ""
    names = ", ".join(defuse.code(name) for name in handin.pending)
    return f" so far; {sum(handin.pending.values()):g} more are pending by an error of the grader ({names})"


def _problem(problem: Problem) -> list[str]:
    got = "pending" if problem.score is None else f"{problem.score:g}"
    bonus = ", bonus" if problem.bonus else ""
    parts = [
        f"## {defuse.code(problem.id)}: {defuse.prose(problem.title)}",
        f"{got} of {problem.max_score:g} points{bonus}, {defuse.code(problem.verdict.value)}",
    ]
    for test in problem.tests:
        mark = " (hidden)" if test.hidden else ""
        parts.append(f"- {defuse.code(test.name)}{mark}: {defuse.code(test.verdict.value)}")
        if test.verdict is not Verdict.PASS and test.message:
            parts.append(defuse.block(test.message))
    return parts


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
