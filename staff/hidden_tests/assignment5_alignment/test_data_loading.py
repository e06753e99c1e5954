"""Hidden: other documents and lengths, lines without a document, batches as large as all."""

import pytest

from assignment5_alignment.tests.instructions import (
    TOKENIZERS,
    check_packed,
    drawn_documents,
    numbered,
    order_of,
    pieces,
    written,
)


@pytest.mark.parametrize("name", TOKENIZERS)
def test_documents_that_are_drawn(drivers, check, draw, name):
    documents = drawn_documents(draw, draw.integer(5, 12))
    check_packed(check, drivers, name, documents, draw.integer(20, 60))


@pytest.mark.parametrize("name", TOKENIZERS)
def test_rows_that_end_where_the_stream_does(drivers, check, draw, name):
    """As many tokens as the rows have, so that the last label is missing."""
    lengths = []
    while not lengths:  # a prime number of tokens makes no two rows
        documents = drawn_documents(draw, 4)
        stream = sum(map(len, pieces(name, documents)))
        lengths = [length for length in range(8, stream // 2 + 1) if stream % length == 0]
    check_packed(check, drivers, name, documents, draw.choice(lengths))


@pytest.mark.beyond_public_course
def test_empty_lines_are_no_documents(drivers, check, draw):
    documents = drawn_documents(draw, 3)
    content = b"\n" + written(documents).replace(b"\n", b"\n\n") + b"  \n"
    check_packed(check, drivers, "tiny-qwen-like", documents, 40, content)


@pytest.mark.beyond_public_course
def test_an_empty_file_has_no_rows(drivers, check):
    check_packed(check, drivers, "tiny-qwen-like", [], 8)


def test_one_batch_of_all(drivers, check, draw):
    count = draw.integer(5, 30)
    for batch_size in (count, count + 1, count - 1):
        order_of(check, drivers.batches(*numbered(count, 4), batch_size, True), count, batch_size, 4)
