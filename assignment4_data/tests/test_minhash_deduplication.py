"""One of each cluster of near-duplicates is kept: similarity, n-grams, normalisation, bands, chains, files."""

from itertools import permutations

import pytest

from assignment4_data.tests.lsh_curve import check_curve
from assignment4_data.tests.similar_documents import WHO, Words, check_all_stay, check_one_each, files_of, kept
from assignment4_data.tests.text_variants import KINDS, OPEN_KINDS, variant

beyond = pytest.mark.beyond_public_course
# Of pairs of similarity 0.5 so many bands miss one in a hundred million.
FINDS_ALL = {"hashes": 128, "bands": 64}
SHARED_AND_OWN = {0.5: (40, 20), 0.75: (60, 10), 0.85: (68, 6), 0.95: (76, 2)}


def test_a_corpus_by_hand(drivers, check):
    files = {
        "a.txt": b"The heron waits by the river. Rain is expected in the evening, they say.\n",
        "b.txt": b"the  heron waits by the river; rain is expected in the evening they say",
        "c.txt": b"Bring flour, butter and sugar to the table, and leave the eggs where they are.\n",
    }
    left = kept(check, drivers, files, hashes=20, bands=10, ngrams=3, threshold=0.8)
    check.that("c.txt" in left, f"{WHO} left out a document that is like no other; expected it to stay")
    check.that(len(left) == 2, f"{WHO} kept {len(left)} of 3 documents, two of which have the same words; expected 2")


@pytest.mark.parametrize("similarity", SHARED_AND_OWN)
def test_pairs_above_the_threshold_are_duplicates(drivers, check, draw, similarity):
    words = Words(draw.rng)
    pairs = [words.pair(*SHARED_AND_OWN[similarity], 3) for _ in range(20)]
    reason = f"of Jaccard similarity {similarity}"
    check_one_each(check, drivers, pairs, reason, ngrams=3, threshold=similarity - 0.01, **FINDS_ALL)


@pytest.mark.parametrize("similarity", SHARED_AND_OWN)
def test_pairs_below_the_threshold_are_not(drivers, check, draw, similarity):
    words = Words(draw.rng)
    pairs = [words.pair(*SHARED_AND_OWN[similarity], 3) for _ in range(20)]
    reason = f"though no two have a Jaccard similarity above {similarity}"
    check_all_stay(check, drivers, pairs, reason, ngrams=3, threshold=similarity + 0.01, **FINDS_ALL)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("similarity", [0.5, 0.75])
def test_a_similarity_of_the_threshold_itself_is_enough(drivers, check, draw, similarity):
    pairs = [Words(draw.rng).pair(*SHARED_AND_OWN[similarity], 3)]
    reason = f"of Jaccard similarity {similarity}"
    check_one_each(check, drivers, pairs, reason, ngrams=3, threshold=similarity, **FINDS_ALL)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_ngrams_have_so_many_words(drivers, check, draw, n):
    """A changed word takes n n-grams with it, so similarity falls with n; thresholds stand on both sides of it."""
    words, length, changes = Words(draw.rng), 60, 3
    one = words.take(length)
    other = list(one)
    for place, word in zip((10, 28, 46), words.take(changes), strict=True):
        other[place] = word

    def similarity(n):
        grams = length - n + 1
        return (grams - changes * n) / (grams + changes * n)

    pair = [(" ".join(one), " ".join(other))]
    below, above = (similarity(n) + similarity(n + 1)) / 2, (similarity(n) + similarity(n - 1)) / 2
    reason = f"with {changes} of {length} words changed, compared by {n}-grams"
    check_one_each(check, drivers, pair, reason, ngrams=n, threshold=below, **FINDS_ALL)
    check_all_stay(check, drivers, pair, reason, ngrams=n, threshold=above, **FINDS_ALL)


def test_the_same_words_in_another_order_are_another_text(drivers, check, draw):
    one = Words(draw.rng).take(60)
    pair = [(" ".join(one), " ".join(one[::-1]))]
    check_all_stay(check, drivers, pair, "of the same words in reverse", ngrams=2, threshold=0.2, **FINDS_ALL)


def test_how_often_an_ngram_comes_does_not_count(drivers, check, draw):
    phrase = " ".join(Words(draw.rng).take(12))
    pair = [(" ".join([phrase] * 2), " ".join([phrase] * 20))]
    check_one_each(check, drivers, pair, "with equal sets of n-grams", ngrams=3, threshold=0.95, **FINDS_ALL)


