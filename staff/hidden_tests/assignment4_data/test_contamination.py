"""A larger benchmark and many documents; runs that lie across others; numbers and other scripts."""

import pytest

from assignment4_data.tests.similar_documents import Words

WHO = "run_contaminated_documents"


@pytest.mark.parametrize("n", [3, 13])
def test_many_documents_against_a_large_benchmark(adapters, check, draw, n):
    """30,000 runs on either side: hashes of 24 bits and fewer would call clean documents contaminated."""
    words = Words(draw.rng)
    lexicon = words.take(50_000)
    benchmark = [" ".join(lexicon[k] for k in draw.integers(0, 25_000, 300).tolist()) for _ in range(100)]
    documents, expected = [], []
    for place in range(100):
        text = [lexicon[k] for k in draw.integers(25_000, 50_000, 300).tolist()]
        if draw.number(0, 1) < 0.3:
            start, at = draw.integer(0, 300 - n), draw.integer(0, 300 - n)
            text[at : at + n] = benchmark[draw.integer(0, 100)].split()[start : start + n]
            expected.append(place)
        documents.append(" ".join(text))
    found = adapters.run_contaminated_documents(documents, benchmark, n)
    check.equal(found, expected, who=WHO, hint="documents that share a run of words, and no others")


def test_repeated_words_do_not_hide_a_run(adapters, check):
    documents = ["a a a a b", "a b a b a b", "a a b a", "b b b a a a"]
    found = adapters.run_contaminated_documents(documents, ["a a a b"], 4)
    check.equal(found, [0], who=WHO, hint="every run of a document is looked at, overlapping ones, too")


def test_the_benchmark_may_be_longer_than_the_document(adapters, check, draw):
    words = Words(draw.rng)
    text = words.take(500)
    documents = [" ".join(text[100:113]), " ".join(text[487:]), " ".join(text[:13]), " ".join(text[300:312])]
    found = adapters.run_contaminated_documents(documents, [" ".join(text)])
    check.equal(found, [0, 1, 2], who=WHO, hint="runs of 13 words from anywhere in the benchmark")


def test_numbers_and_other_scripts_are_words(adapters, check):
    benchmark = ["1 2 3 4 5", "раз два три четыре пять", "ένα δύο τρία τέσσερα πέντε"]
    documents = [
        "0 1 2 3 9",
        "0 1 2 3 4 9",
        "два, три, ЧЕТЫРЕ, пять!",
        "два три пять четыре",
        "δυο τρια τεσσερα πεντε",
        "ab",
    ]
    found = adapters.run_contaminated_documents(documents, benchmark, 4)
    check.equal(found, [1, 2, 4], who=WHO, hint="words are words in every script")
