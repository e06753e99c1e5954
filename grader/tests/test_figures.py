"""The figures in `docs/figures/` are what the code in `staff/figures/` draws today, and fit for the page."""

import importlib
import xml.etree.ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAWINGS = sorted((ROOT / "staff" / "figures").glob("assignment*/*.py"))
FIGURES = sorted((ROOT / "docs" / "figures").glob("assignment*/*"))


def name_of(path):
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("drawing", DRAWINGS, ids=name_of)
def test_the_figure_is_what_its_code_draws(drawing):
    module = importlib.import_module(f"staff.figures.{drawing.parent.name}.{drawing.stem}")
    stored = ROOT / "docs" / "figures" / drawing.parent.name / f"{drawing.stem}.svg"
    assert stored.read_text(encoding="utf-8") == module.draw().svg(), (
        f"{stored.name} is out of date; draw it again: python -m {module.__name__}"
    )


@pytest.mark.parametrize("figure", FIGURES, ids=name_of)
def test_the_figure_has_code_a_place_in_a_handout_and_a_small_file(figure):
    assert name_of(figure) in map(name_of, DRAWINGS)
    handout = ROOT / figure.parent.name / "README.md"
    assert f"../docs/figures/{figure.parent.name}/{figure.name}" in handout.read_text(encoding="utf-8")
    assert figure.stat().st_size < 30_000


@pytest.mark.parametrize("figure", FIGURES, ids=name_of)
def test_the_figure_is_legible_on_light_and_dark_and_to_a_screen_reader(figure):
    text = figure.read_text(encoding="utf-8")
    tree = xml.etree.ElementTree.fromstring(text)
    tags = [element.tag.rpartition("}")[2] for element in tree]
    assert tags[:2] == ["title", "desc"]
    assert 'class="page"' in text
    assert "prefers-color-scheme:dark" in text
