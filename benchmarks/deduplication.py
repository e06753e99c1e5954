"""The reference's MinHash deduplication against `datasketch` and `rensa`: from files to the clusters of near-duplicates.

All sides read the same files, normalise them by the same function, take 128 hashes in 32 bands over 5-grams of words, hold
every candidate's Jaccard similarity against 0.8, computed by the same function, and join what is linked. What differs is
whose signatures and buckets they are. Of each cluster one document is drawn, by the same generator on all sides: the drawn
ones must be the same, or the run fails.
"""

from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
from datasketch import MinHash, MinHashLSH
from rensa import RMinHash, RMinHashLSH

from assignment4_data import minhash
from benchmarks.comparison import Comparison, by_turns, cost_of
from benchmarks.web_documents import folder_of_documents

HASHES, BANDS, NGRAMS, THRESHOLD = 128, 32, 5, 0.8
SEED = 42

Candidates = Callable[[int, set[str]], Iterable[int]]
"""Earlier documents that share a band with document number so-and-so, which has these n-grams, and is remembered."""


def compare(folder: Path, quick: bool) -> list[Comparison]:
    """One comparison for each of the peers."""
    count, repetitions = (1_000, 2) if quick else (50_000, 3)
    paths = folder_of_documents(folder, count)
    kept = _ours(paths)
    found = []
    for name, peer, goal in (("datasketch", _datasketch, 1.0), ("rensa", _rensa, 2.0)):
        costs = by_turns(
            partial(cost_of, partial(_check, _ours, paths, kept)),
            partial(cost_of, partial(_check, partial(_peers, peer), paths, kept)),
            repetitions,
        )
        work = f"find clusters among {count} documents, {count - len(kept)} of them duplicates"
        found.append(Comparison(work, "`representatives`", f"`{name}` {version(name)}", "cpu", goal, None, *costs))
    return found


def _check(representatives: Callable[[list[Path]], list[int]], paths: list[Path], expected: list[int]) -> None:
    found = representatives(paths)
    if found != expected:
        raise ValueError(
            f"other clusters were found, {len(found)} of them; expected the same {len(expected)} on all sides"
        )


def _ours(paths: list[Path]) -> list[int]:
    return minhash.representatives(paths, HASHES, BANDS, NGRAMS, THRESHOLD)


def _peers(peer: Callable[[], Candidates], paths: list[Path]) -> list[int]:
    candidates, clusters = peer(), minhash.Clusters(len(paths))
    for place, path in enumerate(paths):
        grams = minhash.word_ngrams(minhash.read(path), NGRAMS)
        for other in candidates(place, grams):
            theirs = minhash.word_ngrams(minhash.read(paths[other]), NGRAMS)
            if minhash.jaccard(grams, theirs) >= THRESHOLD:
                clusters.join(other, place)
    rng = np.random.default_rng(minhash.SEED)
    return sorted(int(rng.choice(members)) for members in clusters.members())


def _datasketch() -> Candidates:
    index = MinHashLSH(num_perm=HASHES, params=(BANDS, HASHES // BANDS))

    def candidates(place: int, grams: set[str]) -> Iterable[int]:
        signature = MinHash(num_perm=HASHES)
        signature.update_batch([gram.encode() for gram in grams])
        earlier = index.query(signature)
        index.insert(place, signature)
        return earlier

    return candidates


def _rensa() -> Candidates:
    index = RMinHashLSH(THRESHOLD, HASHES, BANDS)

    def candidates(place: int, grams: set[str]) -> Iterable[int]:
        signature = RMinHash(HASHES, seed=SEED)
        signature.update(grams)
        earlier = index.query(signature)
        index.insert(place, signature)
        return earlier

    return candidates
