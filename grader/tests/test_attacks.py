"""docs/attacks.md names every attack that is tried, and nothing that is not there."""

import re

import pytest

from grader import assignment as assignments
from grader import golden


@pytest.fixture
def page(repository):
    return (repository / "docs" / "attacks.md").read_text(encoding="utf-8")


@pytest.fixture
def hostile(repository):
    course = assignments.load(repository, "assignment1_basics")
    return {each.name: each for each in golden.load_all(course) if each.kind == "hostile"}


def test_every_attack_stands_in_the_table_and_every_name_in_it_exists(page, hostile, repository):
    assert set(re.findall(r"`(hostile_\w+)`", page)) == set(hostile)
    named = set(re.findall(r"`(test_\w+\.py)`", page))
    assert named
    assert not [name for name in named if not (repository / "grader" / "tests" / name).is_file()]


def test_an_attack_says_why_and_gains_nothing(hostile):
    for each in hostile.values():
        assert each.why
        assert each.base == "reference" or each.score == 0, f"{each.name}: an attack on the stubs is worth nothing"
