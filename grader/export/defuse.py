"""Makes text that a student had a hand in inert where it is put: in a spreadsheet, Markdown, XML, HTML, a CI log.

`grader.report.text` takes out what acts on a terminal or hides: escape sequences, control, bidirectional and invisible
characters. Here is what is left to do by context:

=========  ==========================================================================================
`text`     lines that a CI runner would take for commands (`::error::`, `##[…]`, `##vso[…]`)
`line`     the same, on one line
`cell`     a spreadsheet's formula: a first `=`, `+`, `-`, `@`, wide forms too, gets a `'` before it
`code`     Markdown: a code span, in which no link, image, mention or HTML is read
`block`    Markdown: a fenced block; its fence is longer than any in the text
`prose`    Markdown: every punctuation mark escaped; for staff's words, where a code span would be odd
=========  ==========================================================================================

HTML and XML are escaped by jinja2 and by xml.etree; they get `text` or `line`, which leave no character that XML forbids.
"""

import re
import string

from grader.report import text as report_text

LONGEST = report_text.LONGEST
FORMULA = frozenset("=+-@＝＋－＠﹢﹣﹦﹫")
COMMAND = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
RUNNER = re.compile(r"##(?=\w*\[)")
TICKS = re.compile("`+")
PUNCTUATION = re.compile(f"([{re.escape(string.punctuation)}])")


def text(raw: str, longest: int = LONGEST) -> str:
    """`raw` as lines that are read and do nothing."""
    return RUNNER.sub("# #", COMMAND.sub(r"\1: ", report_text.shown(raw, longest)))


def line(raw: str, longest: int = 200) -> str:
    """`raw` on one line that is read and does nothing."""
    return text(report_text.line(raw, longest), longest)


def cell(raw: str, longest: int = 1000) -> str:
    """`raw` as a spreadsheet's text, whatever program opens it."""
    plain = line(raw, longest)
    return f"'{plain}" if plain[:1] in FORMULA else plain


def code(raw: str, longest: int = 200) -> str:
    """`raw` as a Markdown code span; nothing at all reads as `(empty)`."""
    plain = line(raw, longest)
    if not plain:
        return "`(empty)`"
    ticks = _longer(plain, 1)
    space = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{ticks}{space}{plain}{space}{ticks}"


def block(raw: str, longest: int = LONGEST) -> str:
    """`raw` as a fenced block of Markdown, to stand on lines of its own."""
    plain = text(raw, longest)
    fence = _longer(plain, 3)
    return f"{fence}text\n{plain}\n{fence}"


def prose(raw: str, longest: int = 200) -> str:
    """`raw` as Markdown that shows the very same characters."""
    return PUNCTUATION.sub(r"\\\1", line(raw, longest))


def _longer(plain: str, least: int) -> str:
    """A run of backticks that does not occur in `plain`."""
    return "`" * max([least, *(len(run) + 1 for run in TICKS.findall(plain))])
