"""Hidden: more pages, a page of one long line, and records that are no documents."""

import gzip

import pytest

from assignment4_data.tests.fates import STAGES, Page, Pages, write_wet
from assignment4_data.tests.funnels import WHO, check_all, check_files, counts_of, run


@pytest.fixture
def pages(draw):
    return Pages(draw)


def test_many_pages_in_several_files(drivers, check, pages, tmp_path):
    files = {f"CC-{number}.warc.wet.gz": pages.of_every_fate(4) for number in range(3)}
    check_all(check, run(drivers, tmp_path, files), files)


def test_a_page_of_one_long_line(drivers, check, pages, tmp_path):
    long = Page("https://example.org/long", "The same words are said again and again. " * 14_000, "gopher")
    files = {"long.warc.wet.gz": [pages.kept(), long, pages.kept()]}
    check_all(check, run(drivers, tmp_path, files), files)


def test_records_of_other_types_are_no_documents(drivers, check, pages, tmp_path):
    name = "mixed.warc.wet.gz"
    kept, other = pages.kept(), pages.kept()
    record = gzip.decompress(write_wet(tmp_path, name, [other])).replace(
        b"WARC-Type: conversion", b"WARC-Type: resource"
    )
    content = write_wet(tmp_path, name, [kept]) + gzip.compress(record, mtime=0)
    files = {name: [kept]}
    check_all(check, drivers.filter_pipeline({name: content}, [name], {}), files)


def test_a_document_of_nothing_is_counted_and_not_kept(drivers, check, pages, tmp_path):
    empty = Page("https://example.org/empty", "", "language or gopher")
    blank = Page("https://example.org/blank", " \n \n", "language or gopher")
    files = {"blank.warc.wet.gz": [empty, pages.kept(), blank]}
    result = run(drivers, tmp_path, files)
    check_files(check, result, files)
    counts = counts_of(check, result)
    check.that(
        counts["language"][0] == 3
        and {counts["gopher"][1], *(number for name in STAGES[2:] for number in counts[name])} == {1},
        f"{WHO} counts other documents than the one with words after the first two stages",
    )


def test_files_are_taken_as_they_are_given(drivers, check, pages, tmp_path):
    first = pages.kept()
    files = {
        "10.warc.wet.gz": [first],
        "9.warc.wet.gz": [pages.copy_of(first), pages.kept()],
        "1.warc.wet.gz": [pages.toxic()],
    }
    check_all(check, run(drivers, tmp_path, files), files)
