"""A corpus as token ids: two bytes an id, an end of text after every document, and nothing that does not fit."""

import pytest

from assignment4_data.tests.token_files import check_file, check_refused, drawn_ids

DOCUMENTS = [
    "A first document.\nIt has two lines.",
    "",
    "  spaces and a line end stay as they are \n\n",
    "Zürich, Ελλάδα, 東京 and a tab\t.",
    "A text may speak of <|endoftext|> without ending there.",
    "\n",
]


def test_every_document_is_closed_by_the_end_of_text(drivers, check, draw):
    ids, eos_id = drawn_ids(draw)
    check_file(check, drivers.tokenize_corpus(DOCUMENTS, ids, eos_id, None), DOCUMENTS, ids, eos_id)


def test_documents_are_written_in_order(drivers, check, draw):
    ids, eos_id = drawn_ids(draw)
    documents = [draw.text(draw.integer(0, 60)) for _ in range(50)]
    check_file(check, drivers.tokenize_corpus(documents, ids, eos_id, None), documents, ids, eos_id)


@pytest.mark.parametrize("eos_id", [0, 255, 256, 65_535])
def test_any_id_of_16_bits_may_end_a_text(drivers, check, eos_id):
    ids = [number for number in range(257) if number != eos_id][:256]
    check_file(check, drivers.tokenize_corpus(DOCUMENTS, ids, eos_id, None), DOCUMENTS, ids, eos_id)


def test_an_older_file_is_replaced(drivers, check, draw):
    ids, eos_id = drawn_ids(draw)
    older = bytes(range(256)) * 40
    check_file(check, drivers.tokenize_corpus(DOCUMENTS, ids, eos_id, older), DOCUMENTS, ids, eos_id)


def test_no_documents_make_an_empty_file(drivers, check, draw):
    ids, eos_id = drawn_ids(draw)
    check_file(check, drivers.tokenize_corpus([], ids, eos_id, None), [], ids, eos_id)


@pytest.mark.parametrize("older", [None, b"an older file"])
@pytest.mark.parametrize("beyond", [65_536, 65_792, 2**31])
def test_an_id_that_needs_more_than_16_bits_is_refused_before_anything_is_written(drivers, check, beyond, older):
    ids = [beyond if byte == ord("Z") else byte for byte in range(256)]
    documents = ["plain words"] * 30 + ["and at last a Z"]
    result = drivers.tokenize_corpus(documents, ids, 300, older)
    check_refused(check, result, older, f"with an id of {beyond}")


def test_an_end_of_text_that_does_not_fit_is_refused(drivers, check):
    result = drivers.tokenize_corpus(["words"], list(range(256)), 100_000, None)
    check_refused(check, result, None, "with an end of text of 100000")
