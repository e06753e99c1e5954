"""Decoding with language models that are tables."""

from __future__ import annotations

import contextlib
from typing import Any

import torch
from torch import Tensor

from assignment1_basics import adapters
from assignment1_basics.drivers.construction import described


def samples(
    logits: Tensor, temperature: float, top_p: float, seed: int, count: int, global_seed: int | None = None
) -> list[int]:
    """Draw `count` tokens, one call each, with one generator; or, given `global_seed`, with none."""
    generator = None if global_seed is not None else torch.Generator().manual_seed(seed)
    torch.manual_seed(seed if global_seed is None else global_seed)
    return [adapters.run_sample_next(logits, temperature, top_p, generator) for _ in range(count)]


class _TableModel(torch.nn.Module):
    """A language model whose logits after a token are that token's row of `table`; it notes how it is used."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.table = torch.nn.Parameter(table)
        self.calls: list[list[int]] = []
        self.described: list[tuple[list[int], str, str]] = []
        self.modes: list[tuple[bool, bool]] = []

    def forward(self, token_ids: Tensor) -> Tensor:
        self.calls.append(token_ids.reshape(-1).tolist())
        self.described.append(described(token_ids))
        self.modes.append((self.training, torch.is_grad_enabled()))
        return self.table[token_ids]


def generate_from_table(
    table: Tensor,
    prompt: list[int],
    max_new_tokens: int,
    temperature: float = 1.0,
    top_p: float = 1.0,
    eos_token_id: int | None = None,
    context_length: int | None = None,
    seed: int = 0,
    global_seed: int = 0,
    with_generator: bool = True,
    training: bool = True,
    as_function: bool = False,
) -> dict[str, Any]:
    """Generate with a model whose logits are rows of `table` [vocab_size, vocab_size].

    Returns `tokens`, the result; `calls`, the ids of every call of the model, and `described`, their shape,
    dtype and device; `modes`, (training, grad enabled) in every call; `training` and `grad_enabled` after
    it, and `prompt` as it is then. `as_function` gives the model as a function that is no module.
    """
    model = _TableModel(table).train(training)
    torch.manual_seed(global_seed)
    given = list(prompt)
    tokens = adapters.run_generate(
        (lambda token_ids: model(token_ids)) if as_function else model,
        given,
        max_new_tokens,
        temperature,
        top_p,
        eos_token_id,
        context_length,
        torch.Generator().manual_seed(seed) if with_generator else None,
    )
    return {
        "tokens": tokens,
        "calls": model.calls,
        "described": model.described,
        "modes": model.modes,
        "training": model.training,
        "grad_enabled": torch.is_grad_enabled(),
        "prompt": given,
    }


def generate_twice_from_one_generator(
    table: Tensor, prompt: list[int], max_new_tokens: int, seed: int
) -> tuple[list[int], list[int]]:
    """Two continuations, one after the other, with the same generator."""
    generator, model = torch.Generator().manual_seed(seed), _TableModel(table)
    first, second = (
        adapters.run_generate(model, list(prompt), max_new_tokens, 1.0, 1.0, None, None, generator) for _ in range(2)
    )
    return first, second


def training_mode_after_a_failure(table: Tensor, prompt: list[int]) -> tuple[bool, bool]:
    """Generate with a model that raises in its third call: model.training and grad mode after that."""
    model = _TableModel(table).train()

    def fail(*_: Any) -> None:
        if len(model.calls) == 2:
            raise ArithmeticError("the model fails on purpose")

    model.register_forward_pre_hook(fail)
    with contextlib.suppress(ArithmeticError):
        adapters.run_generate(model, list(prompt), 5, 0.0, 1.0, None, None, None)
    return model.training, torch.is_grad_enabled()