def test_a_part_is_not_a_duplicate_of_the_whole(drivers, check, draw):
    words = Words(draw.rng).take(100)
    pair = [(" ".join(words[:50]), " ".join(words))]
    reason = "of which one is the first half of the other"
    check_all_stay(check, drivers, pair, reason, ngrams=2, threshold=0.6, **FINDS_ALL)


@pytest.mark.parametrize("kind", [*KINDS, *(pytest.param(kind, marks=beyond) for kind in OPEN_KINDS)])
def test_ways_to_write_the_same_are_not_compared(drivers, check, draw, kind):
    words = Words(draw.rng)
    pairs = [variant(kind, words.take(30)) for _ in range(3)]
    check_one_each(check, drivers, pairs, f"that differ in {kind} alone", ngrams=3, threshold=0.9, hashes=40, bands=20)


def test_numbers_and_other_scripts_are_words(drivers, check, draw):
    numbers = [" ".join(map(str, draw.integers(0, 10**6, 30).tolist())) for _ in range(3)]
    letters = "абвгдежзиклмнопрстуфхцчшщэюя", "αβγδεζηθικλμνξοπρστυφχψω", "אבגדהוזחטיכלמנסעפצקרשת"
    scripts = [" ".join("".join(draw.choice(some) for _ in range(6)) for _ in range(30)) for some in letters * 2]
    different = [(text,) for text in numbers + scripts]
    check_all_stay(check, drivers, different, "that are all different", ngrams=2, threshold=0.5, hashes=40, bands=20)
    same = [(text, text.replace(" ", ", ")) for text in numbers + scripts]
    check_one_each(check, drivers, same, "that differ in commas alone", ngrams=2, threshold=0.9, hashes=40, bands=20)


def test_a_chain_of_three_is_one_cluster_in_any_order(drivers, check, draw):
    """Neighbours have a similarity of 0.82, the ends 0.67."""
    words = Words(draw.rng)
    chains = [[words.chain(3, 60, 6, 3)] for _ in range(6)]
    ordered = [[chain[k] for k in order] for [chain], order in zip(chains, permutations(range(3)), strict=True)]
    check_one_each(check, drivers, ordered, "that are linked by a third", ngrams=3, threshold=0.75, **FINDS_ALL)


def test_long_chains_are_one_cluster(drivers, check, draw):
    words = Words(draw.rng)
    chains = [words.chain(9, 60, 6, 3) for _ in range(4)]
    ordered = [[chain[k] for k in draw.permutation(9).tolist()] for chain in chains]
    check_one_each(check, drivers, ordered, "that are linked one after another", ngrams=3, threshold=0.75, **FINDS_ALL)


def test_the_ends_of_a_broken_chain_are_two_clusters(drivers, check, draw):
    """Without its middle the halves of a chain are too far apart."""
    chain = Words(draw.rng).chain(7, 60, 6, 3)
    halves = [[chain[0], chain[2], chain[1]], [chain[5], chain[4], chain[6]]]
    check_one_each(check, drivers, halves, "that are linked to each other", ngrams=3, threshold=0.75, **FINDS_ALL)


def test_a_bucket_may_hold_more_than_one_cluster(drivers, check, draw):
    """All of the four share bands of one hash each; the first is like the third, the second like the fourth."""
    words = Words(draw.rng)
    start, left, right = words.take(51), words.take(20), words.take(20)
    one = [" ".join(start + left + words.take(2)) for _ in range(2)]
    other = [" ".join(start + right + words.take(2)) for _ in range(2)]
    for groups in ([one, other], [other[::-1], one]):
        check_one_each(check, drivers, groups, "in buckets with others", ngrams=2, threshold=0.85, hashes=64, bands=64)


def test_all_pairs_of_a_bucket_are_compared(drivers, check, draw):
    """Of each three the last two are near-duplicates, and with one hash half of their buckets hold the first, too.

    A similarity of 50/54 makes 56 pairs of 60 candidates, give or take 2; without those buckets they are 28, give or take 4.
    """
    words = Words(draw.rng)
    starts = [words.take(51) for _ in range(60)]
    files, names = files_of([[" ".join(start + words.take(more)) for more in (50, 2, 2)] for start in starts])
    left = kept(check, drivers, files, hashes=1, bands=1, ngrams=2, threshold=0.8)
    check.that(all(first in left for first, _, _ in names), f"{WHO} left out a document that is like no other")
    check.that(all(left & {second, third} for _, second, third in names), f"{WHO} left out both of a pair")
    check.that(
        len(left) <= 135, f"{WHO} found {180 - len(left)} of 60 pairs that share buckets with others; expected 56"
    )


