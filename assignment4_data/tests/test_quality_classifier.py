"""Good pages and poor ones of the same length, of sentences that no training set has."""

import re

import pytest

from assignment4_data.tests.quality_texts import (
    CRAWL,
    WHO,
    WIKI,
    check_lines,
    check_probability,
    check_quality,
    check_reply,
    check_separation,
    check_told_apart,
    pairs,
)
from assignment4_data.web import documents

THINGS = ("granary", "harbour wall", "bell tower", "toll house", "ropewalk")
STUFFS = ("timber", "slate", "copper wire", "flax seed", "wax")


def test_a_text_gets_one_of_two_labels_and_a_score(adapters, check, draw):
    texts = (*WIKI, *CRAWL, *(text for pair in pairs(draw, 10, THINGS, STUFFS) for text in pair))
    labels = {check_reply(check, adapters.run_classify_quality(text))[0] for text in texts}
    check.that(len(labels) <= 2, f"{WHO} returned {len(labels)} different labels; expected two")


@pytest.mark.beyond_public_course
def test_the_labels_are_wiki_and_cc(adapters, check):
    for text in (*WIKI, *CRAWL):
        check_quality(check, adapters.run_classify_quality(text))


def test_the_ends_of_lines_do_not_change_the_label(adapters, check, draw):
    for text in (text for pair in pairs(draw, 10, THINGS, STUFFS) for text in pair):
        check_lines(check, adapters.run_classify_quality, text)


@pytest.mark.parametrize("marks", [True, False])
def test_long_good_texts_are_told_from_long_poor_ones(adapters, check, draw, marks):
    """Whatever a classifier has learned from; by their words, too, without any mark of punctuation."""
    texts = [tuple(" ".join(parts) for parts in zip(*pairs(draw, 4, THINGS, STUFFS), strict=True)) for _ in range(15)]
    if not marks:
        texts = [tuple(re.sub(r"[^\w\s]", "", text) for text in pair) for pair in texts]
    check_told_apart(check, adapters.run_classify_quality, texts, "as they are" if marks else "without punctuation")


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
