"""Near-duplicates among documents, by MinHash and locality-sensitive hashing.

Two documents are near-duplicates if the sets of their word n-grams have a Jaccard similarity of at least a threshold.
Comparing all pairs would take n² / 2 steps. MinHash (Broder 1997) makes a short signature of each set, of which two agree
in a share of places that is their similarity, on average; documents whose signatures agree in a whole band are
candidates (Indyk and Motwani 1998), and only candidates are compared.
"""

import functools
import hashlib
import itertools
import os
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import regex
from jaxtyping import UInt64

NOT_COMPARED = regex.compile(r"[\p{Mn}\p{P}]+")
SEED = 20
AT_ONCE = 2048
"""So many n-grams are hashed at a time: a long document takes no more memory than a short one."""


def normalise(text: str) -> str:
    """`text` as it is compared: in small letters, without accents, punctuation and superfluous space.

    Decomposed by Unicode's form NFD, characters of the category Mn (accents) and those whose category begins with P
    (punctuation, of all scripts) left out, runs of white space made one space, none at the ends.
    """
    return " ".join(NOT_COMPARED.sub("", unicodedata.normalize("NFD", text.lower())).split())


def word_ngrams(text: str, n: int) -> set[str]:
    """The runs of `n` words of a normalised text, each as one string; none where it has fewer than `n` words."""
    words = text.split()
    return {" ".join(words[start : start + n]) for start in range(len(words) - n + 1)}


def minhash_deduplication(
    input_files: list[os.PathLike],
    num_hashes: int,
    num_bands: int,
    ngrams: int,
    jaccard_threshold: float,
    output_directory: os.PathLike,
) -> None:
    """Copy one document of each cluster of near-duplicates to `output_directory`, byte for byte, under its own name.

    Documents are compared as `normalise` leaves them, by their sets of word n-grams of `ngrams` words. A signature has
    the minima of `num_hashes` hash functions; it is cut into `num_bands` bands of equal length. Candidates share at least
    one band; candidates whose Jaccard similarity is at least `jaccard_threshold` are near-duplicates, and so is who is linked
    to another by a chain of them. Which of a cluster is kept is yours to choose. A document without n-grams is nobody's
    duplicate. What is not kept has no output; the folder is made where it is missing.

    Raises:
        ValueError: the bands are not of equal length, or two files have the same name; nothing is written.
    """
    if num_bands < 1 or num_hashes % num_bands:
        raise ValueError(f"{num_hashes} hashes cannot be cut into {num_bands} bands of equal length")
    paths = [Path(path) for path in input_files]
    if len({path.name for path in paths}) < len(paths):
        raise ValueError("two input files have the same name, so one output would replace the other")

    keep = representatives(paths, num_hashes, num_bands, ngrams, jaccard_threshold)
    output = Path(output_directory)
    output.mkdir(parents=True, exist_ok=True)
    for place in keep:
        shutil.copyfile(paths[place], output / paths[place].name)


def representatives(
    paths: list[Path], num_hashes: int, num_bands: int, ngrams: int, jaccard_threshold: float
) -> list[int]:
    """The place of one document of each cluster, chosen at random, in order.

    What is held in memory is a number a band and document, and the n-grams of a few documents.
    """
    hashes = Hashes(num_hashes, num_bands, ngrams)
    clusters = Clusters(len(paths))
    seen: dict[bytes, int] = {}
    places, bands = [], []
    for place, path in enumerate(paths):
        text = read(path)
        keys = hashes.bands(text)
        if keys is None:
            continue
        # Pages come word for word by the thousand: one of them stands for all, or a bucket would hold millions of pairs.
        first = seen.setdefault(hashlib.blake2b(text.encode(), digest_size=16).digest(), place)
        clusters.join(first, place)
        if first == place:
            places.append(place)
            bands.append(keys)

    @functools.lru_cache(maxsize=256)
    def grams(place: int) -> set[str]:
        return word_ngrams(read(paths[place]), ngrams)

    for bucket in buckets(places, bands):
        for first, second in itertools.combinations(bucket, 2):
            if clusters.root(first) != clusters.root(second):  # else they are linked, whatever their similarity
                similarity = jaccard(grams(first), grams(second))
                if similarity >= jaccard_threshold:
                    clusters.join(first, second)
    rng = np.random.default_rng(SEED)
    return sorted(int(rng.choice(members)) for members in clusters.members())


