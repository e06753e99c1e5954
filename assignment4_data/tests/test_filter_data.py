"""The filter pipeline, on WET files of pages whose fate is known."""

from dataclasses import replace

import pytest

from assignment4_data.tests.fates import KEPT, Pages
from assignment4_data.tests.funnels import WHO, check_all, run


@pytest.fixture
def pages(draw):
    """A source of new pages."""
    return Pages(draw)


def test_every_document_ends_where_it_should(drivers, check, pages, tmp_path):
    files = {"part-0.warc.wet.gz": pages.of_every_fate(3)}
    check_all(check, run(drivers, tmp_path, files), files)


def test_each_file_has_a_file_of_its_own_even_if_nothing_is_kept(drivers, check, pages, tmp_path):
    files = {
        "b.warc.wet.gz": [pages.kept(), pages.short()],
        "empty.warc.wet.gz": [],
        "a.warc.wet.gz": [pages.chat(), pages.foreign()],
    }
    check_all(check, run(drivers, tmp_path, files), files)


def test_a_copy_is_known_in_another_file(drivers, check, pages, tmp_path):
    one, two = pages.kept(), pages.kept()
    files = {
        "z.warc.wet.gz": [one, pages.short(), two],
        "a.warc.wet.gz": [pages.copy_of(two), pages.kept(), pages.copy_of(one), pages.copy_of(one)],
    }
    check_all(check, run(drivers, tmp_path, files), files)


def test_pages_that_differ_in_masked_data_alone_are_copies(drivers, check, pages, tmp_path):
    first, second = pages.pair_of_copies()
    files = {"part.warc.wet.gz": [first, pages.code(), second]}
    check_all(check, run(drivers, tmp_path, files), files)


def test_two_runs_write_the_same_and_replace_what_is_there(drivers, check, pages, tmp_path):
    files = {"x.warc.wet.gz": pages.of_every_fate(1), "y.warc.wet.gz": [pages.kept()]}
    first = run(drivers, tmp_path, files)
    older = {"y.warc.wet.gz.jsonl": b'{"uri": "https://example.org/older", "text": "An older run."}\n' * 3}
    second = run(drivers, tmp_path, files, older=older)
    check_all(check, first, files)
    check.that(second == first, f"{WHO} returned or wrote other things in a second run over the same files")


def test_the_order_of_the_files_says_which_copy_is_kept(drivers, check, pages, tmp_path):
    original = pages.kept()
    copy = replace(pages.copy_of(original), fate=KEPT, written=original.written)
    files = {"p.warc.wet.gz": [copy], "q.warc.wet.gz": [replace(original, fate="duplicates")]}
    check_all(check, run(drivers, tmp_path, files), files)
