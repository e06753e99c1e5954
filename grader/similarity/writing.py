"""Writes a study into a folder: the pairs' pages first, so that the list names no page that is not there."""

import json
import re
from pathlib import Path
from typing import Any

from grader.assignment import Assignment
from grader.report.files import replace
from grader.similarity import page
from grader.similarity.document import document
from grader.similarity.study import Study

MOST_PAGES = 300
OURS = re.compile(r"\d{4}\.html")


def write(assignment: Assignment, study: Study, directory: Path) -> tuple[Path, dict[str, Any]]:
    """Write similarity.json, similarity.html and the pairs' pages; the page's path, and what the JSON says.

    The hand-ins' opened files must still be there.
    """
    evidence = [study.evidence(pair) for pair in study.pairs[:MOST_PAGES]]
    rows = page.rows(study, evidence)
    folder = directory / page.PAGES
    for row, passages in zip(rows, evidence, strict=False):
        texts = (dict(study.handins[row.pair.a].texts()), dict(study.handins[row.pair.b].texts()))
        replace(folder / str(row.page), page.pair_page(assignment, rows, row, passages, texts))
    data = document(assignment, study, evidence)
    replace(directory / "similarity.json", json.dumps(data, indent=1, allow_nan=False) + "\n")
    overview = replace(directory / "similarity.html", page.overview(assignment, study, rows))
    written = {row.page for row in rows}
    for stale in folder.glob("*.html"):
        if OURS.fullmatch(stale.name) and stale.name not in written:
            stale.unlink()  # of an earlier run with more pairs
    return overview, data
