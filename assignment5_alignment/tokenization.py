"""Prompts and outputs as token ids, with a mask that says which labels are the output's."""

from typing import Any

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
    raise NotImplementedError(
        "tokenize_prompt_and_output: write tokenize_prompt_and_output in assignment5_alignment/tokenization.py"
    )
