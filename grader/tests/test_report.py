"""Reports: the JSON others build on, files whole or absent, a page and tables in which nothing can act."""

import base64
import hashlib
import html.parser
import io
import json
import os
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from grader.findings import Finding
from grader.outcome import ExpectedTest, HandinOutcome, TestOutcome, Verdict
from grader.record import RecordError
from grader.report import files as report_files
from grader.report import read_outcomes, table, write_class, write_handin
from grader.report.text import line, shown
from grader.scoring import score

HOSTILE = "<script>alert(1)</script>\x1b[31m\x1b]0;title\x07\u202e[bold red]x[/]{{ 7 * 7 }}=1+1"


@pytest.fixture
def scored(tiny):
    """Makes a scored hand-in from the verdict and message of `double`'s and of `count`'s only test."""

    def made(name="quill", double="PASS", count="PASS", message="", **more):
        tests = tuple(
            TestOutcome(f"test_{p}", p, p == "count", Verdict(v), "" if v == "PASS" else message, 0.25)
            for p, v in (("double", double), ("count", count))
        )
        outcome = HandinOutcome(
            assignment=tiny.name,
            submission=name,
            submission_sha256="5" * 64,
            assignment_sha256="a" * 64,
            seed=336,
            engine="bubblewrap",
            status="graded",
            expected={test.problem: (ExpectedTest(test.name, test.hidden),) for test in tests},
            tests=tests,
            versions={"grader": "0.1.0"},
            seconds=1.5,
        )
        return score(replace(outcome, **more), tiny)

    return made


@pytest.fixture
def outcome_with_bonus(tiny, scored):
    """A hand-in with all points, those of `count` being bonus points."""
    problems = {**tiny.problems, "count": replace(tiny.problems["count"], bonus=True)}
    return score(scored().outcome, replace(tiny, problems=problems))


@pytest.fixture
def refused(scored):
    return lambda name, why: scored(name, status="refused", refusal=why, expected={}, tests=())


@pytest.fixture
def page(tiny, tmp_path):
    """The text of class.html."""
    return lambda *scores: write_class(tiny, scores, tmp_path / "out").read_text()


@pytest.fixture
def rows(tiny, tmp_path):
    """What class.json holds."""

    def read(*scores):
        write_class(tiny, scores, tmp_path / "out")
        return json.loads((tmp_path / "out" / "class.json").read_text())

    return read


# The JSON of a hand-in


def test_the_report_of_a_hand_in_has_every_key_of_the_contract(scored, tmp_path):
    finding = Finding("policy", "count", "maths.py", 12, "torch.nn.functional.*", "calls what is forbidden")
    made = scored(double="FAIL", message="run_double returned None; expected a tensor", findings=(finding,))
    report = json.loads(write_handin(made, tmp_path).read_text())
    contract = {
        "schema": 1, "assignment": "assignment0_tiny", "submission": "quill", "submission_sha256": "5" * 64,
        "seed": 336, "engine": "bubblewrap", "score": 0.0, "max_score": 5.0,
    }  # fmt: skip
    assert {key: report[key] for key in contract} == contract
    double, count = report["problems"]
    assert {key: double[key] for key in ("id", "score", "max_score", "verdict", "tests")} == {
        "id": "double",
        "score": 0.0,
        "max_score": 2.0,
        "verdict": "FAIL",
        "tests": [
            {
                "name": "test_double",
                "hidden": False,
                "verdict": "FAIL",
                "message": "run_double returned None; expected a tensor",
                "seconds": 0.25,
            }
        ],
    }
    assert (count["verdict"], count["tests"][0]["hidden"]) == ("POLICY", True)
    assert report["findings"][0] == {
        "kind": "policy", "problem": "count", "file": "maths.py", "line": 12, "rule": "torch.nn.functional.*",
        "message": "calls what is forbidden",
    }  # fmt: skip


