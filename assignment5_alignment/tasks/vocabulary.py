"""The tokens of the toy tasks: one a character, one a tag, and one that ends a text and fills rows.

So every text has exactly one sequence of ids, and what a policy has sampled is what is trained on. Not covered: other
characters than those below; they are an unknown token.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

END, UNKNOWN = "<|endoftext|>", "<|unknown|>"
TAGS = ("<think>", "</think>", "<answer>", "</answer>")
CHARACTERS = "0123456789+-=:,? abcdefghijklmnopqrstuvwxyz"
TOKENS = (END, UNKNOWN, *TAGS, *CHARACTERS)
_PIECE = r"</?(?:think|answer)>|[\s\S]"


def tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer of all toy tasks. It adds nothing by itself; its padding is the end of text, as in Qwen's."""
    from tokenizers import Regex, Tokenizer, decoders  # these and transformers take seconds to import
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split
    from transformers import PreTrainedTokenizerFast

    fast = Tokenizer(WordLevel({token: number for number, token in enumerate(TOKENS)}, unk_token=UNKNOWN))
    fast.pre_tokenizer = Split(Regex(_PIECE), behavior="isolated")
    fast.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=fast,
        eos_token=END,
        pad_token=END,
        unk_token=UNKNOWN,
        clean_up_tokenization_spaces=False,
    )


def ids_of(text: str) -> list[int]:
    """The ids of `text`, as the tokenizer has them, without a library."""
    return [TOKENS.index(piece) if piece in TOKENS else 1 for piece in re.findall(_PIECE, text)]
