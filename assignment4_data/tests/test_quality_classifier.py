"""Good pages and poor ones of the same length, of sentences that no training set has."""

import pytest

from assignment4_data.tests.quality_texts import (
    CRAWL,
    WHO,
    WIKI,
    check_lines,
    check_probability,
    check_quality,
    check_separation,
    pairs,
)
from assignment4_data.web import documents

THINGS = ("granary", "harbour wall", "bell tower", "toll house", "ropewalk")
STUFFS = ("timber", "slate", "copper wire", "flax seed", "wax")


def test_a_text_gets_one_of_two_labels_and_a_score(adapters, check, draw):
    for text in (*WIKI, *CRAWL, *(text for pair in pairs(draw, 10, THINGS, STUFFS) for text in pair)):
        check_quality(check, adapters.run_classify_quality(text))


def test_the_ends_of_lines_do_not_change_the_label(adapters, check, draw):
    for text in (text for pair in pairs(draw, 10, THINGS, STUFFS) for text in pair):
        check_lines(check, adapters.run_classify_quality, text)


def test_more_good_texts_than_poor_ones_are_called_good(adapters, check, draw):
    """Whatever a classifier has learned from, long texts of one kind and the other are not all the same to it."""
    texts = [[" ".join(parts) for parts in zip(*pairs(draw, 4, THINGS, STUFFS), strict=True)] for _ in range(20)]
    called = [[check_quality(check, adapters.run_classify_quality(text))[0] for text in both] for both in texts]
    good, poor = (sum(label == "wiki" for label in labels) for labels in zip(*called, strict=True))
    check.that(
        good - poor >= 10,
        f"{WHO} called {good} of 20 good texts 'wiki', and {poor} of 20 poor ones; expected many more of the good",
    )


@pytest.mark.beyond_public_course
def test_good_texts_are_told_from_poor_ones_of_the_same_length(adapters, check, draw):
    check_separation(check, adapters.run_classify_quality, pairs(draw, 60, THINGS, STUFFS))


@pytest.mark.beyond_public_course
def test_pages_of_the_web(adapters, check, draw):
    """Prose that an encyclopaedia would print, against all else in English."""
    pages = [page for page in documents(draw.integer(0, 10**6), 300) if page.language == "en"]
    good, poor = (
        ["\n".join(page.truth["paragraphs"]) for page in pages if page.truth["quality"] == label]
        for label in ("wiki", "cc")
    )
    check_separation(check, adapters.run_classify_quality, list(zip(good, poor, strict=False))[:40])


@pytest.mark.beyond_public_course
def test_a_short_good_text_and_a_long_poor_one(adapters, check, draw):
    """Length is no quality: in either direction the words decide."""
    short = [good for good, _ in pairs(draw, 12, THINGS, STUFFS)]
    long = [" ".join(poor for _, poor in pairs(draw, 40, THINGS, STUFFS)) for _ in range(12)]
    check_separation(check, adapters.run_classify_quality, list(zip(short, long, strict=True)))
    long = [" ".join(good for good, _ in pairs(draw, 40, THINGS, STUFFS)) for _ in range(12)]
    short = [poor for _, poor in pairs(draw, 12, THINGS, STUFFS)]
    check_separation(check, adapters.run_classify_quality, list(zip(long, short, strict=True)))


@pytest.mark.beyond_public_course
def test_line_ends_do_not_matter(adapters, check, draw):
    """The same words on lines of their own are as good as on one line."""
    texts = [(good.replace(" ", "\n"), poor.replace(" ", "\n")) for good, poor in pairs(draw, 20, THINGS, STUFFS)]
    check_separation(check, adapters.run_classify_quality, texts)


@pytest.mark.beyond_public_course
def test_the_beginning_does_not_decide(adapters, check, draw):
    texts = []
    for good, poor in pairs(draw, 20, THINGS, STUFFS):
        texts.append((f"Add to cart\n{good}\n{good}\n{good}", f"History of the granary\n{poor}\n{poor}\n{poor}"))
    check_separation(check, adapters.run_classify_quality, texts)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("text", ["", " ", "\n", "12", "?"])
def test_texts_without_words_are_answered(adapters, check, text):
    check_probability(check, adapters.run_classify_quality(text))


@pytest.mark.beyond_public_course
def test_scores_differ(adapters, check):
    """A probability is a number of its own for a text of its own."""
    scores = {check_probability(check, adapters.run_classify_quality(text)) for text in (*WIKI, *CRAWL)}
    check.that(len(scores) > 6, f"{WHO} returned {len(scores)} different scores for {len(WIKI) + len(CRAWL)} texts")
