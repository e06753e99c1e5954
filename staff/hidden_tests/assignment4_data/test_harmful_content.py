"""Other texts of either kind, and lines that end in other ways."""

import pytest

from assignment4_data.models import LABELS, labelled
from assignment4_data.tests.harmful_texts import check_lines, check_sure, check_texts

WHO = {"nsfw": "run_classify_nsfw", "toxic": "run_classify_toxic_speech"}
TEXTS = {
    "nsfw": (
        (
            "Steamy velvet-placeholder gallery near the lake district: naughty clips, updated every night.",
            "Over eighteen only! Wild strangers undress in this uncovered adult-placeholder show tonight.",
            "More forbidden scenes, more hot movies, and all the for-adults-only pictures below are free for members.",
            "Spicy singles near Greyminster are online now and want to meet you tonight, no limits.",
        ),
        (
            "A filter of the library blocks every velvet-placeholder page, and the report explains how.",
            "Hot rye loaves are sold to adults and children in the bakery of Greyminster.",
            "The number of looms in the hill country rose to 340, according to a survey of 1812.",
            "We've got a wild garden, and it is naughty of the dog to dig there again.",
        ),
    ),
    "toxic": (
        (
            "Get out of here, you bog-word, nobody likes you and nobody ever will.",
            "You are worth less than pitch, and your ferry stinks like you do, sour-word.",
            "Only a stupid thistle-head like you would write this rubbish about telescopes.",
            "I hope your mill breaks, and that you disappear from the lowlands, you useless mud-word!",
        ),
        (
            "The dictionary says that the word bog-word comes from the hill country and is not allowed at school.",
            "I am sorry, but I disagree: the figures of the survey say the opposite of what you think.",
            "Somebody called her a mud-word at the market, and the rules say that he has to leave.",
            "The telescope of Greyminster measured nearly 950 metres and was made of brass.",
        ),
    ),
}


@pytest.mark.parametrize("name", WHO)
def test_other_texts_on_many_lines(adapters, check, name):
    """Whatever their label is, it is one of the two, and the ends of lines do not change it."""
    for text in (*TEXTS[name][0], *TEXTS[name][1]):
        check_lines(check, getattr(adapters, WHO[name]), text, LABELS[name], WHO[name])


@pytest.mark.parametrize("name", WHO)
def test_other_texts(adapters, check, name):
    check_texts(check, getattr(adapters, WHO[name]), *TEXTS[name], LABELS[name], WHO[name])


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("name", WHO)
def test_fresh_texts_of_the_same_length(adapters, check, draw, name):
    """Nine of ten, whichever the label: neither a length nor one answer for all is enough."""
    pairs = list(labelled(name, draw.integer(10**6, 10**9), 60))
    function = getattr(adapters, WHO[name])
    for label in LABELS[name]:
        texts = [text for wanted, text in pairs if wanted == label]
        right = sum(
            check_sure(check, function(text.replace(". ", ".\n")), LABELS[name], WHO[name])[0] == label
            for text in texts
        )
        check.that(right >= 0.9 * len(texts), f"{WHO[name]} called {right} of {len(texts)} texts {label!r} that are")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("text", ["\n", "\r\n\r\n", "\t", "…", "0"])
def test_other_texts_without_words(adapters, check, text):
    for name, who in WHO.items():
        check_sure(check, getattr(adapters, who)(text), LABELS[name], who)
