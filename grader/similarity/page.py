"""similarity.html, the pairs, and a page for each with its passages side by side.

As closed as the class report: no script, nothing from elsewhere, one style sheet known by its hash; hand-ins' words are
escaped, and rid of what hides or reorders text.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from grader.assignment import Assignment
from grader.report.text import line
from grader.similarity.comparison import Pair
from grader.similarity.excerpts import excerpts
from grader.similarity.index import COMMON_SHARE
from grader.similarity.passages import Passage
from grader.similarity.study import Study

PAGES = "similarity"
"""The folder of the pairs' pages, beside similarity.html."""


@dataclass(frozen=True)
class Row:
    """A pair as the list shows it; `page` is the name of its own page, if it has one."""

    number: int
    pair: Pair
    a: str
    b: str
    earlier_a: bool
    earlier_b: bool
    passages: int | None
    page: str | None


def rows(study: Study, evidence: Sequence[Sequence[Passage]]) -> list[Row]:
    """The pairs, the most alike first; those beyond `evidence` have no page."""
    found = []
    for number, pair in enumerate(study.pairs, 1):
        a, b = study.handins[pair.a], study.handins[pair.b]
        shown = number <= len(evidence)
        found.append(
            Row(
                number, pair, line(a.name, 60), line(b.name, 60), a.earlier, b.earlier,
                len(evidence[number - 1]) if shown else None, f"{number:04}.html" if shown else None,
            )
        )  # fmt: skip
    return found


def overview(assignment: Assignment, study: Study, rows: Sequence[Row]) -> str:
    """The page that lists the pairs."""
    involved = {number for row in rows for number in (row.pair.a, row.pair.b) if not study.handins[number].earlier}
    left_out = [note for note in study.notes if note.left_out]
    return _render(
        "overview.html",
        title=f"{assignment.title}: similar hand-ins",
        assignment=assignment,
        study=study,
        rows=rows,
        involved=len(involved),
        left_out=left_out,
        remarks=[note for note in study.notes if not note.left_out],
        common_percent=f"{100 * COMMON_SHARE:g}",
        pages=PAGES,
    )


def pair_page(
    assignment: Assignment, rows: Sequence[Row], row: Row, passages: Sequence[Passage],
    texts: tuple[Mapping[str, str], Mapping[str, str]],
) -> str:  # fmt: skip
    """The page of one pair; `texts` are both hand-ins' files by name."""
    shown, more = excerpts(passages, *texts)
    at = row.number - 1
    return _render(
        "pair.html",
        title=f"{row.a} and {row.b}",
        assignment=assignment,
        row=row,
        excerpts=shown,
        more=more,
        before=rows[at - 1] if at else None,
        after=rows[at + 1] if at + 1 < len(rows) and rows[at + 1].page else None,
    )


def _render(template: str, **values: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(line=line, percent=lambda share: f"{100 * share:.0f}")
    report = resources.files("grader.report").joinpath("class.css").read_text(encoding="utf-8")
    style = report + _read("similarity.css")
    return environment.get_template(template).render(
        style=Markup(style),  # ours, and hashed: escaping would change it
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        **values,
    )


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
