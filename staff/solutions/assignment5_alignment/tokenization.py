"""Prompts and outputs as token ids, with a mask that says which labels are the output's."""

from typing import Any

import torch
from jaxtyping import Bool, Int
from torch import Tensor


def tokenize_prompt_and_output(
    prompt_strs: list[str], output_strs: list[str], tokenizer: Any
) -> dict[str, Int[Tensor, "batch length"] | Bool[Tensor, "batch length"]]:
    """Prompt and output of each row behind one another, padded on the right, and shifted by one for training.

    Prompt and output are tokenised apart from each other, neither with special tokens added. The rows, each the tokens of
    its prompt and then those of its output, are padded at the end to the longest one with `tokenizer.pad_token_id`, or with
    `tokenizer.eos_token_id` where there is no token for padding.

    Returns:
        "input_ids": the padded rows without their last column; "labels": without their first; "response_mask": True
        where the label at that place is a token of the output. Ids are int64.

    Raises:
        ValueError: there are not as many outputs as prompts.
    """
    if len(prompt_strs) != len(output_strs):
        raise ValueError(f"{len(prompt_strs)} prompts and {len(output_strs)} outputs; expected as many")
    prompts, outputs = (
        [tokenizer.encode(text, add_special_tokens=False) for text in texts] for texts in (prompt_strs, output_strs)
    )
    longest = max(len(prompt) + len(output) for prompt, output in zip(prompts, outputs, strict=True))
    padding = tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id

    ids = torch.full((len(prompts), longest), padding, dtype=torch.int64)
    mask = torch.zeros((len(prompts), longest), dtype=torch.bool)
    for row, (prompt, output) in enumerate(zip(prompts, outputs, strict=True)):
        end = len(prompt) + len(output)
        ids[row, :end] = torch.tensor(prompt + output, dtype=torch.int64)
        mask[row, len(prompt) : end] = True
    return {"input_ids": ids[:, :-1], "labels": ids[:, 1:], "response_mask": mask[:, 1:]}
