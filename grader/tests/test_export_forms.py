"""What a graded folder becomes: each form valid, nothing undecided as 0, of hidden tests name and hint only."""

import csv
import html.parser
import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.assignment import STAFF_OWNED
from grader.course.policy import DEFAULT_HINT, Visibility
from grader.errors import ConfigError
from grader.export import audience, feedback, folder, gradescope, junit, spreadsheet
from grader.export.folder import Handin
from grader.findings import Finding
from grader.outcome import ExpectedTest, HandinOutcome, TestOutcome, Verdict
from grader.policy import Policy, scan_in_process
from grader.record import RecordError
from grader.report import write_class, write_handin
from grader.scoring import score

SECRET = "otter-7431: expected 42"
HINTS = Visibility("hint", {"assignment0_tiny": {"double": {"test_hidden": "Try large values."}}})
NOTHING = Visibility("nothing")
HOSTILE = (
    "=1+1 <script>alert(1)</script> ![x](http://x.example) \x1b[31m \u202e ]]> \x00 \ufffe\n::error::x\n##vso[x]\n```\n"
)
VISIBILITIES = ("hidden", "after_due_date", "after_published", "visible")


@pytest.fixture
def outcome(tiny):
    """Makes an outcome from the verdicts of a public and a hidden test of `double` and of a public one of `count`."""

    def made(name="heron", public="PASS", hidden="PASS", count="PASS", message=SECRET, **more) -> HandinOutcome:
        rows = (("test_public", "double", False, public), ("test_hidden", "double", True, hidden))
        tests = tuple(
            TestOutcome(test, problem, is_hidden, Verdict(verdict), "" if verdict == "PASS" else message, 0.25)
            for test, problem, is_hidden, verdict in (*rows, ("test_count", "count", False, count))
        )
        expected: dict[str, tuple[ExpectedTest, ...]] = {"double": (), "count": ()}
        for test in tests:
            expected[test.problem] += (ExpectedTest(test.name, test.hidden),)
        whole = HandinOutcome(
            assignment=tiny.name, submission=name, submission_sha256="5" * 64, assignment_sha256="a" * 64,
            seed=7_654_321, engine="bubblewrap", status="graded", expected=expected, tests=tests, seconds=1.5,
        )  # fmt: skip
        return replace(whole, **more)

    return made


@pytest.fixture
def graded(tiny, tmp_path):
    """Writes outcomes as `grader grade` does, and reads them back."""

    def written(*outcomes: HandinOutcome) -> list[Handin]:
        scores = [score(one, tiny) for one in outcomes]
        for one in scores:
            write_handin(one, tmp_path / "grades")
        write_class(tiny, scores, tmp_path / "grades")
        return folder.read(tmp_path / "grades")

    return written


@pytest.fixture
def refused(outcome):
    return outcome("slip", status="refused", refusal=f"slip.zip is damaged {HOSTILE}", expected={}, tests=())


def forms(handin: Handin, visibility: Visibility = HINTS) -> dict[str, str]:
    """Every form in which a student may see a hand-in."""
    seen = audience.for_student(handin, visibility)
    platform = gradescope.of(handin, visibility)
    platform["tests"] = [test for test in platform["tests"] if test["visibility"] == "visible"]
    return {
        "gradescope": gradescope.dumps(platform),
        "html": feedback.html(seen).partition("</style>")[2],
        "markdown": feedback.markdown(seen),
        "junit": junit.of([seen]),
    }


# The folder


def test_a_graded_folder_is_read_back(graded, outcome, refused):
    heron, ibis, slip = graded(outcome(), outcome("ibis", count="FAIL"), refused)
    assert (heron.score, ibis.score, slip.score) == (5, 2, 0)
    assert [problem.id for problem in heron.problems] == ["double", "count"]
    assert (slip.status, slip.decided) == ("refused", True)


