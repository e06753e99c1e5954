"""The reference's `train_bpe` against the trainer of `tokenizers`: one generated corpus of 5 MB, one size of vocabulary.

Both read the file and use all cores, ours by processes, `tokenizers` by threads of Rust.
"""

from functools import partial
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from assignment1_basics.bpe import train_bpe
from benchmarks.comparison import Comparison, by_turns, cost_of
from benchmarks.corpus import KINDS, SPECIAL_TOKENS, story_file


def compare(folder: Path, quick: bool) -> list[Comparison]:
    """One comparison for each kind of corpus."""
    characters, vocab_size, repetitions = (100_000, 1_000, 2) if quick else (5_000_000, 8_192, 5)
    found = []
    for kind in KINDS:
        path = story_file(folder, characters, kind)
        costs = by_turns(
            partial(cost_of, partial(_ours, path, vocab_size)),
            partial(cost_of, partial(_peer, path, vocab_size)),
            repetitions,
        )
        work = f"train {vocab_size} tokens, {kind} stories of {characters / 1e6:g} MB"
        found.append(Comparison(work, "`train_bpe`", "`tokenizers`", "wall", 3.0, 2.0, *costs))
    return found


def _ours(path: Path, vocab_size: int) -> None:
    vocab, _ = train_bpe(path, vocab_size, SPECIAL_TOKENS)
    _check("train_bpe", len(vocab), vocab_size)


def _peer(path: Path, vocab_size: int) -> None:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=SPECIAL_TOKENS, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train([str(path)], trainer)
    _check("tokenizers", tokenizer.get_vocab_size(), vocab_size)


def _check(who: str, size: int, expected: int) -> None:
    if size != expected:
        raise ValueError(f"{who} learned {size} tokens; expected {expected}, or the work is not the same")
