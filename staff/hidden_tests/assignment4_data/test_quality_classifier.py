"""Sentences and topics that are in no file a student has."""

import pytest

from assignment4_data.tests.quality_texts import check_lines, check_separation, pairs

GOOD = (
    "The {thing} belongs to a group of instruments that were developed independently in several countries.",
    "Early examples were made of {stuff}, whereas later ones have a frame of iron.",
    "In 18{n} the collection was moved to a building near the river, where it remains.",
    "Its length varies between two and three metres, depending on the period and the region.",
    "The use of {stuff} is documented from the sixteenth century, but may be older.",
    "A second expedition reached the area in the summer of 17{n} and drew the first reliable map.",
    "The species is found in open woodland, where it feeds on seeds and insects.",
    "During the war the {thing} was used as a store, and parts of it were lost.",
    "Most of the income of the town was derived from trade in {stuff} and from tolls.",
    "The theory was accepted only after measurements had been repeated at other places.",
)
POOR = (
    "check out my new {thing} pics guys, more coming soon, stay tuned",
    "LIMITED OFFER: {stuff} bundle, only {n} left in stock, buy now",
    "home > shop > {stuff} > {thing} - sort by price - {n} items",
    "thanks so much for the tips everybody, gonna try that with my {thing} tonight",
    "{n} likes - 4 comments - tap to see more - follow us",
    "Does anybody know where I can get cheap {stuff} online? Please help me out",
    "Accept cookies to continue, change your settings, or log in to your account",
    "I'm so excited, we just got our {thing} and the kids can't stop laughing",
    "Copyright {n} - all rights reserved - contact - privacy - sitemap - {thing} directory",
    "You guys were right, my {thing} wasn't even plugged in, I feel so silly now",
)
THINGS = ("barrel organ", "sextant", "pendulum clock", "post mill", "lighthouse")
STUFFS = ("amber", "tin", "walnut wood", "glass beads", "vellum")


def test_a_label_does_not_depend_on_the_ends_of_lines(adapters, check, draw):
    for text in (text for pair in pairs(draw, 10, THINGS, STUFFS, GOOD, POOR) for text in pair):
        check_lines(check, adapters.run_classify_quality, text)


@pytest.mark.beyond_public_course
def test_other_texts_of_the_same_length(adapters, check, draw):
    check_separation(check, adapters.run_classify_quality, pairs(draw, 100, THINGS, STUFFS, GOOD, POOR))


@pytest.mark.beyond_public_course
def test_other_texts_on_many_lines(adapters, check, draw):
    texts = pairs(draw, 30, THINGS, STUFFS, GOOD, POOR)
    broken = [(good.replace(". ", ".\n"), poor.replace(" - ", "\n")) for good, poor in texts]
    check_separation(check, adapters.run_classify_quality, broken)


@pytest.mark.beyond_public_course
def test_long_texts_of_the_same_length(adapters, check, draw):
    long = []
    for _ in range(15):
        parts = pairs(draw, 20, THINGS, STUFFS, GOOD, POOR)
        long.append(tuple("\n\n".join(part[side] for part in parts) for side in (0, 1)))
    check_separation(check, adapters.run_classify_quality, long)
