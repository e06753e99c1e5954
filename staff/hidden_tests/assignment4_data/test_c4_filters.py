"""C4's rules: other lines, and drawn pages."""

import pytest

from assignment4_data.tests.pages import DROPPED, DROPS_PAGE, THREE, kept_of

WHO = "run_c4_filter"
LINES = (
    ("A tall ship came in (at last!)", True),
    ('"Was it not said (before?)"', True),
    ("It was the end of 'everything.'", True),
    ("A long list of things;", False),
    ("A long list of things -", False),
    ("And so it went on and on....", False),
    ("And so it went on and on?...", False),
    ('And so it went on and on..."', False),
    ("Turn on JAVASCRIPT to read any of this.", False),
    ("It is not javascripts but coffee that one needs.", False),
    ("Our terms of use changed again last spring.", False),
    ("By this we mean the use of cookies!", False),
    ("A policy of privacy is what they asked for.", True),
    ("The cook used cookies and nothing else.", True),
    ("Four words here, no?", False),
    ("Now here are five words.", True),
    ("A - B - C.", True),
)


@pytest.mark.parametrize("number", range(len(LINES)))
def test_other_lines(adapters, check, number):
    line, stays = LINES[number]
    page = (*THREE[:2], line, THREE[2])
    expected = "\n".join(page if stays else THREE)
    check.equal(
        adapters.run_c4_filter("\n".join(page)),
        expected,
        who=WHO,
        hint=f"a line of {len(line)} characters is amid others",
    )


def test_markers_of_every_number(adapters, check, draw):
    for _ in range(10):
        marker = f"[{draw.integer(0, 10 ** draw.integer(1, 5))}]"
        page = f"{marker}Of the old weir{marker}{marker} there is nothing left.{marker} {marker}"
        expected = "\n".join((*THREE, "Of the old weir there is nothing left."))
        check.equal(
            adapters.run_c4_filter("\n".join((*THREE, page))), expected, who=WHO, hint="numbers stood in brackets"
        )


def test_a_marker_is_no_word(adapters, check):
    page = "\n".join((*THREE, "Four words are here [1]."))
    check.equal(
        adapters.run_c4_filter(page), "\n".join((*THREE, "Four words are here .")), who=WHO, hint="'.' stands alone"
    )
    page = "\n".join((*THREE, "These are four. [1] [2]"))
    check.equal(adapters.run_c4_filter(page), "\n".join(THREE), who=WHO, hint="markers were among the words of a line")


def test_drawn_pages_of_many_lines(adapters, check, draw):
    for _ in range(20):
        page, stay, sentences = kept_of(draw, draw.integer(2, 40))
        expected = "\n".join(stay) if sentences >= 3 else None
        check.equal(adapters.run_c4_filter("\n".join(page)), expected, who=WHO, hint=f"the page has {len(page)} lines")


def test_drawn_pages_that_go(adapters, check, draw):
    for line in DROPS_PAGE:
        page, _, _ = kept_of(draw, 12)
        page.insert(draw.integer(0, len(page) + 1), line)
        check.equal(adapters.run_c4_filter("\n".join(page)), None, who=WHO, hint="one of the lines costs the page")
    check.equal(adapters.run_c4_filter("\n".join(DROPPED)), None, who=WHO, hint="no line stays")
