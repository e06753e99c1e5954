"""similarity.json: the numbers, for other programs. Also what `--json` prints."""

from typing import Any

from grader.assignment import Assignment
from grader.report.text import line
from grader.similarity.fingerprint import WINDOW, K
from grader.similarity.passages import Passage, Span
from grader.similarity.study import Study

SCHEMA = 1


def document(assignment: Assignment, study: Study, evidence: list[list[Passage]]) -> dict[str, Any]:
    """The document; `evidence` has the passages of the first pairs, as far as they were looked for."""
    names = [line(each.name, 100) for each in study.handins]
    found: list[list[Passage] | None] = [*evidence, *[None] * (len(study.pairs) - len(evidence))]
    return {
        "schema": SCHEMA,
        "assignment": assignment.name,
        "hand_ins": study.batch,
        "corpus": study.corpus,
        "least_percent": round(100 * study.least, 2),
        "window_tokens": K,
        "winnowing": WINDOW,
        "common_windows_left_out": study.common,
        "notes": [
            {
                "name": line(note.name, 100),
                "corpus": note.earlier,
                "left_out": note.left_out,
                "note": line(note.text, 600),
            }
            for note in study.notes
        ],
        "pairs": [
            {
                "a": names[pair.a],
                "b": names[pair.b],
                "corpus": study.handins[pair.a].earlier or study.handins[pair.b].earlier,
                "percent_of_a": round(100 * pair.share_a, 1),
                "percent_of_b": round(100 * pair.share_b, 1),
                "tokens": pair.tokens,
                "passages": None if passages is None else [_passage(each) for each in passages],
            }
            for pair, passages in zip(study.pairs, found, strict=True)
        ],
    }


def _passage(passage: Passage) -> dict[str, Any]:
    return {"tokens": passage.tokens, "a": _span(passage.a), "b": _span(passage.b)}


def _span(span: Span) -> dict[str, Any]:
    return {"file": line(span.file, 200), "first_line": span.first, "last_line": span.last}
