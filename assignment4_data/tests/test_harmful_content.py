"""Two classifiers: the right label, the score of that label, and no keyword is enough for either."""

import pytest

from assignment4_data.models import LABELS
from assignment4_data.tests.harmful_texts import (
    NOT_NSFW,
    NOT_TOXIC,
    NSFW,
    TOXIC,
    check_lines,
    check_pair,
    check_sure,
    check_texts,
)
from assignment4_data.web import documents

WHO = {"nsfw": "run_classify_nsfw", "toxic": "run_classify_toxic_speech"}
TEXTS = {"nsfw": (NSFW, NOT_NSFW), "toxic": (TOXIC, NOT_TOXIC)}


@pytest.mark.parametrize("name", WHO)
def test_a_text_gets_one_of_two_labels_and_a_score(adapters, check, name):
    for text in (*TEXTS[name][0], *TEXTS[name][1]):
        check_pair(check, getattr(adapters, WHO[name])(text), LABELS[name], WHO[name])


@pytest.mark.parametrize("name", WHO)
def test_the_ends_of_lines_do_not_change_the_label(adapters, check, name):
    for text in (*TEXTS[name][0], *TEXTS[name][1]):
        check_lines(check, getattr(adapters, WHO[name]), text, LABELS[name], WHO[name])


@pytest.mark.parametrize("name", WHO)
def test_harmful_texts_are_told_from_texts_about_them(adapters, check, name):
    check_texts(check, getattr(adapters, WHO[name]), *TEXTS[name], LABELS[name], WHO[name])


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("name", WHO)
def test_a_text_may_have_many_lines(adapters, check, name):
    """Its label is that of the same words on one line, wherever the lines end."""
    yes, no = TEXTS[name]
    for label, texts in zip(LABELS[name], (yes, no), strict=True):
        text = "\n".join(" ".join(texts[:3]).split(" ")) + "\n\n"
        found, _ = check_sure(check, getattr(adapters, WHO[name])(text), LABELS[name], WHO[name])
        check.that(
            found == label, f"{WHO[name]} returned another label when the same words stood on lines of their own"
        )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("name", WHO)
def test_the_whole_text_is_looked_at(adapters, check, name):
    """What is harmless in the first line may be harmful in those that follow."""
    yes, no = TEXTS[name]
    text = "\n".join([no[-1], *yes[:6]])
    label, _ = check_sure(check, getattr(adapters, WHO[name])(text), LABELS[name], WHO[name])
    check.that(
        label == LABELS[name][0], f"{WHO[name]} returned {label!r} for a text of which only the first line is harmless"
    )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("name", WHO)
def test_the_score_says_how_sure_it_is(adapters, check, name):
    """Over texts that are clear the probabilities are high, and they are not all one number."""
    function = getattr(adapters, WHO[name])
    scores = [
        check_sure(check, function(text), LABELS[name], WHO[name])[1] for text in (*TEXTS[name][0], *TEXTS[name][1])
    ]
    scores.append(check_sure(check, function("a"), LABELS[name], WHO[name])[1])
    scores.append(
        check_sure(check, function(" ".join([TEXTS[name][0][0], *TEXTS[name][1][:2]])), LABELS[name], WHO[name])[1]
    )
    check.that(
        sum(scores) / len(scores) > 0.8, f"{WHO[name]} returned scores of {sum(scores) / len(scores):.2f} on average"
    )
    check.that(len(set(scores)) > 3, f"{WHO[name]} returned one score for everything; expected probabilities")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("text", ["", " ", "\n\n", "12 34"])
def test_texts_without_words_are_answered(adapters, check, text):
    for name, who in WHO.items():
        check_sure(check, getattr(adapters, who)(text), LABELS[name], who)


@pytest.mark.beyond_public_course
def test_pages_of_a_crawl_get_their_label(adapters, check, draw):
    """Each label is right for nine of ten pages with it; the two are looked at apart, as most pages are harmless."""
    pages = [page for page in documents(draw.integer(0, 10**6), 240) if page.language == "en"]
    for name, who in WHO.items():
        for value, label in zip((True, False), LABELS[name], strict=True):
            texts = ["\n".join(page.truth["paragraphs"]) for page in pages if page.truth[name] is value][:20]
            found = [check_sure(check, getattr(adapters, who)(text), LABELS[name], who)[0] for text in texts]
            check.that(
                found.count(label) >= 0.9 * len(texts) - 0.5,
                f"{who} called {found.count(label)} of {len(texts)} pages {label!r} that are; expected nine of ten",
            )
