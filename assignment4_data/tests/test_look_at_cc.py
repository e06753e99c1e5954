"""An archive is looked at: language, harm and quality of each page, against what is true of it."""

from itertools import islice

import pytest

from assignment4_data.tests.audits import check_audit
from assignment4_data.tests.warc import Archive, crawl, html
from assignment4_data.web import documents


def pages_to_look_at(seed, count):
    """Pages whose encoding is no question, in all languages and of all kinds."""
    return list(islice((page for page in documents(seed, None) if page.encoding == "utf-8"), count))


@pytest.mark.parametrize("part", range(2))
def test_labels_are_right_for_nine_pages_of_ten(adapters, check, draw, scratch_text, tmp_path, part):
    pages = pages_to_look_at(draw.integer(0, 10**6), 150)
    content = crawl(tmp_path, pages, broken=20)
    check_audit(check, adapters.run_look_at_cc(scratch_text(content, as_path=True)), pages)


def test_an_archive_without_pages_has_nothing_to_look_at(adapters, check, draw, scratch_text, tmp_path):
    """Its counterpart with pages shows that the empty list is not always the answer."""
    archive = Archive()
    archive.page("http://a.example/", html("salt"), "text/plain")
    check.equal(adapters.run_look_at_cc(scratch_text(archive.content(), as_path=True)), [], who="run_look_at_cc")
    pages = pages_to_look_at(draw.integer(0, 10**6), 12)
    check_audit(check, adapters.run_look_at_cc(scratch_text(crawl(tmp_path, pages), as_path=True)), pages)
