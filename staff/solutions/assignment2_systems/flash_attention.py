"""FlashAttention in PyTorch: exact attention by tiles, so that no matrix of all scores is ever made."""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

QUERY_TILE = 64
KEY_TILE = 64


class FlashAttention(torch.autograd.Function):
    """softmax(q k^T / sqrt(d)) v with a running softmax (Dao 2023, algorithms 1 and 2)."""

    @staticmethod
    def forward(
        ctx: Any,
        q: Float[Tensor, "... queries d"],
        k: Float[Tensor, "... keys d"],
        v: Float[Tensor, "... keys d"],
        is_causal: bool = False,
    ) -> Float[Tensor, "... queries d"]:
        """Attention of every query to all keys, or to keys 0 … i for query i."""
        output = q.new_empty(q.shape)
        log_sum_exp = q.new_empty(q.shape[:-1], dtype=wide(q.dtype))
        for rows in tiles(q.shape[-2], QUERY_TILE):
            query = q[..., rows, :].to(log_sum_exp.dtype)
            numerator = torch.zeros_like(query)
            denominator = torch.zeros_like(query[..., 0])
            maximum = torch.full_like(denominator, -math.inf)
            for columns in tiles(keys_seen(k.shape[-2], rows, is_causal), KEY_TILE):
                key, value = (t[..., columns, :].to(query.dtype) for t in (k, v))
                scores = tile_of_scores(query, key, rows, columns, is_causal)
                new_maximum = torch.maximum(maximum, scores.amax(dim=-1))
                weights = torch.exp(scores - new_maximum.unsqueeze(-1))
                shrink = torch.exp(maximum - new_maximum)  # what was summed so far refers to the old maximum
                numerator = shrink.unsqueeze(-1) * numerator + weights @ value
                denominator = shrink * denominator + weights.sum(dim=-1)
                maximum = new_maximum
            output[..., rows, :] = numerator / denominator.unsqueeze(-1)
            log_sum_exp[..., rows] = maximum + denominator.log()
        ctx.save_for_backward(q, k, v, output, log_sum_exp)
        ctx.is_causal = is_causal
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Float[Tensor, "... queries d"]) -> tuple[Tensor | None, ...]:
        """Gradients by q, k and v: the weights of each tile are made again from the scores and the log-sum-exp."""
        q, k, v, output, log_sum_exp = ctx.saved_tensors
        scale = 1 / math.sqrt(q.shape[-1])
        grad_q, grad_k, grad_v = (torch.zeros(t.shape, dtype=log_sum_exp.dtype, device=t.device) for t in (q, k, v))
        for rows in tiles(q.shape[-2], QUERY_TILE):
            query, grad = (t[..., rows, :].to(log_sum_exp.dtype) for t in (q, grad_output))
            # What each weight's gradient has in common: sum_j P_ij dP_ij = sum_d O_id dO_id.
            shared = (output[..., rows, :] * grad).sum(dim=-1, keepdim=True)
            for columns in tiles(keys_seen(k.shape[-2], rows, ctx.is_causal), KEY_TILE):
                key, value = (t[..., columns, :].to(query.dtype) for t in (k, v))
                scores = tile_of_scores(query, key, rows, columns, ctx.is_causal)
                weights = torch.exp(scores - log_sum_exp[..., rows].unsqueeze(-1))
                grad_scores = weights * (grad @ value.mT - shared) * scale
                grad_v[..., columns, :] += weights.mT @ grad
                grad_k[..., columns, :] += grad_scores.mT @ query
                grad_q[..., rows, :] += grad_scores @ key
        grads = [
            gradient.to(tensor.dtype) if needed else None
            for gradient, tensor, needed in zip((grad_q, grad_k, grad_v), (q, k, v), ctx.needs_input_grad, strict=False)
        ]
        return (*grads, None)


def wide(dtype: torch.dtype) -> torch.dtype:
    """The dtype of sums over inputs of `dtype`: float32, or float64 where the inputs are."""
    return torch.promote_types(dtype, torch.float32)


def tiles(length: int, size: int) -> list[slice]:
    """Slices of `size` that cover `length`; the last may be shorter."""
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


def keys_seen(keys: int, rows: slice, is_causal: bool) -> int:
    """How many of the first keys the queries in `rows` see together; tiles beyond need not be looked at."""
    return min(keys, rows.stop) if is_causal else keys


def tile_of_scores(
    query: Float[Tensor, "... rows d"],
    key: Float[Tensor, "... columns d"],
    rows: slice,
    columns: slice,
    is_causal: bool,
) -> Float[Tensor, "... rows columns"]:
    """q_i · k_j / sqrt(d), and -inf where query i does not see key j."""
    scores = query @ key.mT / math.sqrt(query.shape[-1])
    if is_causal and columns.stop > rows.start + 1:
        i = torch.arange(rows.start, rows.stop, device=query.device).unsqueeze(-1)
        j = torch.arange(columns.start, columns.stop, device=query.device)
        scores = scores.masked_fill(i < j, -math.inf)
    return scores
