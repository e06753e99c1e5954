"""Other crawls, old encodings within them, and damage in other places."""

import gzip

import pytest

from assignment4_data.tests.warc import Archive, check_crawl, check_uris, crawl, html
from assignment4_data.tests.web_pages import OLD_ENCODINGS, pages_in


def test_old_encodings_in_a_crawl_with_broken_records(adapters, check, draw, scratch_text, tmp_path):
    pages = [page for encoding in OLD_ENCODINGS for page in pages_in(encoding, draw.integer(10**7, 10**8), 3)]
    content = crawl(tmp_path, pages, broken=3)
    check_crawl(check, adapters.run_iter_warc(scratch_text(content, as_path=True)), pages)


@pytest.mark.parametrize("compressed", [True, False])
def test_damage_ends_the_archive_and_keeps_what_came_before(adapters, check, draw, scratch_text, compressed):
    archive = Archive(compressed)
    count = draw.integer(5, 9)
    for number in range(count):
        archive.page(f"http://b.example/{number}", html(draw.text(3000).replace("<", "")))
    cut = archive.content()[: archive.ends[-1] - 700]
    expected = [f"http://b.example/{number}" for number in range(count - 1)]
    check_uris(check, adapters.run_iter_warc(scratch_text(cut, as_path=True)), expected)


def test_the_same_address_twice_is_two_pages(adapters, check, scratch_text):
    archive = Archive()
    for words in ("morning", "evening"):
        archive.page("http://b.example/", html(words))
    pairs = check_uris(
        check, adapters.run_iter_warc(scratch_text(archive.content(), as_path=True)), ["http://b.example/"] * 2
    )
    check.equal(["morning" in pairs[0][1], "evening" in pairs[1][1]], [True, True], who="run_iter_warc")


def test_a_compressed_body_that_is_cut_is_left_out(adapters, check, scratch_text):
    archive = Archive()
    archive.page("http://b.example/0", gzip.compress(html("barley " * 99))[:-9], Content_Encoding="gzip")
    archive.page("http://b.example/1", gzip.compress(html("barley " * 99)), Content_Encoding="gzip")
    archive.page("http://b.example/2", html("barley " * 99), Content_Encoding="gzip")
    archive.page("http://b.example/3", html("barley " * 99))
    expected = ["http://b.example/1", "http://b.example/3"]
    check_uris(check, adapters.run_iter_warc(scratch_text(archive.content(), as_path=True)), expected)


def test_other_statuses_and_types(adapters, check, scratch_text):
    archive = Archive()
    cases = [
        ("200 OK", "text/htm"),
        ("203 OK", "text/html"),
        ("200 OK", "APPLICATION/XHTML+XML; q=1"),
        ("410 Gone", "text/html"),
    ]
    for number, (status, content_type) in enumerate(cases):
        archive.page(f"http://c.example/{number}", html("oats"), content_type, status)
    check_uris(check, adapters.run_iter_warc(scratch_text(archive.content(), as_path=True)), ["http://c.example/2"])