def test_keys_that_others_added_are_passed_over(graded, outcome, tmp_path):
    before = graded(outcome())
    path = tmp_path / "grades" / "heron.json"
    report = json.loads(path.read_text())
    report["integrity"] = {"network": 3}
    report["problems"][0]["tests"][0]["attempts"] = 2
    path.write_text(json.dumps(report))
    assert folder.read(tmp_path / "grades") == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r.pop("score"), "report.score is missing"),
        (lambda r: r.update(score=4), "score is 4, its problems sum to 5; expected the same"),
        (lambda r: r.update(provisional=True), "provisional is True, which its problems contradict"),
        (lambda r: r.update(submission="ibis"), "is the report of 'ibis'; expected 'heron'"),
        (lambda r: r.update(schema=2), "not a report of schema 1"),
        (lambda r: r["problems"][0].update(score=99), "double scores 99.0; expected 0 to 2, or null"),
        (lambda r: r["problems"][0].update(score=-1), "double scores -1.0; expected 0 to 2, or null"),
        (lambda r: r["problems"][0].update(verdict="GREAT"), "report.problems[0].verdict is 'GREAT'; expected one of"),
        (lambda r: r["problems"][0].update(score=float("nan")), "not valid JSON: NaN is no number"),
        (lambda r: r.update(problems=[7]), "report.problems[0] is 7; expected an object"),
    ],
)
def test_a_report_that_is_not_ours_is_never_a_grade(graded, outcome, tmp_path, change, said):
    graded(outcome())
    path = tmp_path / "grades" / "heron.json"
    report = json.loads(path.read_text())
    change(report)
    path.write_text(json.dumps(report))
    with pytest.raises(RecordError) as error:
        folder.read(tmp_path / "grades")
    assert said in str(error.value)
    assert str(path) in str(error.value)


def test_a_cut_off_or_missing_report_is_named(graded, outcome, tmp_path):
    graded(outcome(), outcome("ibis"))
    (tmp_path / "grades" / "heron.json").unlink()
    with pytest.raises(RecordError, match="lists 'heron', whose report is not there"):
        folder.read(tmp_path / "grades")
    (tmp_path / "grades" / "heron.json").write_text('{"schema": 1, "sco')
    with pytest.raises(RecordError, match=r"heron\.json: not valid JSON"):
        folder.read(tmp_path / "grades")
    with pytest.raises(ConfigError, match="holds no reports"):
        folder.read(tmp_path / "nowhere")


# What students see


@pytest.mark.parametrize("verdict", ["FAIL", "ERROR", "TIMEOUT", "MEMORY", "CRASH", "NOT_IMPLEMENTED", "GRADER_ERROR"])
@pytest.mark.parametrize("visibility", [HINTS, NOTHING])
def test_of_a_hidden_test_students_see_name_and_hint_only(graded, outcome, verdict, visibility):
    handin = graded(outcome(hidden=verdict))[0]
    for form, text in forms(handin, visibility).items():
        assert "otter-7431" not in text, form
        assert "7654321" not in text, (form, "the seed would help to prepare answers")
        assert verdict in ("FAIL", "GRADER_ERROR") or verdict not in text, (form, "how it failed tells of its inputs")
        assert ("test_hidden" in text) == (visibility is HINTS), form
        if visibility is HINTS and verdict != "GRADER_ERROR":
            assert "Try large values." in text, form


def test_staff_see_all_of_a_hidden_test(graded, outcome):
    handin = graded(outcome(hidden="TIMEOUT"))[0]
    for text in (feedback.html(handin), feedback.markdown(handin), junit.of([handin])):
        assert "otter-7431" in text
        assert "TIMEOUT" in text
    hidden = [test for test in gradescope.of(handin, HINTS)["tests"] if test["visibility"] == "hidden"]
    assert "otter-7431" in json.dumps(hidden)
    assert "7654321" in json.dumps(hidden)
    assert all("score" not in test for test in hidden)


def test_a_test_without_a_hint_of_its_own_gets_the_usual_one(graded, outcome):
    handin = graded(outcome(hidden="FAIL"))[0]
    seen = audience.for_student(handin, Visibility())
    assert seen.problems[0].tests[1].message == DEFAULT_HINT


def test_students_read_nothing_of_our_own_errors_and_of_findings_for_staff(graded, outcome):
    findings = (
        Finding("policy", "count", "maths.py", 12, "torch.nn.functional.*", "calls what is forbidden"),
        Finding("integrity", None, "maths.py", 13, "network", f"tried the network {SECRET}"),
    )
    warnings = (f"the engine 'plain' does not contain hostile code {SECRET}", "left out of the hand-in: .git/")
    handin = graded(outcome(public="GRADER_ERROR", findings=findings, warnings=warnings))[0]
    for form, text in forms(handin).items():
        assert "otter-7431" not in text, form
        if form != "junit":
            assert "calls what is forbidden" in text, form
            assert "left out of the hand-in: .git/" in text, form


