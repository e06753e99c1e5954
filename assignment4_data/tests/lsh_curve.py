"""Whether pairs of similarity s are found as often as bands find them: with probability 1 - (1 - s^r)^b.

Seeds are fixed, so that a hand-in with fixed hash functions fares the same every time. One whose hash functions are
different each time is outside of four standard deviations once in 16,000 times; another corpus decides then.
"""

import math

import numpy as np

from assignment4_data.tests.similar_documents import WHO, Words, candidates_of

PAIRS = 300
SIGMAS = 4


def check_curve(check, drivers, shared, own, *, hashes, bands, ngrams, seed):
    """Count candidates among 300 pairs, and among 300 others if the first count is far off."""
    s = shared / (shared + 2 * own)
    P = 1 - (1 - s ** (hashes // bands)) ** bands
    sigma = math.sqrt(PAIRS * P * (1 - P))
    for corpus in (seed, seed + 1000):
        words = Words(np.random.default_rng(corpus))
        count = candidates_of(check, drivers, words, PAIRS, shared, own, hashes=hashes, bands=bands, ngrams=ngrams)
        if abs(count - PAIRS * P) <= SIGMAS * sigma:
            return
    raise AssertionError(
        f"{WHO} with {hashes} hashes in {bands} bands found {count} of {PAIRS} pairs of Jaccard similarity {s:.3g}; "
        f"expected {PAIRS * P:.0f}, give or take {SIGMAS * sigma:.0f}: as many as share a band, no more and no fewer"
    )
