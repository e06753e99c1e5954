"""Prompts and outputs through the small tokenizers, which cannot travel."""

from __future__ import annotations

from typing import Any

from assignment5_alignment import adapters, models


def tokenize(prompts: list[str], outputs: list[str], tokenizer: str, pad_token: str | None = None) -> dict[str, Any]:
    """`run_tokenize_prompt_and_output` with the small tokenizer of this name, and another token for padding if one is named.

    Returns:
        "input_ids", "labels" and "response_mask", as they were returned, and "keys", all keys that there were.
    """
    chosen = models.tokenizer(tokenizer)
    if pad_token is not None:
        chosen.pad_token = pad_token
    found = adapters.run_tokenize_prompt_and_output(prompts, outputs, chosen)
    if not isinstance(found, dict):
        raise TypeError(f"run_tokenize_prompt_and_output returned {type(found).__name__}; expected a dict")
    names = ("input_ids", "labels", "response_mask")
    return {name: found[name] for name in names if name in found} | {"keys": sorted(map(str, found))}