def test_a_pending_problem_comes_first_and_has_no_score(scored, tmp_path):
    report = json.loads(write_handin(scored(count="GRADER_ERROR"), tmp_path).read_text())
    assert [(p["id"], p["score"]) for p in report["problems"]] == [("count", None), ("double", 2.0)]
    assert (report["score"], report["max_score"]) == (2.0, 5.0)
    assert (report["provisional"], report["pending"]) == (True, {"count": 3.0})


def test_a_refused_hand_in_has_a_report_too(refused, tmp_path):
    report = json.loads(write_handin(refused("quill", "quill.zip is damaged"), tmp_path).read_text())
    assert (report["status"], report["refusal"], report["score"]) == ("refused", "quill.zip is damaged", 0.0)


def test_messages_are_cleaned_and_capped(scored, tmp_path):
    made = scored(double="ERROR", message="\x1b[2J" + "x" * 100_000)
    text = write_handin(made, tmp_path).read_text()
    assert text.isascii()
    message = json.loads(text)["problems"][0]["tests"][0]["message"]
    assert len(message) < 4100
    assert "characters left out" in message
    assert "\x1b" not in message


# Files


def test_outcomes_are_kept_and_score_the_same_again(scored, tiny, tmp_path):
    made = [scored("quill"), scored("tarn", double="FAIL", message="\ud800 odd \0")]
    for one in made:
        write_handin(one, tmp_path)
    assert [score(outcome, tiny) for outcome in read_outcomes(tmp_path)] == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("{}", "not of schema 1"),
        ("\xff", "not valid"),
    ],
)
def test_a_damaged_outcome_is_named(scored, tmp_path, text, said):
    write_handin(scored("quill"), tmp_path)
    (tmp_path / "outcomes" / "quill.json").write_text(text, encoding="latin-1")
    with pytest.raises(RecordError, match=rf"outcomes/quill\.json: .*{said}"):
        read_outcomes(tmp_path)


def test_an_outcome_under_another_name_is_refused(scored, tmp_path):
    write_handin(scored("quill"), tmp_path)
    (tmp_path / "outcomes" / "quill.json").rename(tmp_path / "outcomes" / "tarn.json")
    with pytest.raises(RecordError, match="holds the outcome of 'quill'; expected 'tarn'"):
        read_outcomes(tmp_path)


