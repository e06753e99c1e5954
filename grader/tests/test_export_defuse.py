"""Text that a student had a hand in does nothing where it is put: asked of the programs that would act on it."""

import csv
import io
import re
import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.export import defuse

HOSTILE = (
    '=HYPERLINK("http://x.example","a")', "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "  =1+1", "\u00a0=1+1",
    "\u200b=1+1", "\x1b[31m=1+1", "＝1+1", "'=1+1", '"=1+1', "a;=1+1", "a,=1+1", "<script>alert(1)</script>",
    "![x](http://x.example/p.png)", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", "https://x.example",
    "www.x.example", "@someone", "#1", "```\n# out\n```", "~~~", "`", "``", "` `", "a`", "`a", "\\`", "    code", "\x1b]0;title\x07",
    "\x1b[2J", "\u202ereversed", "\u2066a\u2069", "\x00", "\x85", "\u2028::error::x", "::set-output name=a::b", "  ::add-mask::x",
    "\u3000::error::x", "a\n::stop-commands::x", "a\r::error::x", "::::", "##[command]x", "a ##vso[task.x]y", "###[x]",
    "##teamcity[x]", "]]>", "&lt;", "&amp;#x27;", "{{ 7*7 }}", "\ud800", "\ufffe", "\x7f", "\U000e0041",
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters() | st.sampled_from("=+-@\t\r\n`~<>&[]()!:#'\"\\ \x1b\u202e")),
    st.builds("".join, st.lists(st.sampled_from((*HOSTILE, "\n", " ", "x")), max_size=5)),
)
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def each_hostile(test):
    """Every known attack is tried in every run, whatever else is drawn."""
    for text in HOSTILE:
        test = example(text)(test)
    return test


def commands(log: str) -> list[str]:
    """The lines of a log that the runner of GitHub Actions, or one of its kin, would obey."""
    return [
        line for line in re.split(r"[\r\n\x85\u2028\u2029]", log) if line.strip().startswith("::") or re.search(r"##\w*\[", line)
    ]  # fmt: skip


@settings(deadline=None)
@given(TEXTS)
@each_hostile
def test_text_holds_nothing_that_acts_on_a_terminal_or_a_runner(raw):
    for plain in (defuse.text(raw), defuse.line(raw)):
        assert not [c for c in plain if unicodedata.category(c) in UNSEEN and c not in "\n\t"]
        assert not commands(plain)
    assert len(defuse.line(raw).splitlines()) <= 1


@settings(deadline=None)
@given(TEXTS)
@each_hostile
def test_a_cell_never_begins_like_a_formula(raw):
    cell = defuse.cell(raw)
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow([cell, "end"])
    assert next(csv.reader(io.StringIO(file.getvalue(), newline=""))) == [cell, "end"]
    assert not cell or cell.strip()[0] not in "=+-@＝＋－＠"


@settings(deadline=None)
@given(TEXTS)
@each_hostile
def test_a_code_span_is_one_span_and_nothing_else(raw):
    tokens = MarkdownIt("commonmark", {"html": True}).parse(f"- {defuse.code(raw)} end")
    inline = [token for token in tokens if token.type == "inline"]
    assert len(inline) == 1
    assert [child.type for child in inline[0].children] == ["code_inline", "text"]
    said = inline[0].children[0].content
    assert said == (defuse.line(raw) or "(empty)")


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_block_is_one_block_and_nothing_else(raw, other):
    document = f"# Title\n\n{defuse.block(raw)}\n\n{defuse.block(other)}\n\nend\n"
    tokens = MarkdownIt("commonmark", {"html": True}).parse(document)
    assert [t.type for t in tokens if t.nesting != -1] == [
        *("heading_open", "inline", "fence", "fence", "paragraph_open", "inline")
    ]
    fences = [token.content for token in tokens if token.type == "fence"]
    assert fences == [f"{defuse.text(raw)}\n", f"{defuse.text(other)}\n"]


@settings(deadline=None)
@given(TEXTS)
@each_hostile
def test_prose_shows_the_very_same_characters(raw):
    tokens = MarkdownIt("commonmark", {"html": True}).parse(f"x {defuse.prose(raw)} x")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children} <= {"text", "text_special"}
    shown = "".join(child.content for child in tokens[1].children)
    assert shown.split() == f"x {defuse.line(raw)} x".split()


@settings(deadline=None)
@given(TEXTS)
@each_hostile
def test_text_is_well_formed_xml(raw):
    element = ET.Element("a", b=defuse.line(raw))
    element.text = defuse.text(raw)
    read = ET.fromstring(ET.tostring(element, encoding="unicode"))
    assert (read.get("b"), read.text or "") == (defuse.line(raw), defuse.text(raw))


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("\t=1+1", "'=1+1"),
        ("\u200b @SUM(A1)", "'@SUM(A1)"),
        ("-5", "'-5"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("heron", "heron"),
    ],
)
def test_what_a_cell_says_can_still_be_read(raw, cell):
    assert defuse.cell(raw) == cell
