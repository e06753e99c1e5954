"""The HTML pages of an archive, in order, whatever else is in it and wherever it ends."""

import gzip

from assignment4_data.tests.warc import WHO, Archive, check_crawl, check_pairs, check_uris, crawl, html
from assignment4_data.tests.web_pages import pages_in_utf8


def test_every_page_of_a_crawl_comes_in_order(adapters, check, draw, scratch_text, tmp_path):
    pages = pages_in_utf8(draw.integer(0, 10**6), 25)
    content = crawl(tmp_path, pages)
    check_crawl(check, adapters.run_iter_warc(scratch_text(content, as_path=True)), pages)


def test_broken_records_are_left_out(adapters, check, draw, scratch_text, tmp_path):
    pages = pages_in_utf8(draw.integer(0, 10**6), 16)
    content = crawl(tmp_path, pages, broken=2)
    check_crawl(check, adapters.run_iter_warc(scratch_text(content, as_path=True)), pages)


def test_requests_and_metadata_are_no_pages(adapters, check, scratch_text):
    archive = Archive()
    archive.other("metadata", "http://a.example/", html("about a page"))
    archive.page("http://a.example/", html("a page"))
    archive.other("resource", "http://b.example/", html("a file"))
    archive.other("conversion", "http://a.example/", html("a text"))
    check_uris(check, adapters.run_iter_warc(scratch_text(archive.content(), as_path=True)), ["http://a.example/"])


def test_media_types_are_read_as_http_means_them(adapters, check, scratch_text):
    """Letters of either case and parameters make no difference; what only begins like HTML is something else."""
    taken = ["text/html", "TEXT/HTML", "text/html; charset=utf-8", "Text/Html;charset=x", "application/xhtml+xml"]
    left = ["text/plain", "application/json", "image/png", "text/html-sandboxed", None]
    archive = Archive()
    for number, content_type in enumerate([*taken, *left]):
        archive.page(f"http://a.example/{number}", html("salt"), content_type)
    expected = [f"http://a.example/{number}" for number in range(len(taken))]
    check_uris(check, adapters.run_iter_warc(scratch_text(archive.content(), as_path=True)), expected)


def test_only_answers_with_status_200_are_pages(adapters, check, scratch_text):
    archive = Archive()
    for number, status in enumerate(["200 OK", "404 Not Found", "301 Moved Permanently", "500 Error", "200"]):
        archive.page(f"http://a.example/{number}", html("salt"), status=status)
    expected = ["http://a.example/0", "http://a.example/4"]
    check_uris(check, adapters.run_iter_warc(scratch_text(archive.content(), as_path=True)), expected)


def test_an_archive_that_is_not_compressed_is_read_too(adapters, check, scratch_text):
    archive = Archive(compressed=False)
    archive.page("http://a.example/", html("salt and bread"))
    pairs = check_uris(
        check, adapters.run_iter_warc(scratch_text(archive.content(), as_path=True)), ["http://a.example/"]
    )
    check.that("salt and bread" in pairs[0][1], f"{WHO} returned a page without its text")


def test_bodies_that_were_sent_compressed_are_text(adapters, check, scratch_text):
    archive = Archive()
    archive.page("http://a.example/", gzip.compress(html("salt and bread")), Content_Encoding="gzip")
    pairs = check_uris(
        check, adapters.run_iter_warc(scratch_text(archive.content(), as_path=True)), ["http://a.example/"]
    )
    check.that("salt and bread" in pairs[0][1], f"{WHO} returned a page that was sent compressed without its text")


def test_a_file_that_ends_too_early_gives_the_whole_pages_before(adapters, check, scratch_text):
    archive = Archive()
    for number in range(6):
        archive.page(f"http://a.example/{number}", html(f"salt {number}" + " and bread" * 400))
    cut = archive.content()[: (archive.ends[3] + archive.ends[4]) // 2]
    expected = [f"http://a.example/{number}" for number in range(4)]
    check_uris(check, adapters.run_iter_warc(scratch_text(cut, as_path=True)), expected)


def test_an_archive_without_pages_gives_none(adapters, check, scratch_text):
    """Its counterpart with a page shows that the empty list is not always the answer."""
    archive = Archive()
    archive.other("metadata", "http://a.example/", b"nothing")
    check.equal(check_pairs(check, adapters.run_iter_warc(scratch_text(archive.content(), as_path=True))), [], who=WHO)
    archive.page("http://b.example/", html("something"))
    check_uris(check, adapters.run_iter_warc(scratch_text(archive.content(), as_path=True)), ["http://b.example/"])