@pytest.mark.parametrize("name", ["../quill", "a/b", "class", "Class", ".hidden", ""])
def test_a_name_that_is_no_file_name_is_our_error(scored, tmp_path, name):
    with pytest.raises(ValueError, match="cannot name a report"):
        write_handin(scored(name), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_is_replaced_in_one_step(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    report_files.replace(path, "old")

    def killed(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        report_files.replace(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_link_in_the_way_is_replaced_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_text("safe")
    (tmp_path / "a.json").symlink_to(tmp_path / "elsewhere")
    report_files.replace(tmp_path / "a.json", "new")
    assert (tmp_path / "elsewhere").read_text() == "safe"
    assert not (tmp_path / "a.json").is_symlink()


# The class


def test_the_class_has_one_row_a_hand_in_and_ours_to_mend_first(scored, refused, rows):
    read = rows(scored("brook"), refused("ember", "damaged"), scored("tarn", count="GRADER_ERROR"))
    assert [(row["submission"], row["score"], row["status"]) for row in read["handins"]] == [
        ("tarn", 2.0, "graded"),
        ("brook", 5.0, "graded"),
        ("ember", 0.0, "refused"),
    ]
    assert read["handins"][0]["problems"]["count"] == {"score": None, "verdict": "GRADER_ERROR"}
    summary = read["summary"]
    counts = {key: summary[key] for key in ("handins", "graded", "refused", "provisional", "full")}
    assert counts == {"handins": 3, "graded": 2, "refused": 1, "provisional": 1, "full": 1}
    assert summary["median"] == 3.5
    assert summary["histogram"] == [0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    assert [(p["id"], p["passed"], p["graded"]) for p in summary["problems"]] == [
        ("double", 2, 2),
        ("count", 1, 2),
    ]


def test_an_empty_class_has_a_page_too(page, rows):
    assert "<h1>Tiny: two problems to test the grader with</h1>" in page()
    assert rows()["summary"]["median"] is None


def test_a_class_of_refused_hand_ins_has_a_page_too(page, refused):
    assert "quill.zip is damaged" in page(refused("quill", "quill.zip is damaged"))


# The page


class Reader(html.parser.HTMLParser):
    """What a browser would make of the page: its elements, its attributes, its text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in ("meta", "rect", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        if tag not in ("rect", "line"):
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def everything(scored, refused):
    """A class with all that a page can show, hostile text wherever a student can put any."""
    finding = Finding("policy", "count", HOSTILE, 1, HOSTILE, HOSTILE)
    return (
        scored(HOSTILE, double="FAIL", message=HOSTILE, findings=(finding,), warnings=(HOSTILE,), engine="plain"),
        scored("ember", count="GRADER_ERROR", message=HOSTILE),
        scored("brook", double="NOT_IMPLEMENTED", count="NOT_IMPLEMENTED", message=HOSTILE),
        refused(f"x{HOSTILE}", HOSTILE),
        *(scored(verdict.lower(), double=verdict, message=verdict) for verdict in sorted(Verdict)),
    )


def test_the_page_is_well_formed(page, everything):
    assert Reader(page(*everything)).open == []


def test_nothing_a_student_wrote_can_act(page, everything):
    text = page(*everything)
    reader = Reader(text)
    assert "script" not in reader.tags
    assert "alert(1)" in reader.text
    assert "{{ 7 * 7 }}" in reader.text
    assert not any(c in text for c in "\x1b\x07\u202e\x00")
    assert not [one for one in reader.attributes if one[1].startswith("on") or one[1] == "style"]


def test_the_page_asks_for_nothing_from_elsewhere(page, everything):
    text = page(*everything)
    reader = Reader(text)
    assert not {"link", "img", "iframe", "object", "base", "form"} & set(reader.tags)
    assert all(value.startswith("#") for _, key, value in reader.attributes if key in ("href", "src"))
    assert "url(" not in text
    assert "@import" not in text


def test_the_pages_own_policy_allows_its_style_sheet_and_nothing_else(page):
    text = page()
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f'http-equiv="Content-Security-Policy" content="{policy}"' in text


def test_the_page_says_what_it_must(page, everything):
    text = Reader(page(*everything)).text
    for said in (
        "No sandbox.",
        "For staff first: errors of the grader",
        "3 points pending",
        "Refused",
        "Not written yet",
        "336",
        "bubblewrap, plain",
        "Every problem is solved.",
    ):
        assert said in text


def test_a_page_of_a_good_engine_has_no_warning(page, scored):
    assert "No sandbox" not in page(scored())


def test_tests_that_fail_alike_are_told_once(page, scored):
    many = scored(double="FAIL", message="wrong everywhere")
    outcome = many.outcome
    more = tuple(replace(outcome.tests[0], name=f"test_{n}") for n in range(9))
    expected = {**outcome.expected, "double": tuple(ExpectedTest(t.name) for t in (outcome.tests[0], *more))}
    text = page(scored(double="FAIL", tests=outcome.tests + more, expected=expected, message="wrong everywhere"))
    assert text.count("wrong everywhere") == 1
    assert "and 9 more alike" in text


def test_problems_that_nobody_was_graded_on_have_no_column(page, scored, refused, tiny):
    whole = scored().outcome
    tests = tuple(test for test in whole.tests if test.problem == "double")
    some = scored(expected={"double": whole.expected["double"]}, tests=tests)
    text = page(some, refused("slip", "slip.zip is damaged"))
    assert 'scope="col" class="problem"' in text
    assert f'title="{tiny.problems["double"].title}, 2 points"' in text
    assert f'title="{tiny.problems["count"].title}, 3 points"' not in text
    assert '<span class="value">2<small> / 2</small></span><span class="label">median' in text


def test_every_link_leads_somewhere(page, everything):
    reader = Reader(page(*everything))
    ids = [value for _, key, value in reader.attributes if key == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for _, key, value in reader.attributes if key == "href"} <= set(ids)


# Text


@given(st.text(st.characters(), max_size=300), st.integers(1, 100))
def test_shown_text_has_no_control_characters_and_a_length(text, longest):
    result = shown(text, longest)
    assert len(result) <= longest + 60
    assert all(c in "\n\t" or c.isprintable() or c.isspace() for c in result)
    assert line(text).isprintable()


def test_honest_text_is_shown_as_it_is():
    text = "run_rope: größer ≥ 2×, \ttab\n日本語 🙂"
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x07", "link"),
        ("\x1b(Bcharset", "charset"),
        ("\x1bcreset", "reset"),
        ("end\x1b", "end"),
        ("a\rb\x08c", "abc"),
        ("a\u2028b", "a\nb"),
        ("\ud800", ""),
    ],
)
def test_escape_sequences_are_taken_out_whole(text, left):
    assert shown(text) == left


# The terminal


def printed(renderable, width=160):
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="standard")
    console.print(renderable)
    return re.sub(r"\x1b\[[\d;]*m", "", console.file.getvalue())


def test_the_table_of_a_hand_in_has_a_row_a_problem(scored):
    text = printed(table.by_problem(scored("quill", double="FAIL", message="run_double returned None\nmore")))
    assert re.search(r"double\s+0 / 2\s+FAIL\s+0/1\s+run_double returned None more", text)
    assert re.search(r"count\s+3 / 3\s+PASS\s+1/1", text)
    assert "3 / 5" in text


def test_pending_points_are_shown_as_such(scored):
    text = printed(table.by_problem(scored(double="GRADER_ERROR", message="ours")))
    assert re.search(r"double\s+\? / 2\s+GRADER_ERROR", text)
    assert "3 / 5 (+2 pending)" in text


def test_the_table_of_a_class_has_a_row_a_hand_in(tiny, scored, refused):
    rows = (scored("quill"), scored("tarn", count="TIMEOUT"), refused("ember", "ember.zip is damaged"))
    text = printed(table.by_handin(tiny, rows))
    assert re.search(r"quill\s+5 / 5\s+2/2", text)
    assert re.search(r"tarn\s+2 / 5\s+1/2\s+count", text)
    assert re.search(r"ember\s+0 / 5\s+0/2\s+ember\.zip is damaged", text)
    assert "2 graded, 1 refused, median 3.5" in text


def test_nothing_a_student_wrote_acts_in_the_terminal(tiny, everything):
    for renderable in (table.by_handin(tiny, everything), *map(table.by_problem, everything)):
        text = printed(renderable, 400)
        assert not any(c in text for c in "\x1b\x07\u202e")
    assert "[bold red]x[/]" in printed(table.by_problem(everything[0]), 400)


def test_bonus_points_are_shown_apart(tiny, outcome_with_bonus, tmp_path):
    console = Console(file=io.StringIO(), width=120)
    console.print(table.by_problem(outcome_with_bonus))
    console.print(table.by_handin(tiny, [outcome_with_bonus]))
    assert console.file.getvalue().count("2 / 2 + 3 bonus") == 2
    page = write_class(tiny, [outcome_with_bonus], tmp_path).read_text()
    assert "/ 2 + 3 bonus" in page
    (row,) = json.loads((tmp_path / "class.json").read_text())["handins"]
    assert (row["score"], row["max_score"], row["bonus"]) == (5.0, 2.0, 3.0)