def test_a_finding_at_run_time_carries_nothing_out_of_a_hidden_test(graded, outcome, tiny):
    """The worker chooses name and line of what it says was used, and has seen the hidden inputs."""
    policy = Policy.from_table(tiny.policy, tiny.toml)
    scan = scan_in_process(tiny.folder, policy, {"double": ("run_double",)}, STAFF_OWNED)
    told = scan.seen_at_run_time("torch.nn.functional.x7431", "maths.py", 7431, "double", policy)
    assert told is not None
    assert "7431" in told.message
    handin = graded(outcome(hidden="FAIL", message="", findings=(told, replace(told, line=7432))))[0]
    seen = audience.for_student(handin, HINTS)
    assert [(f.file, f.message) for f in seen.findings] == [
        ("maths.py", "something was used when the code ran; the from-scratch policy forbids torch.nn.functional.*")
    ]
    assert all("743" not in text for text in forms(handin).values())
    assert "x7431" in feedback.html(handin)


# Gradescope


def check_gradescope(data: dict) -> None:
    """Holds `data` against the documented schema."""
    tops = {
        "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
        "stdout_visibility", "extra_data", "tests", "leaderboard",
    }  # fmt: skip
    rows = {
        "score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags", "visibility",
        "extra_data",
    }  # fmt: skip
    assert data.keys() <= tops
    assert "score" in data or (data["tests"] and all("score" in test for test in data["tests"]))
    assert data["stdout_visibility"] == "hidden"
    assert {data[key] for key in ("output_format", "test_output_format", "test_name_format")} == {"text"}
    for test in data["tests"]:
        assert test.keys() <= rows
        assert test["visibility"] in VISIBILITIES
        assert test.get("status", "passed") in ("passed", "failed")
        assert 0 <= test.get("score", 0) <= test.get("max_score", 0) < float("inf")
    assert 0 <= data.get("score", 0) < float("inf")


def test_gradescope_gets_a_row_a_problem(graded, outcome):
    data = gradescope.of(graded(outcome(hidden="FAIL"))[0], HINTS)
    check_gradescope(data)
    assert data["score"] == 3
    double, count = [test for test in data["tests"] if test["visibility"] == "visible"]
    assert double["name"] == "double: Doubling"
    assert (double["score"], double["max_score"], double["status"]) == (0, 2, "failed")
    assert (count["score"], count["max_score"], count["status"]) == (3, 3, "passed")
    assert "test_hidden (hidden, FAIL)\n      Try large values." in double["output"]


def test_what_is_pending_has_no_score_on_gradescope(graded, outcome):
    data = gradescope.of(graded(outcome(count="GRADER_ERROR"))[0], HINTS)
    check_gradescope(data)
    assert data["score"] == 2
    assert data["extra_data"] == {"provisional": True, "pending": {"count": 3.0}}
    assert data["output"].startswith("PROVISIONAL: 3 points (count) are pending")
    pending = next(test for test in data["tests"] if test["name"].startswith("count"))
    assert not pending.keys() & {"score", "max_score", "status"}


def test_where_nothing_is_decided_gradescope_is_told_that_there_is_no_grade(graded, outcome):
    handin = graded(outcome(public="GRADER_ERROR", count="GRADER_ERROR"))[0]
    for data in (gradescope.of(handin, HINTS), gradescope.unfinished()):
        check_gradescope(data)
        assert "score" not in data
        assert {(test["score"], test["max_score"]) for test in data["tests"]} == {(0.0, 0.0)}
        assert data["tests"][0]["name"] == "GRADING DID NOT FINISH: this is not a grade"
        assert "no points are lost" in data["output"]


def test_a_refused_hand_in_scores_0_and_says_why_on_gradescope(graded, refused):
    data = gradescope.of(graded(refused)[0], HINTS)
    check_gradescope(data)
    assert data["score"] == 0
    assert "slip.zip is damaged" in data["output"]


