"""The same with old encodings, of which each page's label must survive the change to text."""

from assignment4_data.tests.audits import check_audit
from assignment4_data.tests.warc import crawl
from assignment4_data.tests.web_pages import OLD_ENCODINGS, pages_in, pages_in_utf8


def test_a_crawl_in_five_encodings(adapters, check, draw, scratch_text, tmp_path):
    pages = pages_in_utf8(draw.integer(10**7, 10**8), 100)
    pages += [page for encoding in OLD_ENCODINGS for page in pages_in(encoding, draw.integer(10**8, 10**9), 10)]
    content = crawl(tmp_path, pages, broken=9)
    check_audit(check, adapters.run_look_at_cc(scratch_text(content, as_path=True)), pages)
