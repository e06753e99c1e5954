"""The generated web of assignment 4: the same to the byte each time, true to its truth, readable by others' libraries."""

import gzip
import json
import tracemalloc
from collections import Counter
from itertools import islice

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from assignment4_data import web
from assignment4_data.web import __main__ as command

PAGES = tuple(web.documents(3, 1000))


def test_two_builds_are_the_same_to_the_byte(tmp_path):
    for folder in ("one", "two"):
        command.main(["--out", str(tmp_path / folder), "--size", "100KB", "--seed", "5", "--files", "2"])
    names = sorted(file.name for file in (tmp_path / "one").iterdir())
    endings = ("truth.jsonl", "warc.gz", "warc.wet.gz")
    assert names == [f"0000{number}.{ending}" for number in range(2) for ending in endings]
    contents = [(tmp_path / "one" / name).read_bytes() for name in names]
    assert contents == [(tmp_path / "two" / name).read_bytes() for name in names]
    assert len(set(contents)) == len(contents)


def test_the_seed_and_the_number_decide_and_nothing_else():
    assert list(web.documents(3, 50)) == list(PAGES[:50])
    assert web.document(3, 49) == PAGES[49]
    assert web.document(4, 49) != PAGES[49]
    assert list(islice(web.documents(3, None), 50)) == list(PAGES[:50])


def test_everything_that_was_promised_is_there():
    assert {page.kind for page in PAGES} == set(web.KINDS)
    assert {page.language for page in PAGES} == set(web.LANGUAGES)
    assert {page.encoding for page in PAGES} == {"utf-8", "cp1252", "cp1251", "shift_jis", "gb18030"}
    assert len({page.uri for page in PAGES}) == len(PAGES)


def test_the_bytes_are_text_in_the_encoding_that_is_named():
    for page in PAGES:
        html = page.html.decode(page.encoding)
        assert f"<title>{page.truth['title']}".replace("&", "&amp;")[:30] in html
        assert "\ufffd" not in html


def test_text_holds_what_the_truth_says():
    for page in PAGES:
        lines = page.text.split("\n")
        assert lines[1:] == [page.truth["title"], *page.truth["paragraphs"]]
        for key in ("emails", "phones", "ips"):
            assert all(value in page.text for value in page.truth[key])
    personal = [page for page in PAGES if page.kind == "personal"]
    assert all(page.truth["emails"] or page.truth["phones"] or page.truth["ips"] for page in personal)


def test_duplicates_repeat_a_page_before_them():
    by_address = {page.uri: place for place, page in enumerate(PAGES)}
    exact = near = 0
    for place, page in enumerate(PAGES):
        if page.truth["duplicate_of"] is None:
            assert not page.kind.endswith("_duplicate")
            continue
        original = PAGES[by_address[page.truth["duplicate_of"]]]
        assert place - 64 <= by_address[original.uri] < place
        same = page.text == original.text
        assert same == (page.kind == "exact_duplicate")
        exact, near = exact + same, near + (not same)
    assert min(exact, near) > 30


def test_length_predicts_no_quality():
    """No length divides good pages of prose from the others as well as to be right for two of three."""
    prose = [page for page in PAGES if page.kind in ("prose", "personal") and page.language == "en"]
    lengths = sorted((len(page.text.split()), page.truth["quality"]) for page in prose)
    good = sum(label == "wiki" for _, label in lengths)
    above, best = good, 0.0
    for place, (_, label) in enumerate(lengths):
        above -= label == "wiki"
        right = above + (place + 1 - (good - above))
        best = max(best, right / len(lengths), 1 - right / len(lengths))
    assert best < 2 / 3


def test_fastwarc_reads_every_page(tmp_path):
    web.write_warc(tmp_path / "a.warc.gz", PAGES[:40])
    with open(tmp_path / "a.warc.gz", "rb") as file:
        records = ArchiveIterator(file, record_types=WarcRecordType.response)
        found = [(record.headers["WARC-Target-URI"], record.reader.read()) for record in records]
    assert found == [(page.uri, page.html) for page in PAGES[:40]]


def test_wet_files_hold_the_text_and_truth_files_a_line_a_page(tmp_path):
    assert web.write_wet(tmp_path / "a.warc.wet.gz", PAGES[:40]) == 40
    with open(tmp_path / "a.warc.wet.gz", "rb") as file:
        records = ArchiveIterator(file, record_types=WarcRecordType.conversion)
        assert [record.reader.read().decode() for record in records] == [page.text for page in PAGES[:40]]
    assert web.write_truth(tmp_path / "a.jsonl", PAGES[:40]) == 40
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert [line["kind"] for line in lines] == [page.kind for page in PAGES[:40]]


def test_broken_records_are_of_four_kinds(tmp_path):
    assert web.write_warc(tmp_path / "a.warc.gz", PAGES[:40], broken=5) == 40
    content = gzip.decompress((tmp_path / "a.warc.gz").read_bytes())
    found = Counter(
        content.count(mark) for mark in (b"image/png", b"404 Not Found", b"Content-Encoding: gzip", b"NOISE")
    )
    assert found == {2: 4}


def test_memory_does_not_grow_with_the_web():
    peaks = []
    for count in (40, 400):
        tracemalloc.start()
        for _ in web.documents(8, count):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


@pytest.mark.parametrize("size", ["", "10", "10 XB", "-1MB", "1.5MB"])
def test_a_size_that_is_none_is_refused(size, tmp_path, capsys):
    with pytest.raises(SystemExit):
        command.main(["--out", str(tmp_path), f"--size={size}"])
    assert "is no size; write 100KB" in capsys.readouterr().err
