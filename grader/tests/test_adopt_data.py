"""`grader adopt` of a repository in the shape of the public course's assignment 4, graded in the sandbox."""

from pathlib import Path

import pytest

from grader import adopt as adopting
from grader import assignment as assignments
from grader import grading, sandbox, scoring
from grader.adopt import ledger
from grader.task import Task
from grader.tests import public_repository as public

NAME = "assignment4_data"
SOLUTION = Path(__file__).resolve().parents[2] / "staff" / "solutions" / NAME
ADAPTERS = """\
from __future__ import annotations

import os
from typing import Any

from cs336_data.exact_deduplication import exact_line_deduplication
from cs336_data.gopher import gopher_quality_filter


def run_mask_emails(text: str) -> tuple[str, int]:
    from cs336_data.pii import mask_emails
    return mask_emails(text)


def run_mask_phone_numbers(text: str) -> tuple[str, int]:
    from cs336_data.pii import mask_phone_numbers
    return mask_phone_numbers(text)


def run_mask_ips(text: str) -> tuple[str, int]:
    from cs336_data.pii import mask_ips
    return mask_ips(text)


def run_gopher_quality_filter(text: str) -> bool:
    return gopher_quality_filter(text)


def run_exact_line_deduplication(input_files: list[os.PathLike], output_directory: os.PathLike):
    exact_line_deduplication(input_files, output_directory)


def run_classify_quality(text: str) -> tuple[Any, float]:
    raise NotImplementedError
"""
PII = r"""
import re

EMAIL = re.compile(r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b")
PHONE = re.compile(r"(?<!\d)(?:\(\d{3}\)|\d{3})[ -]?\d{3}[ -]?\d{4}(?!\d)")
OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
IP = re.compile(rf"\b{OCTET}(?:\.{OCTET}){{3}}\b")


def mask_emails(text):
    return EMAIL.subn("|||EMAIL_ADDRESS|||", text)


def mask_phone_numbers(text):
    return PHONE.subn("|||PHONE_NUMBER|||", text)


def mask_ips(text):
    return IP.subn("|||IP_ADDRESS|||", text)
"""
"""The patterns that one writes who has read the public handout, which leaves much open."""

SOLVED = ("mask_emails", "mask_phone_numbers", "mask_ips", "gopher_quality_filters", "exact_deduplication")
FILES = {
    "cs336_data/__init__.py": "",
    "cs336_data/pii.py": PII,
    "cs336_data/gopher.py": (SOLUTION / "gopher.py").read_text(encoding="utf-8"),
    "cs336_data/exact_deduplication.py": (SOLUTION / "exact_deduplication.py").read_text(encoding="utf-8"),
    "tests/__init__.py": "",
    "tests/adapters.py": ADAPTERS,
    "pyproject.toml": '[project]\nname = "cs336-data"\nversion = "1.0.4"\n',
}


@pytest.mark.slow
def test_a_repository_scores_full_marks_on_what_it_solves(tmp_path, monkeypatch, repository):
    monkeypatch.setattr(ledger, "FOLDER", tmp_path / "remembered")
    course = assignments.load(repository, NAME)
    made = adopting.adopt(course, public.write(tmp_path / "theirs", FILES), tmp_path / "handin")
    task = Task(course.root, NAME, made.folder, "theirs", 336, sandbox.choose().name)
    result = scoring.score(grading.grade(task), course)
    graded = {row.id: row for row in result.problems}
    said = [
        (t.problem, t.name, t.message[:300]) for row in result.problems for t in row.tests if t.verdict.value != "PASS"
    ]
    assert {name: graded[name].score for name in SOLVED} == {name: graded[name].max_score for name in SOLVED}, said
    assert {name for name, row in graded.items() if row.score} == set(SOLVED), "what it has nothing for gains nothing"
    assert result.outcome.findings == ()