# CSV


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_the_csv_has_an_empty_cell_and_a_note_for_what_is_pending(graded, outcome, refused):
    heron, ibis, slip = rows(
        spreadsheet.of_class(graded(outcome(), outcome("ibis", hidden="FAIL", count="GRADER_ERROR"), refused))
    )
    assert (heron["score"], heron["max_score"], heron["double"], heron["note"]) == ("5", "5", "2", "")
    assert (ibis["score"], ibis["double"], ibis["count"]) == ("", "0", "")
    assert ibis["note"] == "provisional: 0 points decided, 3 pending by an error of the grader (count)"
    assert slip["score"] == "0"
    assert slip["note"].startswith("refused: slip.zip is damaged")


# JUnit


def test_junit_has_points_as_properties(graded, outcome, refused):
    root = ET.fromstring(junit.of(graded(outcome(hidden="FAIL", count="GRADER_ERROR"), refused)))
    heron, slip = root.findall("testsuite")
    properties = {p.get("name"): p.get("value") for p in heron.findall("properties/property")}
    assert properties == {
        "assignment": "assignment0_tiny", "points": "pending", "max_points": "5", "points.double": "0",
        "max_points.double": "2", "points.count": "pending", "max_points.count": "3",
    }  # fmt: skip
    assert (heron.get("tests"), heron.get("failures"), heron.get("errors")) == ("3", "1", "1")
    assert [case.get("name") for case in heron.findall("testcase[failure]")] == ["test_hidden (hidden)"]
    assert slip.find("testcase/failure").get("type") == "REFUSED"


# Hostile text in every form


class Page(html.parser.HTMLParser):
    """Collects a page's tags, and what acts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.acting: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.acting += [name for name, _ in attributes if name.startswith("on") or name in ("href", "src", "srcset")]


TEXT = (
    st.text(max_size=40)
    | st.just(HOSTILE)
    | st.text(st.sampled_from("<>&\"'`=+-@:#[]()!\n\x1b\x00\u202e"), max_size=20)
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(message=TEXT, file=TEXT, why=TEXT)
def test_hostile_text_does_nothing_in_any_form(graded, outcome, message, file, why):
    findings = (Finding("policy", "count", file, 1, "x", why),)
    warnings = (f"left out of the hand-in: {file}",)
    broken = outcome(
        public="ERROR", hidden="ERROR", count="ERROR", message=message, findings=findings, warnings=warnings
    )
    handins = graded(broken, outcome("slip", status="refused", refusal=why, expected={}, tests=()))
    for handin in handins:
        seen = audience.for_student(handin, HINTS)
        check_gradescope(json.loads(gradescope.dumps(gradescope.of(handin, HINTS))))
        page = Page(feedback.html(seen, [why]))
        assert not page.tags & {"script", "img", "a", "iframe", "object", "link", "form", "svg"}
        assert not page.acting
        ET.fromstring(junit.of([handin]))
        logs = [
            feedback.markdown(seen, [why]),
            feedback.html(seen, [why]),
            junit.of([handin]),
            spreadsheet.of_class([handin]),
        ]
        for line in "\n".join(logs).splitlines():
            assert not line.strip().startswith("::")
            assert "##vso[" not in line
            assert "\x1b" not in line
            assert "\u202e" not in line
    for row in csv.reader(spreadsheet.of_class(handins).splitlines()):
        assert all(cell.strip()[:1] not in ("=", "+", "-", "@") for cell in row if cell)


def test_the_page_may_do_nothing_but_be_styled(graded, outcome):
    text = feedback.html(graded(outcome())[0])
    assert "default-src 'none'; style-src 'sha256-" in text
    assert "base-uri 'none'; form-action 'none'" in text


def test_on_the_page_tests_that_fail_alike_say_it_once_and_those_that_passed_come_last(graded, outcome):
    (handin,) = graded(outcome(public="ERROR", hidden="ERROR"))
    text = feedback.html(handin)
    assert text.count(SECRET) == 1
    assert text.index("test_public") < text.index("test_hidden") < text.index(SECRET)
    (mixed,) = graded(outcome(public="PASS", hidden="FAIL"))
    text = feedback.html(mixed)
    assert text.index("test_hidden") < text.index("1 of 2 tests passed") < text.index("test_public")


def test_the_page_of_a_refused_hand_in_lists_no_problems(graded, refused):
    text = feedback.html(graded(refused)[0])
    assert "nothing was run" in text
    assert 'id="double"' not in text
