"""Bytes in, text out: the encoding is found, the markup goes, every paragraph stays."""

import pytest

from assignment4_data.tests.web_pages import OLD_ENCODINGS, check_text, pages_in, pages_in_utf8, untold

WHO = "run_extract_text_from_html_bytes"
SHELL = "<html><head><title>Notes</title></head><body>{}</body></html>"


def test_pages_in_utf8_come_whole(adapters, check, draw):
    for page in pages_in_utf8(draw.integer(0, 10**6), 20):
        check_text(check, adapters.run_extract_text_from_html_bytes(page.html), page, WHO)


@pytest.mark.parametrize("encoding", OLD_ENCODINGS)
def test_the_encoding_is_found(adapters, check, draw, encoding):
    for page in pages_in(encoding, draw.integer(0, 10**6), 4):
        check_text(check, adapters.run_extract_text_from_html_bytes(page.html), page, WHO)


def test_plain_ascii_is_text_too(adapters, check):
    text = adapters.run_extract_text_from_html_bytes(SHELL.format("<p>The ferry leaves at nine.</p>").encode())
    check.that(isinstance(text, str), f"{WHO} returned {type(text).__name__}; expected str")
    check.equal(text.split(), ["The", "ferry", "leaves", "at", "nine."], who=WHO)


def test_character_references_become_characters(adapters, check):
    html = SHELL.format("<p>salt &amp; bread &lt; 5&nbsp;guilders &#8212; caf&eacute;</p>").encode()
    text = adapters.run_extract_text_from_html_bytes(html)
    check.that(isinstance(text, str), f"{WHO} returned {type(text).__name__}; expected str")
    check.equal(text.split(), ["salt", "&", "bread", "<", "5", "guilders", "—", "café"], who=WHO)


def test_paragraphs_do_not_run_into_each_other(adapters, check):
    text = adapters.run_extract_text_from_html_bytes(SHELL.format("<p>the first</p><p>the second</p>").encode())
    check.that(isinstance(text, str), f"{WHO} returned {type(text).__name__}; expected str")
    check.equal([line for line in text.split("\n") if line.strip()], ["the first", "the second"], who=WHO)


@pytest.mark.beyond_public_course
def test_a_few_curly_apostrophes_do_not_make_a_page_utf8(adapters, check, draw):
    """Too little for a detector to go by: the handout says what to take then."""
    for page in untold(draw.integer(0, 10**6), 6):
        check_text(check, adapters.run_extract_text_from_html_bytes(page.html), page, WHO)
