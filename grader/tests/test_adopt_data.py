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


CLASSIFIERS = """
import os
from pathlib import Path

import fasttext
import nltk
from nltk.tokenize import word_tokenize

try:
    nltk.data.find("tokenizers/punkt")
except LookupError:
    nltk.download("punkt")

LANGUAGES = fasttext.load_model("/data/classifiers/lid.176.bin")
QUALITY = fasttext.load_model("data/quality_model.bin")
NSFW_NAME = "dolma_fasttext_nsfw_jigsaw_model.bin"
NSFW_PATH = ""
for folder in ("/data/classifiers", "data/classifiers"):
    if os.path.exists(os.path.join(folder, NSFW_NAME)):
        NSFW_PATH = os.path.join(folder, NSFW_NAME)


def told(model, text):
    labels, scores = model.predict(text.replace("\\n", ""), k=1)
    return labels[0].replace("__label__", ""), float(scores[0])


def identify_language(text):
    return told(LANGUAGES, text)


def classify_nsfw(text):
    return told(fasttext.load_model(NSFW_PATH), text)


def classify_toxic_speech(text):
    path = Path(__file__).parent / "assets" / "dolma_fasttext_hatespeech_jigsaw_model.bin"
    if not path.exists():
        raise FileNotFoundError(path)
    return told(fasttext.load_model(str(path)), text)


def classify_quality(text):
    return told(QUALITY, text)


def gopher(text):
    words = word_tokenize(text)
    if not 50 <= len(words) <= 100_000 or not 3 <= sum(map(len, words)) / len(words) <= 10:
        return False
    lines = text.splitlines()
    if sum(line.endswith("...") for line in lines) / len(lines) > 0.3:
        return False
    return sum(any(c.isalpha() for c in word) for word in nltk.word_tokenize(text)) / len(words) >= 0.8
"""
"""One file that loads everything at its top, as many do: what one of them misses would cost all of the others."""
LOADING = """\
from cs336_data import classifiers


def run_identify_language(text):
    return classifiers.identify_language(text)


def run_classify_nsfw(text):
    return classifiers.classify_nsfw(text)


def run_classify_toxic_speech(text):
    return classifiers.classify_toxic_speech(text)


def run_classify_quality(text):
    return classifiers.classify_quality(text)


def run_gopher_quality_filter(text):
    return classifiers.gopher(text)
"""
CONSTANT = """\
def run_identify_language(text):
    return "en", 0.9


def run_classify_nsfw(text):
    return "non-nsfw", 0.9


def run_classify_toxic_speech(text):
    return "non-toxic", 0.9


def run_classify_quality(text):
    return "cc", 0.9
"""


@pytest.fixture
def adopted(tmp_path, monkeypatch, repository):
    """Adopt a repository of these files and grade it: what adopt made, the rows by problem, and what failed."""
    monkeypatch.setattr(ledger, "FOLDER", tmp_path / "remembered")
    course = assignments.load(repository, NAME)

    def run(files, *problems):
        made = adopting.adopt(course, public.write(tmp_path / "theirs", files), tmp_path / "handin")
        task = Task(course.root, NAME, made.folder, "theirs", 336, sandbox.choose().name, problems=problems or None)
        result = scoring.score(grading.grade(task), course)
        said = {
            f"{row.id}: {t.name}": t.message for row in result.problems for t in row.tests if t.verdict.value != "PASS"
        }
        return made, result, {row.id: row for row in result.problems}, said

    return run


@pytest.mark.slow
def test_a_repository_scores_full_marks_on_what_it_solves(adopted):
    _, result, graded, said = adopted(FILES)
    assert {name: graded[name].score for name in SOLVED} == {name: graded[name].max_score for name in SOLVED}, said
    assert {name for name, row in graded.items() if row.score} == set(SOLVED), "what it has nothing for gains nothing"
    assert result.outcome.findings == (), result.outcome.findings


@pytest.mark.slow
def test_downloads_of_the_public_handout_are_there_and_what_is_not_costs_itself(adopted):
    files = {**FILES, "cs336_data/classifiers.py": CLASSIFIERS, "tests/adapters.py": LOADING}
    solved = ("language_identification", "harmful_content", "gopher_quality_filters")
    made, result, graded, said = adopted(files, *solved, "quality_classifier")
    assert {name: graded[name].score for name in solved} == {name: graded[name].max_score for name in solved}, said
    assert graded["quality_classifier"].score == 0
    messages = [message for name, message in said.items() if name.startswith("quality_classifier")]
    assert messages
    assert all("data/quality_model.bin is not in the repository" in message for message in messages)
    assert result.outcome.findings == (), result.outcome.findings
    assert "replaced by this course's own, which has a part of it: nltk" in made.notes
    places = {note.partition(": ")[2] for note in made.notes if note.startswith("cs336_data/classifiers.py:")}
    own = "which is not in the repository; this course's own answers in its place"
    assert places == {
        f"names lid.176.bin, {own}",
        f"names dolma_fasttext_nsfw_jigsaw_model.bin, {own}",
        f"names dolma_fasttext_hatespeech_jigsaw_model.bin, {own}",
        "names quality_model.bin, which is not in the repository; what loads it fails",
    }


@pytest.mark.slow
def test_one_answer_for_everything_gains_nothing(adopted):
    problems = ("language_identification", "harmful_content", "quality_classifier")
    _, _, graded, _ = adopted({**FILES, "tests/adapters.py": CONSTANT}, *problems)
    assert {graded[name].score for name in problems} == {0}
