"""FlashAttention in PyTorch: exact attention by tiles, so that no matrix of all scores is ever made."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor


class FlashAttention(torch.autograd.Function):
    """softmax(q k^T / sqrt(d)) v with a running softmax, to be called by `FlashAttention.apply(q, k, v, is_causal)`."""

    @staticmethod
    def forward(
        ctx: Any,
        q: Float[Tensor, "... queries d"],
        k: Float[Tensor, "... keys d"],
        v: Float[Tensor, "... keys d"],
        is_causal: bool = False,
    ) -> Float[Tensor, "... queries d"]:
        """Attention of every query to all keys; with `is_causal`, of query i to keys 0 … i.

        The output has the dtype of q, sums are made in float32 at least. `ctx.save_for_backward` keeps q, k, v, the
        output and L, [... queries]: the logarithm of the sum of exp(score) over the keys each query sees. Scores are
        made a tile at a time, of at most 128 queries and 128 keys for each head.
        """
        raise NotImplementedError(
            "flash_forward: write FlashAttention.forward in assignment2_systems/flash_attention.py"
        )

    @staticmethod
    def backward(ctx: Any, grad_output: Float[Tensor, "... queries d"]) -> tuple[Tensor | None, ...]:
        """Gradients by q, k and v, in their dtypes, and None for is_causal. Tiles of weights are made again from L."""
        raise NotImplementedError(
            "flash_backward: write FlashAttention.backward in assignment2_systems/flash_attention.py"
        )
