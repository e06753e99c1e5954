"""The reference's `encode_file` on two cores against single-threaded `tiktoken`: a file of 10 MB to an array of ids.

Ours reads and encodes block by block in constant memory; its processes are started for each file anew, and know no word
yet. `tiktoken` takes the whole text and gives an array (`encode_to_numpy`). With one core there is nothing to gain.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tiktoken

from benchmarks.comparison import Comparison, by_turns, cost_of
from benchmarks.corpus import KINDS, story_file
from benchmarks.tiktoken_peer import trained_on

PROCESSES = 2


def compare(folder: Path, quick: bool) -> list[Comparison]:
    """One comparison for each kind of corpus."""
    characters, vocab_size, repetitions = (200_000, 1_000, 2) if quick else (10_000_000, 8_192, 5)
    found = []
    for kind in KINDS:
        path = story_file(folder, characters, kind)
        vocabulary = trained_on(story_file(folder, characters // 2, kind), vocab_size)
        ours, peer = partial(_ours, vocabulary.ours(), path), partial(_peer, vocabulary.peer(), path)
        if not np.array_equal(ours(), peer()):
            raise ValueError(f"{path.name}: encode_file gives other ids than tiktoken; expected the same work of both")
        costs = by_turns(partial(cost_of, ours), partial(cost_of, peer), repetitions)
        work = f"encode a file of {kind} stories, {characters / 1e6:g} MB"
        found.append(
            Comparison(work, f"`encode_file`, {PROCESSES} processes", "`tiktoken`, 1 thread", "wall", 1.0, None, *costs)
        )
    return found


def _ours(tokenizer: Any, path: Path) -> "np.ndarray[Any, Any]":
    return np.concatenate(list(tokenizer.encode_file(path, processes=PROCESSES)))


def _peer(encoding: tiktoken.Encoding, path: Path) -> "np.ndarray[Any, Any]":
    return encoding.encode_to_numpy(path.read_text(encoding="utf-8"), allowed_special="all")
