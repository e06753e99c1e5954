"""Documents to deduplicate: words as frequent as those of a language, and some documents that are others, slightly changed.

Every seventh or so is a near-duplicate of an earlier one: one to four of its words are others, which leaves a Jaccard
similarity of 5-grams between 0.83 and 0.97. Everything else has none worth speaking of, so whoever compares candidates
with a threshold of 0.8 finds the same pairs, whatever the hash functions.
"""

from pathlib import Path

import numpy as np

SEED = 336
LEXICON = 30_000
SHARE_OF_DUPLICATES = 0.15


def folder_of_documents(folder: Path, count: int) -> list[Path]:
    """The paths of `count` files, made once a run and kept in its folder."""
    place = folder / f"documents_{count}"
    paths = [place / f"{number:06}.txt" for number in range(count)]
    if not place.is_dir():
        place.mkdir()
        rng = np.random.default_rng(SEED)
        lexicon = np.array(
            ["".join(rng.choice(list("aeioustnrlhdcm"), length)) for length in rng.integers(2, 11, LEXICON)]
        )
        cumulative = np.cumsum(1 / np.arange(10, LEXICON + 10))
        cumulative /= cumulative[-1]
        written: list[np.ndarray] = []
        for path in paths:
            words = _document(rng, cumulative, written)
            written.append(words)
            path.write_text(" ".join(lexicon[words]).capitalize() + ".\n", encoding="utf-8")
    return paths


def _document(rng: np.random.Generator, cumulative: np.ndarray, written: list[np.ndarray]) -> np.ndarray:
    """The words of a document, as places in the lexicon."""
    if written and rng.random() < SHARE_OF_DUPLICATES:
        words = written[rng.integers(len(written))].copy()
        for part in np.array_split(np.arange(len(words)), rng.integers(1, 5)):
            words[rng.choice(part)] = rng.integers(LEXICON)
        return words
    return np.searchsorted(cumulative, rng.random(rng.integers(220, 420))).astype(np.int32)
