"""Other similarities, other bands, and corpora in which clusters and single documents are mixed."""

import pytest

from assignment4_data.tests.lsh_curve import check_curve
from assignment4_data.tests.similar_documents import Words, check_all_stay, check_one_each
from assignment4_data.tests.text_variants import KINDS, OPEN_KINDS, variant

beyond = pytest.mark.beyond_public_course


@pytest.mark.parametrize(("shared", "own", "n"), [(30, 12, 1), (45, 4, 2), (90, 8, 4), (120, 2, 5)])
def test_thresholds_on_both_sides_of_a_similarity(drivers, check, draw, shared, own, n):
    words, similarity = Words(draw.rng), shared / (shared + 2 * own)
    pairs = [words.pair(shared, own, n) for _ in range(15)]
    common = {"ngrams": n, "hashes": 128, "bands": 64}
    reason = f"of Jaccard similarity {similarity:.3f}"
    check_one_each(check, drivers, pairs, reason, threshold=similarity - 0.004, **common)
    check_all_stay(check, drivers, pairs, reason, threshold=similarity + 0.004, **common)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    ("hashes", "bands", "shared", "own", "n"),
    [(24, 4, 27, 3, 3), (5, 1, 34, 3, 2), (16, 16, 2, 19, 1), (60, 5, 60, 3, 2)],
)
def test_pairs_are_found_as_often_as_bands_find_them(drivers, check, hashes, bands, shared, own, n):
    check_curve(check, drivers, shared, own, hashes=hashes, bands=bands, ngrams=n, seed=11)


def test_clusters_of_all_shapes_among_single_documents(drivers, check, draw):
    words = Words(draw.rng)
    groups = [[" ".join(words.take(40))] for _ in range(25)]
    groups += [words.pair(57, 2, 3) for _ in range(10)]
    for links in (3, 4, 6):
        chain = words.chain(links, 60, 5, 3)
        groups.append([chain[k] for k in draw.permutation(links).tolist()])
    centre = words.take(62)
    groups.append([" ".join(centre), *(" ".join(centre + words.take(7)) for _ in range(5))])  # like the centre alone
    groups = [groups[k] for k in draw.permutation(len(groups)).tolist()]
    check_one_each(check, drivers, groups, "of a cluster", ngrams=3, threshold=0.82, hashes=120, bands=60)


@pytest.mark.parametrize("kind", [*KINDS, *(pytest.param(kind, marks=beyond) for kind in OPEN_KINDS)])
def test_written_differently_and_nearly_the_same(drivers, check, draw, kind):
    words = Words(draw.rng)
    pairs = []
    for _ in range(4):
        one, other = variant(kind, words.take(60))
        pairs.append((one, other + " " + " ".join(words.take(2))))
    check_one_each(check, drivers, pairs, f"that differ in {kind} and two words", ngrams=2, threshold=0.9,
                   hashes=60, bands=30)  # fmt: skip


def test_a_long_document_is_like_its_copy(drivers, check, draw):
    words = Words(draw.rng).take(20_000)
    pair = (" ".join(words), " ".join(words[:9_000] + words[9_100:]).upper())
    check_one_each(check, drivers, [pair], "of 20,000 words, a hundred left out", ngrams=5, threshold=0.98,
                   hashes=20, bands=10)  # fmt: skip
