"""The reference's `encode` against `tiktoken.Encoding.encode`, with the same pattern and ranks: 5 MB in one call, one core.

Cold: the tokenizer is new and has met no word yet. Warm: it has encoded the text before, and knows its words still;
`tiktoken` keeps nothing between calls. The fewer words come again, the more a cold start costs Python.
"""

from functools import partial
from pathlib import Path

import tiktoken

from benchmarks.comparison import Comparison, Cost, by_turns, cost_of
from benchmarks.corpus import KINDS, story_file
from benchmarks.tiktoken_peer import Vocabulary, trained_on


def compare(folder: Path, quick: bool) -> list[Comparison]:
    """A cold and a warm comparison for each kind of corpus."""
    characters, vocab_size, repetitions = (200_000, 1_000, 2) if quick else (5_000_000, 8_192, 9)
    found = []
    for kind in KINDS:
        path = story_file(folder, characters, kind)
        text = path.read_text(encoding="utf-8")
        vocabulary = trained_on(path, vocab_size)
        peer = partial(_peer, vocabulary.peer(), text)
        warm_tokenizer = vocabulary.ours()
        warm_tokenizer.encode(text)
        for state, ours in (
            ("cold", partial(_cold, vocabulary, text)),
            ("warm", partial(cost_of, partial(warm_tokenizer.encode, text))),
        ):
            work = f"encode {kind} stories of {characters / 1e6:g} MB, {state} cache"
            costs = by_turns(ours, peer, repetitions)
            found.append(Comparison(work, "`Tokenizer.encode`", "`tiktoken`", "cpu", 2.0, 1.5, *costs))
    return found


def _cold(vocabulary: Vocabulary, text: str) -> Cost:
    tokenizer = vocabulary.ours()
    return cost_of(partial(tokenizer.encode, text))


def _peer(encoding: tiktoken.Encoding, text: str) -> Cost:
    return cost_of(partial(encoding.encode, text, allowed_special="all"))
