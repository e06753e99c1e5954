"""The two small tokenizers: byte-level BPE of 1024 ids, trained on the text beside this file.

They differ where the real ones do. `tiny-llama3-like` puts a mark of the beginning before every text, has no token for padding, and
keeps up to three digits together; `tiny-qwen-like` adds nothing, pads with its end-of-text, and takes digits one by one.
"""

from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

VOCABULARY = 1024

_WORDS = r" ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_PIECES = {"tiny-llama3-like": rf"\p{{N}}{{1,3}}|{_WORDS}", "tiny-qwen-like": rf"\p{{N}}|{_WORDS}"}

CONFIGS: dict[str, dict[str, Any]] = {
    "tiny-llama3-like": {"bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>"},
    "tiny-qwen-like": {"eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"},
}
"""The special tokens of each tokenizer, as `tokenizer_config.json` names them."""


def train(name: str) -> Tokenizer:
    """The tokenizer `name`; special tokens have the first ids."""
    text = (Path(__file__).parent / "texts" / "prose.txt").read_text("utf-8")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES[name]), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = list(dict.fromkeys(CONFIGS[name].values()))
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(text.splitlines(keepends=True), trainer)
    if "bos_token" in CONFIGS[name]:
        first = CONFIGS[name]["bos_token"]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{first} $A", pair=f"{first} $A $B", special_tokens=[(first, tokenizer.token_to_id(first))]
        )
    return tokenizer
