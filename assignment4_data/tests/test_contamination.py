"""Documents that share n words in a row with a benchmark: all of them, and none that shares fewer."""

import pytest

from assignment4_data.tests.similar_documents import Words
from assignment4_data.tests.text_variants import KINDS, OPEN_KINDS, variant

WHO = "run_contaminated_documents"


def check_found(check, found, expected, hint):
    """The indices, in order."""
    check.equal(found, expected, who=WHO, hint=hint)


def with_piece(words, piece, place):
    """A document of other words that has `piece` after `place` of them."""
    return " ".join([*words.take(place), *piece, *words.take(40 - place)])


def test_a_benchmark_by_hand(adapters, check):
    benchmark = ["Question: how many herons stand by the river?", "The answer is seven."]
    documents = [
        "They asked how many herons stand near the river.",
        "Everybody knows how many herons stand by the river, but nobody counts them.",
        "the answer, they said, is SEVEN",
        "I think the answer is seven!",
        "",
    ]
    check_found(check, adapters.run_contaminated_documents(documents, benchmark, 4), [0, 1, 3], "runs of four words")
    check_found(check, adapters.run_contaminated_documents(documents, benchmark, 6), [1], "runs of six words")
    check_found(check, adapters.run_contaminated_documents(documents, benchmark, 9), [], "runs of nine words")


@pytest.mark.parametrize("n", [1, 2, 5, 8, 13, 20])
def test_n_words_in_a_row_and_no_fewer(adapters, check, draw, n):
    words = Words(draw.rng)
    benchmark = [words.take(60) for _ in range(3)]
    documents, expected = [], []
    for place in range(12):
        text, start = benchmark[place % 3], draw.integer(0, 60 - n)
        length = n if place % 4 == 1 else n - 1
        documents.append(with_piece(words, text[start : start + length], draw.integer(0, 40)))
        expected += [place] if length == n else []
    found = adapters.run_contaminated_documents(documents, [" ".join(text) for text in benchmark], n)
    check_found(check, found, expected, f"documents share {n} or {n - 1} words in a row")


def test_thirteen_words_unless_said_otherwise(adapters, check, draw):
    words = Words(draw.rng)
    text = words.take(30)
    documents = [with_piece(words, text[4 : 4 + count], 7) for count in (12, 13, 14, 11)]
    check_found(check, adapters.run_contaminated_documents(documents, [" ".join(text)]), [1, 2], "n is 13 by default")


@pytest.mark.parametrize("place", [0, 1, 17, 39, 40])
def test_runs_are_found_wherever_they_stand(adapters, check, draw, place):
    words = Words(draw.rng)
    text = words.take(40)
    for start in (0, 1, 12, 26, 27):
        documents = [with_piece(words, text[start : start + 13], place)]
        found = adapters.run_contaminated_documents(documents, [" ".join(text)], 13)
        check_found(check, found, [0], "every run of words counts: the first, the last, and all between")


def test_words_must_be_in_a_row_and_in_order(adapters, check, draw):
    words = Words(draw.rng)
    text = words.take(30)
    scattered = [word for pair in zip(text, words.take(30), strict=True) for word in pair]
    documents = [" ".join(text[::-1]), " ".join(scattered), " ".join(text[:7] + words.take(1) + text[7:14])]
    check_found(check, adapters.run_contaminated_documents(documents, [" ".join(text)], 8), [], "a run is in order")


def test_a_run_lies_within_one_text_of_the_benchmark(adapters, check, draw):
    words = Words(draw.rng)
    first, second = words.take(20), words.take(20)
    documents = [with_piece(words, first[-6:] + second[:6], 10), with_piece(words, second[-6:] + first[:6], 10)]
    found = adapters.run_contaminated_documents(documents, [" ".join(first), " ".join(second)], 8)
    check_found(check, found, [], "the end of one text and the beginning of the next are no run of either")


def test_a_run_lies_within_one_document(adapters, check, draw):
    words = Words(draw.rng)
    text = words.take(20)
    documents = [" ".join(words.take(10) + text[:10]), " ".join(text[10:] + words.take(10))]
    found = adapters.run_contaminated_documents(documents, [" ".join(text)], 13)
    check_found(check, found, [], "the end of one document and the beginning of the next are no run of either")


def test_pieces_of_words_are_no_words(adapters, check, draw):
    text = [f"{word}s" for word in Words(draw.rng).take(8)]
    documents = [
        " ".join([*text[:7], text[7] + "ter"]),
        " ".join(["un" + text[0], *text[1:]]),
        " ".join([*text[:7], text[7][:-1]]),
        "".join(text),
    ]
    check_found(check, adapters.run_contaminated_documents(documents, [" ".join(text)], 8), [], "words are whole")


@pytest.mark.parametrize("kind", KINDS + OPEN_KINDS)
def test_ways_to_write_the_same_are_not_compared(adapters, check, draw, kind):
    words = Words(draw.rng)
    one, other = variant(kind, words.take(15))
    hint = f"document and benchmark differ in {kind} alone"
    for document, benchmark in ((one, other), (other, one)):
        documents = [" ".join(words.take(20)), f"Before {document} after", " ".join(words.take(20))]
        check_found(check, adapters.run_contaminated_documents(documents, [benchmark], 13), [1], hint)


def test_texts_shorter_than_a_run_have_none(adapters, check):
    documents = ["one two three", "one two three four", "", "one two three one two three", "zero one two three four"]
    found = adapters.run_contaminated_documents(documents, ["one two three", "", "two", "one two three four"], 4)
    check_found(check, found, [1, 4], "a text of fewer than n words has no run of n words, be it the whole of another")


@pytest.mark.parametrize(("documents", "benchmark"), [([], ["one two three"]), (["one two three"], []), ([], [])])
def test_without_documents_or_benchmark_nothing_is_found(adapters, check, documents, benchmark):
    check_found(check, adapters.run_contaminated_documents(documents, benchmark, 2), [], "there is nothing to compare")


def test_a_document_counts_once_and_in_order(adapters, check, draw):
    words = Words(draw.rng)
    text = " ".join(words.take(40))
    documents = [text, " ".join(words.take(40)), text + " " + text, text]
    found = adapters.run_contaminated_documents(documents, [text, text.upper()], 5)
    check_found(check, found, [0, 2, 3], "an index a document, in rising order")


@pytest.mark.parametrize("n", [0, -3])
def test_runs_of_no_words_are_refused(adapters, check, n):
    check.rejects(adapters.run_contaminated_documents, ["one two"], ["one two"], n, who=f"{WHO} with n = {n}")
