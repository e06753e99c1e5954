"""The same of other pages, of the detector's edges, and of what is hidden from readers."""

import pytest

from assignment4_data.tests.web_pages import OLD_ENCODINGS, check_text, pages_in

WHO = "run_extract_text_from_html_bytes"
BODY = "<html><head><style>p { color: red }</style></head><body>{}</body></html>"


@pytest.mark.parametrize("encoding", OLD_ENCODINGS)
def test_other_pages_in_old_encodings(adapters, check, draw, encoding):
    for page in pages_in(encoding, draw.integer(10**7, 10**8), 6):
        check_text(check, adapters.run_extract_text_from_html_bytes(page.html), page, WHO)


def test_letters_of_many_scripts_in_one_utf8_page(adapters, check):
    words = ["żółw", "ψυχή", "дождь", "שלום", "مطر", "雨", "비", "🙂"]
    html = BODY.replace("{}", "<p>" + " ".join(words) + "</p>").encode()
    text = adapters.run_extract_text_from_html_bytes(html)
    check.that(isinstance(text, str), f"{WHO} returned {type(text).__name__}; expected str")
    check.equal(text.split(), words, who=WHO)


def test_what_readers_do_not_see_is_left_out(adapters, check):
    hidden = "<script>var offer = 1;</script><noscript>scriptless</noscript><!-- remark --><style>i { top: 0 }</style>"
    html = BODY.replace("{}", f"<p>seen</p>{hidden}<p>also seen</p>").encode()
    text = adapters.run_extract_text_from_html_bytes(html)
    check.that(isinstance(text, str), f"{WHO} returned {type(text).__name__}; expected str")
    check.that("seen" in text and "also seen" in text, f"{WHO} returned text without paragraphs of the page")
    for part in ("offer", "remark", "top:", "color"):
        check.that(part not in text, f"{WHO} returned text with a script, a style or a comment in it")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("character", ["—", "€", "“", "ü"])
def test_one_byte_of_windows_1252(adapters, check, character):
    html = BODY.replace("{}", f"<p>eleven {character} twelve</p>").encode("cp1252")
    text = adapters.run_extract_text_from_html_bytes(html)
    check.that(isinstance(text, str), f"{WHO} returned {type(text).__name__}; expected str")
    check.equal(text.split(), ["eleven", character, "twelve"], who=WHO)


@pytest.mark.beyond_public_course
def test_a_page_that_ends_in_the_middle_of_a_character_is_text(adapters, check):
    html = BODY.replace("{}", "<p>" + "größer und schöner, " * 30 + "</p>").encode()
    cut = html[: html.rindex("ö".encode()) + 1]
    text = adapters.run_extract_text_from_html_bytes(cut)
    check.that(isinstance(text, str) and "und" in text, f"{WHO} returned no text for a page that is cut short")
