"""Hidden: the same statements for other ids, many documents, and negative ids."""

import pytest

from assignment4_data.tests.token_files import check_file, check_refused, drawn_ids


def test_many_documents_of_many_scripts(drivers, check, draw):
    ids, eos_id = drawn_ids(draw)
    documents = [draw.text(draw.integer(0, 40)) for _ in range(draw.integer(300, 400))]
    check_file(check, drivers.tokenize_corpus(documents, ids, eos_id, None), documents, ids, eos_id)


def test_equal_documents_are_all_written(drivers, check, draw):
    ids, eos_id = drawn_ids(draw)
    documents = ["a parrot speaks"] * 5 + ["others"] + ["a parrot speaks"] * 3
    check_file(check, drivers.tokenize_corpus(documents, ids, eos_id, None), documents, ids, eos_id)


def test_only_empty_documents(drivers, check, draw):
    ids, eos_id = drawn_ids(draw)
    check_file(check, drivers.tokenize_corpus([""] * 7, ids, eos_id, None), [""] * 7, ids, eos_id)


def test_the_largest_id_fits(drivers, check):
    ids = list(range(65_535, 65_535 - 256, -1))
    documents = [bytes(range(1, 128)).decode()] * 3
    check_file(check, drivers.tokenize_corpus(documents, ids, 17, None), documents, ids, 17)


@pytest.mark.parametrize("older", [None, b""])
def test_a_negative_id_is_refused(drivers, check, older):
    ids = [-1 if byte == ord("q") else byte for byte in range(256)]
    check_refused(check, drivers.tokenize_corpus(["words", "a query"], ids, 256, older), older, "with an id of -1")


def test_the_first_document_may_be_the_one_that_does_not_fit(drivers, check):
    ids = [65_536 + byte for byte in range(256)]
    check_refused(check, drivers.tokenize_corpus(["words"], ids, 3, b"kept"), b"kept", "with ids beyond 65535")