def read(path: Path) -> str:
    """The normalised text of a file; bytes that are no UTF-8 become replacement characters."""
    return normalise(path.read_text(encoding="utf-8", errors="replace"))


def jaccard(first: set[str], second: set[str]) -> float:
    """The share of the members of either that both have."""
    both = len(first & second)
    return both / (len(first) + len(second) - both)


class Hashes:
    """Hash functions of n-grams, and what a document's minima under them are, band by band.

    Words have hashes of 64 bits; those of an n-gram and of a band are sums of products with odd random numbers, mod 2^64
    (multilinear hashing, Carter and Wegman 1979), and the functions differ in a factor and a summand.
    """

    def __init__(self, num_hashes: int, num_bands: int, ngrams: int) -> None:
        rng = np.random.default_rng(SEED)

        def odd(count: int) -> UInt64[np.ndarray, " count"]:
            return rng.integers(2**64, size=count, dtype=np.uint64) | np.uint64(1)

        self.factors, self.summands = odd(num_hashes), odd(num_hashes)
        self.by_word, self.by_place = odd(ngrams), odd(num_hashes // num_bands)
        self.num_bands = num_bands

    def bands(self, text: str) -> UInt64[np.ndarray, " bands"] | None:
        """A number for each band of the signature of a normalised text; None where it has no n-gram."""
        words = np.fromiter(map(word_hash, text.split()), dtype=np.uint64)
        count = len(words) - len(self.by_word) + 1
        if count < 1:
            return None
        grams = sum(factor * words[start : start + count] for start, factor in enumerate(self.by_word))
        signature = np.full(len(self.factors), 2**64 - 1, dtype=np.uint64)
        for start in range(0, count, AT_ONCE):
            # (hashes, n-grams), so that a minimum is taken along memory
            values = self.factors[:, None] * grams[start : start + AT_ONCE]
            values += self.summands[:, None]
            np.minimum(signature, values.min(axis=1), out=signature)
        return signature.reshape(self.num_bands, -1) @ self.by_place


@functools.lru_cache(maxsize=2**17)
def word_hash(word: str) -> int:
    """64 bits of a word that are the same in every process."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())


def buckets(places: list[int], bands: list[UInt64[np.ndarray, " bands"]]) -> Iterator[list[int]]:
    """The documents that share a band, for each value of each band that several have."""
    if not places:
        return
    names = np.array(places)
    for keys in np.stack(bands, axis=1):
        order = np.argsort(keys, kind="stable")
        # where another value begins; the first is made to differ from what stands before it
        starts = np.flatnonzero(np.diff(keys[order], prepend=~keys[order[:1]]))
        ends = np.append(starts[1:], len(order))
        for bucket in np.flatnonzero(ends - starts > 1):
            yield names[order[starts[bucket] : ends[bucket]]].tolist()


class Clusters:
    """Sets that are joined: every document points to another of its cluster, the root to itself."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def root(self, place: int) -> int:
        """The one that stands for the cluster of `place`."""
        while self._parents[place] != place:
            self._parents[place] = self._parents[self._parents[place]]
            place = self._parents[place]
        return place

    def join(self, first: int, second: int) -> None:
        """Make the clusters of both one."""
        self._parents[self.root(second)] = self.root(first)

    def members(self) -> list[list[int]]:
        """The clusters, each in order."""
        found: dict[int, list[int]] = {}
        for place in range(len(self._parents)):
            found.setdefault(self.root(place), []).append(place)
        return list(found.values())
