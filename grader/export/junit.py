"""JUnit XML, as CI services read it: one suite a hand-in, one case a test, points as properties of the suite.

Characters that XML 1.0 forbids are gone before anything is written, so the file is well-formed whatever a student put
into a message. `GRADER_ERROR` is an `<error>`, everything else that did not pass a `<failure>`.
"""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from grader.export import defuse
from grader.export.folder import Handin, Problem, Test
from grader.outcome import Verdict


def of(handins: Sequence[Handin]) -> str:
    """The file for these hand-ins; for students, give what `audience.for_student` leaves of them."""
    suites = ET.Element("testsuites")
    for handin in handins:
        suites.append(_suite(handin))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _suite(handin: Handin) -> ET.Element:
    cases = [_case(problem, test) for problem in handin.problems for test in problem.tests]
    if handin.status == "refused":
        cases = [_refused(handin)]
    suite = ET.Element("testsuite", name=defuse.line(handin.submission), time=f"{max(0.0, handin.seconds):.3f}")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("errors", str(sum(case.find("error") is not None for case in cases)))
    properties = ET.SubElement(suite, "properties")
    _property(properties, "assignment", handin.assignment)
    # A provisional sum is no score: whoever reads `points` must not take it for one.
    _property(properties, "points", "pending" if handin.provisional else f"{handin.score:g}")
    _property(properties, "max_points", f"{handin.max_score:g}")
    for problem in handin.problems:
        _property(properties, f"points.{problem.id}", "pending" if problem.score is None else f"{problem.score:g}")
        _property(properties, f"max_points.{problem.id}", f"{problem.max_score:g}")
    suite.extend(cases)
    return suite


def _property(properties: ET.Element, name: str, value: str) -> None:
    ET.SubElement(properties, "property", name=defuse.line(name), value=defuse.line(value))


def _case(problem: Problem, test: Test) -> ET.Element:
    name = defuse.line(test.name) + (" (hidden)" if test.hidden else "")
    case = ET.Element("testcase", classname=defuse.line(problem.id), name=name, time=f"{max(0.0, test.seconds):.3f}")
    if test.verdict is not Verdict.PASS:
        kind = "error" if test.verdict is Verdict.GRADER_ERROR else "failure"
        said = ET.SubElement(case, kind, type=test.verdict.value, message=defuse.line(test.message))
        said.text = defuse.text(test.message)
    return case


def _refused(handin: Handin) -> ET.Element:
    case = ET.Element("testcase", classname=defuse.line(handin.assignment), name="the hand-in can be opened")
    ET.SubElement(case, "failure", type="REFUSED", message=defuse.line(handin.refusal, 1000))
    return case
