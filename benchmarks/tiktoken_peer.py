"""The reference's tokenizer and `tiktoken`'s, made from one vocabulary, so that they give the same ids."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tiktoken

from assignment1_basics.bpe import train_bpe
from assignment1_basics.tests.bpe_oracle import PRETOKEN
from assignment1_basics.tokenizer import Tokenizer
from benchmarks.corpus import SPECIAL_TOKENS


@dataclass(frozen=True)
class Vocabulary:
    """What both tokenizers are made from."""

    vocab: dict[int, bytes]
    merges: list[tuple[bytes, bytes]]

    def ours(self) -> Any:
        """The reference's tokenizer, with nothing in its cache. (Any: the stub has not all of its methods.)"""
        return Tokenizer(self.vocab, self.merges, SPECIAL_TOKENS)

    def peer(self) -> tiktoken.Encoding:
        """The same vocabulary in `tiktoken`: the order of the ids is that of the merges."""
        special = {token.encode() for token in SPECIAL_TOKENS}
        return tiktoken.Encoding(
            "benchmark",
            pat_str=PRETOKEN.pattern,
            mergeable_ranks={token: number for number, token in self.vocab.items() if token not in special},
            special_tokens={token.decode(): number for number, token in self.vocab.items() if token in special},
        )


def trained_on(path: Path, vocab_size: int) -> Vocabulary:
    """A vocabulary of the text in a file; both tokenizers encode it alike.

    Raises:
        ValueError: they do not, so there is nothing to compare.
    """
    found = Vocabulary(*train_bpe(path, vocab_size, SPECIAL_TOKENS))
    text = path.read_text(encoding="utf-8")[:100_000]
    if found.ours().encode(text) != found.peer().encode(text, allowed_special="all"):
        raise ValueError(f"{path.name}: the two tokenizers give different ids; expected the same work of both")
    return found
