"""Instructions packed into rows, and rows into batches: every token once, in order, each beside the next."""

import pytest

from assignment5_alignment.tests.instructions import (
    BATCHES,
    DOCUMENTS,
    SEPARATED,
    SPACED,
    TOKENIZERS,
    WHO,
    check_packed,
    drawn_documents,
    numbered,
    order_of,
    pieces,
    rows_of,
    written,
)


@pytest.mark.parametrize("seq_length", [16, 100])
@pytest.mark.parametrize("name", TOKENIZERS)
def test_rows_are_the_stream_of_documents(drivers, check, name, seq_length):
    check_packed(check, drivers, name, DOCUMENTS, seq_length)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("name", TOKENIZERS)
def test_white_space_at_the_ends_of_texts_stays(drivers, check, name):
    for documents in (SPACED, SPACED[:1], SPACED[1:2], SPACED[2:]):
        check_packed(check, drivers, name, documents, 12)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("name", TOKENIZERS)
def test_a_line_of_the_file_ends_at_a_newline_alone(drivers, check, name):
    check_packed(check, drivers, name, SEPARATED, 12)


def test_one_token_more_makes_the_last_row(drivers, check):
    """Rows of which the last would have no last label, and just has one."""
    stream = sum(map(len, pieces("tiny-qwen-like", DOCUMENTS)))
    for seq_length in (stream - 1, stream // 2, (stream - 1) // 3):
        check_packed(check, drivers, "tiny-qwen-like", DOCUMENTS, seq_length)


@pytest.mark.beyond_public_course
def test_too_few_tokens_make_no_row(drivers, check):
    check_packed(check, drivers, "tiny-llama3-like", DOCUMENTS[:1], 500)
    stream = sum(map(len, pieces("tiny-llama3-like", DOCUMENTS)))
    check_packed(check, drivers, "tiny-llama3-like", DOCUMENTS, stream)


@pytest.mark.beyond_public_course
def test_there_is_no_row_after_the_last(drivers, check):
    ends = drivers.packed_rows_end("tiny-qwen-like", written(DOCUMENTS), 40)
    check.that(ends is True, f"{WHO} gives a row after the last; expected IndexError")


def test_documents_are_shuffled_before_they_are_packed(drivers, check, draw):
    """Each stays whole, and its neighbours change; by chance none of 24 would move once in 10²³ times."""
    documents = drawn_documents(draw, 24)
    parts = pieces("tiny-llama3-like", documents)
    seq_length = sum(map(len, parts)) - 1
    rows = rows_of(
        check, drivers.packed_dataset("tiny-llama3-like", written(documents), seq_length, True), 1, seq_length
    )
    stream = [*rows[0]["input_ids"].tolist(), int(rows[0]["labels"][-1])]
    end = parts[0][-1]
    found, current = [], []
    for token in stream:
        current.append(token)
        if token == end:
            found.append(current)
            current = []
    check.that(not current, f"{WHO}, shuffled: the last document has no end of text; expected every one to have it")
    check.that(
        sorted(found) == sorted(parts),
        f"{WHO}, shuffled: the documents are not those of the file; expected each once, whole",
    )
    check.that(found != parts, f"{WHO}, shuffled: the documents are in the order of the file; expected one of chance")


@pytest.mark.parametrize(("count", "batch_size"), [(12, 4), (10, 4), (3, 8), (7, 1)])
def test_batches_in_order(drivers, check, count, batch_size):
    found = drivers.batches(*numbered(count, 5), batch_size, False)
    order = order_of(check, found, count, batch_size, 5)
    check.that(
        order == list(range(count)), f"{BATCHES} changed the order of rows; expected it to keep it unless it shuffles"
    )


def test_rows_are_shuffled_into_batches(drivers, check):
    """Neither the rows' order stays nor which of them are together: batches in another order are not enough."""
    found = drivers.batches(*numbered(50, 3), 8, True)
    order = order_of(check, found, 50, 8, 3)
    check.that(order != list(range(50)), f"{BATCHES}, shuffled, has the rows in order; expected one of chance")
    together = [order[start : start + 8] for start in range(0, 48, 8)]
    check.that(
        any(max(batch) - min(batch) >= 8 for batch in together),
        f"{BATCHES}, shuffled, has batches of rows that lie side by side; expected rows from anywhere",
    )


@pytest.mark.beyond_public_course
def test_every_pass_has_an_order_of_its_own(drivers, check):
    orders = [order_of(check, drivers.batches(*numbered(40, 2), 8, True), 40, 8, 2) for _ in range(2)]
    check.that(orders[0] != orders[1], f"{BATCHES}, shuffled twice, has the same order; expected another every time")
