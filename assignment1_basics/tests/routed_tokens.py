"""A mixture of experts, one token and one expert at a time, in float64: the expected values of the tests.

Inputs are drawn until no rounding decides which expert is chosen. No worker ever sees this file.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from assignment1_basics.tests import float64_reference as reference

CLEAR = 1e-3
"""Probabilities that differ by this much in float64 have the same order in float32."""


def layer(
    draw: Any, d_model: int = 8, d_ff: int = 20, num_experts: int = 4, top_k: int = 2, capacity_factor: Any = None
) -> dict[str, Any]:
    """The arguments of run_mixture_of_experts but the input."""
    weights = {"router.weight": draw.normal(num_experts, d_model)}
    for expert in range(num_experts):
        for name, rows, columns in (("w1", d_ff, d_model), ("w2", d_model, d_ff), ("w3", d_ff, d_model)):
            weights[f"experts.{expert}.{name}.weight"] = draw.normal(rows, columns, scale=columns**-0.5)
    return {
        "d_model": d_model,
        "d_ff": d_ff,
        "num_experts": num_experts,
        "top_k": top_k,
        "capacity_factor": capacity_factor,
        "weights": weights,
    }


def clear_logits(draw: Any, tokens: int, experts: int) -> Tensor:
    """Router logits of which every row is in a clear order."""
    return torch.stack([draw.permutation(experts) * 0.7 + draw.uniform(experts, high=0.3) for _ in range(tokens)])


def clear_input(draw: Any, arguments: dict[str, Any], *shape: int) -> Tensor:
    """Tokens [*shape, d_model] whose probabilities all differ clearly."""
    rows: list[Tensor] = []
    while len(rows) < math.prod(shape):
        row = draw.normal(arguments["d_model"])
        ordered = probabilities(router_logits(arguments, row)).sort().values
        if float(ordered.diff().min()) > CLEAR:
            rows.append(row)
    return torch.stack(rows).reshape(*shape, arguments["d_model"])


def router_logits(arguments: dict[str, Any], x: Tensor) -> Tensor:
    return reference.linear(arguments["weights"]["router.weight"], x)


def probabilities(logits: Tensor) -> Tensor:
    return logits.double().softmax(-1)


def choices(logits: Tensor, top_k: int) -> Tensor:
    """[tokens, top_k] ids, the likeliest first."""
    return logits.double().argsort(dim=-1, descending=True)[:, :top_k].contiguous()


def gates(logits: Tensor, chosen: Tensor) -> Tensor:
    picked = probabilities(logits).gather(-1, chosen)
    return picked / picked.sum(-1, keepdim=True)


def loss(logits: Tensor, chosen: Tensor) -> Tensor:
    """E * sum of f_e * P_e, where f counts choices and P is the mean probability."""
    experts = logits.shape[-1]
    counts = [int((chosen == expert).sum()) for expert in range(experts)]
    means = probabilities(logits).mean(0)
    return sum(
        (experts * count / chosen.numel() * means[e] for e, count in enumerate(counts)), torch.zeros(()).double()
    )


def kept(chosen: Tensor, experts: int, capacity: int | None) -> Tensor:
    """[tokens, top_k]: whether the expert takes the token. First choices first, then in the order of tokens."""
    taken, room = torch.zeros_like(chosen, dtype=torch.bool), [capacity] * experts
    for choice in range(chosen.shape[1]):
        for token, expert in enumerate(chosen[:, choice].tolist()):
            left = room[expert]
            if left is None or left > 0:
                taken[token, choice] = True
                room[expert] = None if left is None else left - 1
    return taken


def mixture(arguments: dict[str, Any], x: Tensor) -> tuple[Tensor, Tensor]:
    """Output and loss; differentiable by `x` and by the weights where these require it."""
    weights, experts = arguments["weights"], arguments["num_experts"]
    tokens = x.double().reshape(-1, arguments["d_model"])
    logits = router_logits(arguments, tokens)
    chosen = choices(logits.detach(), arguments["top_k"])
    factor = arguments["capacity_factor"]
    capacity = None if factor is None else math.ceil(factor * chosen.numel() / experts)
    taken, weight = kept(chosen, experts, capacity), gates(logits, chosen)
    each = [
        reference.swiglu(*(weights[f"experts.{expert}.w{i}.weight"] for i in (1, 2, 3)), tokens)
        for expert in range(experts)
    ]
    rows = [
        sum(
            (weight[t, c] * each[int(chosen[t, c])][t] for c in range(chosen.shape[1]) if taken[t, c]),
            torch.zeros(arguments["d_model"]).double(),
        )
        for t in range(len(tokens))
    ]
    return torch.stack(rows).reshape(x.shape), loss(logits, chosen)


def expert_rows(products: list[tuple[list[int], list[int]]], d_model: int, d_ff: int) -> float:
    """How many tokens the experts' matrix products come to: 3 products of d_model * d_ff a token."""
    multiplications = 0
    for left, right in products:
        if d_ff in left or d_ff in right:
            multiplications += math.prod(left) * (right[-1] if len(right) > 1 else 1)
    return multiplications / (3 * d_model * d_ff)
