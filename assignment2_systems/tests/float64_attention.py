"""Attention with all its scores at once, in float64: what the tiled one must agree with."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def scores(q: Tensor, k: Tensor, is_causal: bool) -> Tensor:
    """q k^T / sqrt(d) in float64, and -inf where the key's index is larger than the query's, if causal."""
    found = q.double() @ k.double().mT / math.sqrt(q.shape[-1])
    if is_causal:
        later = torch.ones(found.shape[-2:], dtype=torch.bool).triu(1)
        found = found.masked_fill(later, -math.inf)
    return found


def attention(q: Tensor, k: Tensor, v: Tensor, is_causal: bool) -> Tensor:
    return torch.softmax(scores(q, k, is_causal), dim=-1) @ v.double()


def log_sum_exp(q: Tensor, k: Tensor, is_causal: bool) -> Tensor:
    return torch.logsumexp(scores(q, k, is_causal), dim=-1)


def gradients(q: Tensor, k: Tensor, v: Tensor, is_causal: bool, cotangent: Tensor) -> list[Tensor]:
    """The gradients of sum(output * cotangent) by q, k and v, which may be broadcast against each other."""
    leaves = [tensor.double().requires_grad_() for tensor in (q, k, v)]
    total = (attention(*leaves, is_causal) * cotangent.double()).sum()
    return list(torch.autograd.grad(total, leaves))


def relative_error(actual: Tensor, expected: Tensor) -> float:
    """The root mean square of the errors, relative to that of the expected values."""
    return float((actual.double() - expected.double()).norm() / expected.double().norm())