@pytest.mark.parametrize("copies", [2, 3, 7, 40])
def test_one_of_many_copies_is_kept(drivers, check, draw, copies):
    words = Words(draw.rng)
    groups = [[" ".join(words.take(30))] * copies, [" ".join(words.take(30))], [" ".join(words.take(30))] * 2]
    check_one_each(check, drivers, groups, "that are the same", ngrams=5, threshold=0.8, hashes=20, bands=5)


def test_one_hash_a_band_finds_what_is_hardly_similar(drivers, check, draw):
    words = Words(draw.rng)
    pairs = [words.pair(20, 30, 2) for _ in range(20)]
    check_one_each(check, drivers, pairs, "of Jaccard similarity 0.25", ngrams=2, threshold=0.2, hashes=100, bands=100)


@pytest.mark.beyond_public_course
def test_one_band_finds_what_is_the_same_and_no_more(drivers, check, draw):
    words = Words(draw.rng)
    pairs = [words.pair(60, 10, 2) for _ in range(20)]
    reason = "of Jaccard similarity 0.75, of which one band of 100 hashes finds one in 10^12"
    check_all_stay(check, drivers, pairs, reason, ngrams=2, threshold=0.3, hashes=100, bands=1)
    same = [(one, one.upper()) for one, _ in pairs]
    check_one_each(check, drivers, same, "with the same n-grams", ngrams=2, threshold=0.3, hashes=100, bands=1)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(("hashes", "bands", "shared", "own"), [(20, 5, 20, 5), (12, 2, 24, 3), (9, 9, 8, 16)])
def test_pairs_are_found_as_often_as_bands_find_them(drivers, check, hashes, bands, shared, own):
    check_curve(check, drivers, shared, own, hashes=hashes, bands=bands, ngrams=2, seed=4)


def test_outputs_have_the_text_of_their_inputs(drivers, check, draw):
    words = Words(draw.rng)
    texts = ["  " + "\n".join(words.take(20)) + "\n\n", "É" + " ".join(words.take(20)), words.pair(9, 9, 2)[0].upper()]
    groups = [(text,) for text in texts] + [words.pair(60, 1, 2)]
    check_one_each(check, drivers, groups, "that are like no other, or like one", ngrams=2, threshold=0.8, **FINDS_ALL)


@pytest.mark.beyond_public_course
def test_outputs_are_copies_to_the_byte(drivers, check, draw):
    words = Words(draw.rng)
    texts = [
        "  " + "\r\n".join(words.take(20)) + "\r\n\r\n",
        "É" + " ".join(words.take(20)),
        "\ufeff" + words.pair(9, 9, 2)[0],
    ]
    groups = [(text,) for text in texts] + [words.pair(60, 1, 2)]
    check_one_each(check, drivers, groups, "that are like no other, or like one", ngrams=2, threshold=0.8, **FINDS_ALL)


@pytest.mark.beyond_public_course
def test_documents_without_ngrams_are_nobodys_duplicates(drivers, check):
    groups = [("", " \n", "...", "one", "One.", "one two three four", "One, two; three: four")]
    check_all_stay(check, drivers, groups, "of fewer than 5 words", ngrams=5, threshold=0.5, hashes=20, bands=10)


@pytest.mark.beyond_public_course
def test_bytes_that_are_no_text_do_not_stop_it(drivers, check, draw):
    texts = [" ".join(Words(draw.rng).take(30)).encode() for _ in range(1)]
    groups = [(texts[0] + b" \xff\xfe.", texts[0].upper() + b"\t\xff\xfe"), (b"\x80\x81 " * 10,)]
    check_one_each(check, drivers, groups, "with bytes that are no UTF-8", ngrams=2, threshold=0.8, **FINDS_ALL)


@pytest.mark.beyond_public_course
def test_the_output_folder_is_made(drivers, check):
    files, _ = files_of([("one two three four five six",)])
    left = kept(check, drivers, files, ngrams=2, threshold=0.8, hashes=20, bands=10, output_exists=False)
    check.that(len(left) == 1, f"{WHO} kept {len(left)} of 1 document; expected 1")


@pytest.mark.beyond_public_course
def test_bands_of_unequal_length_are_refused(drivers, check):
    files = {"a.txt": b"one two three"}
    check.rejects(drivers.minhash_deduplication, files, 20, 3, 2, 0.8, True, who=f"{WHO} of 20 hashes in 3 bands")


@pytest.mark.beyond_public_course
def test_files_of_the_same_name_are_refused(drivers, check):
    files = {"monday/page.txt": b"one two three", "tuesday/page.txt": b"four five six"}
    check.rejects(drivers.minhash_deduplication, files, 20, 5, 2, 0.8, True, who=f"{WHO} of two files named page.txt")
