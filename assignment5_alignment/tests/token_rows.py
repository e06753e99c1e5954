"""What prompts and outputs become as rows of tokens: lists put together one by one, by the tokenizers' own library."""

from functools import cache

import pytest
import torch
from tokenizers import Tokenizer

from assignment5_alignment import models

WHO = "run_tokenize_prompt_and_output"
PADDING = {"tiny-qwen-like": "<|endoftext|>", "tiny-llama3-like": "<|end_of_text|>"}
TOKENIZERS = [pytest.param("tiny-llama3-like", marks=pytest.mark.beyond_public_course), "tiny-qwen-like"]
"""As a parameter of tests. The first adds a beginning of text unless it is told not to; the public course's adds none."""


@cache
def loaded(name):
    """The tokenizer `name`."""
    return Tokenizer.from_file(str(models.path(name) / "tokenizer.json"))


def tokens(name, text):
    """The ids of a text without special tokens."""
    return loaded(name).encode(text, add_special_tokens=False).ids


def known_rows(prompts, outputs, name, padding):
    """Input ids, labels and mask, as lists of lists would have them."""
    pad = loaded(name).token_to_id(padding)
    pairs = [(tokens(name, p), tokens(name, o)) for p, o in zip(prompts, outputs, strict=True)]
    longest = max(len(p) + len(o) for p, o in pairs)
    ids, mask = [], []
    for p, o in pairs:
        rest = longest - len(p) - len(o)
        ids.append([*p, *o, *[pad] * rest])
        mask.append([*[False] * len(p), *[True] * len(o), *[False] * rest])
    ids, mask = torch.tensor(ids), torch.tensor(mask)
    return {"input_ids": ids[:, :-1], "labels": ids[:, 1:], "response_mask": mask[:, 1:]}


def check_rows(drivers, check, prompts, outputs, name, hint="", padding=None):
    """The student's rows are the known ones; numbers will do in the mask, if they are 0 and 1."""
    found = drivers.tokenize(prompts, outputs, name, padding or PADDING[name])
    known = known_rows(prompts, outputs, name, padding or PADDING[name])
    for key in ("input_ids", "labels"):
        check.equal(found[key], known[key], who=f"{WHO}, {key},", hint=hint)
    mask, right = found["response_mask"], known["response_mask"]
    fits = isinstance(mask, torch.Tensor) and mask.shape == right.shape
    check.that(fits, f"{WHO} returned a response_mask that is no tensor {tuple(right.shape)}, one place for each label")
    wrong = int((mask.double() != right.double()).sum())
    check.that(
        wrong == 0,
        f"{WHO}: {wrong} of {right.numel()} places of response_mask are wrong; it goes with the labels. {hint}",
    )
