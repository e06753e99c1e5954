"""The language of texts in many, however their lines end, and a score that says how sure that is."""

import pytest

from assignment4_data.tests.language_texts import TEXTS, WHO, WITHOUT_ACCENTS, check_language, check_reply
from assignment4_data.web import LANGUAGES, documents

LONG = {
    language: " ".join(
        text
        for page in documents(9, 400)
        if page.language == language and page.truth["quality"] == "wiki"
        for text in page.truth["paragraphs"]
    )[:1500]
    for language in LANGUAGES
}
WITHOUT_WORDS = ("", " ", "\n", "\n\n12\n", "?!", "\x00", "🙂")


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_web(adapters, check, draw, language):
    """Long pages of prose, as they are, line ends and all."""
    pages = (page for page in documents(draw.integer(0, 10**6), None) if page.language == language)
    texts = ("\n".join(page.truth["paragraphs"]) for page in pages if page.truth["quality"] == "wiki")
    for text in (next(texts) for _ in range(4)):
        check_language(check, adapters.run_identify_language(text), language, "a page in another language")


@pytest.mark.parametrize("language", TEXTS)
def test_languages_beyond_the_web(adapters, check, language):
    check_language(check, adapters.run_identify_language(TEXTS[language]), language, "a text in another language")


@pytest.mark.parametrize("language", WITHOUT_ACCENTS)
def test_ascii_is_not_always_english(adapters, check, language):
    reply = adapters.run_identify_language(WITHOUT_ACCENTS[language])
    check_language(check, reply, language, "a text in another language, of ASCII alone")


def test_the_first_line_does_not_decide(adapters, check):
    """A menu in English above a page that is not."""
    for language in ("de", "ru", "ja"):
        text = "Home\nAbout us\n\n" + LONG[language].replace(" ", " \n") + "\n"
        check_language(check, adapters.run_identify_language(text), language, "a page below a menu in English")


@pytest.mark.beyond_public_course
def test_a_line_end_is_a_space(adapters, check):
    """Words on lines of their own are the same words, to whatever the model makes of them."""
    for language, text in {**TEXTS, **WITHOUT_ACCENTS}.items():
        sure = check_language(check, adapters.run_identify_language(text), language, "a text in another language")
        reply = adapters.run_identify_language(text.replace(" ", "\n"))
        again = check_language(check, reply, language, "words on lines of their own")
        check.that(
            abs(again - sure) < 0.02,
            f"{WHO} returned the score {again:.3f} for words on lines of their own, {sure:.3f} for them on one line",
        )


def test_the_larger_part_decides(adapters, check):
    for most, least in (("en", "fr"), ("zh", "en"), ("es", "de")):
        text = LONG[least][:120] + "\n" + LONG[most]
        check_language(check, adapters.run_identify_language(text), most, "a text that is mostly in another language")


def test_scores_say_how_sure_it_is(adapters, check):
    """High for a page in one language, low where there is nothing to go by."""
    high = [check_reply(check, adapters.run_identify_language(LONG[language]))[1] for language in LANGUAGES]
    low = [check_reply(check, adapters.run_identify_language(text))[1] for text in ("", "12 345 67", "xq zzkr ptw")]
    check.that(
        min(high) > 0.7, f"{WHO} returned the score {min(high):.3f} for a long page in one language; expected above 0.7"
    )
    check.that(
        max(low) < 0.6, f"{WHO} returned the score {max(low):.3f} for a text that is in no language; expected below 0.6"
    )


@pytest.mark.beyond_public_course
def test_no_score_is_above_one(adapters, check):
    """Not by the least: the library's scores end above 1 now and then."""
    for text in (*LONG.values(), *TEXTS.values(), *WITHOUT_ACCENTS.values(), *WITHOUT_WORDS):
        check_reply(check, adapters.run_identify_language(text), most=1.0)


@pytest.mark.parametrize("text", WITHOUT_WORDS)
def test_texts_without_words_are_answered(adapters, check, text):
    check_reply(check, adapters.run_identify_language(text))
