"""FlashAttention in Triton: the same mathematics as kernels. `weighted_sum.py` is an example of one.

Without a GPU the kernels run in Triton's interpreter: this package's `__init__.py` sees to it.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor


class TritonFlashAttention(torch.autograd.Function):
    """softmax(q k^T / sqrt(d)) v by kernels, to be called by `TritonFlashAttention.apply(q, k, v, is_causal)`.

    d is a power of two, at least 16.
    """

    @staticmethod
    def forward(
        ctx: Any,
        q: Float[Tensor, "... queries d"],
        k: Float[Tensor, "... keys d"],
        v: Float[Tensor, "... keys d"],
        is_causal: bool = False,
    ) -> Float[Tensor, "... queries d"]:
        """The same as `FlashAttention.forward`, by one launch with a program for each tile of queries of each head."""
        raise NotImplementedError(
            "flash_forward: write TritonFlashAttention.forward in assignment2_systems/flash_triton.py"
        )

    @staticmethod
    def backward(ctx: Any, grad_output: Float[Tensor, "... queries d"]) -> tuple[Tensor | None, ...]:
        """The same as `FlashAttention.backward`, by kernels."""
        raise NotImplementedError(
            "flash_backward: write TritonFlashAttention.backward in assignment2_systems/flash_triton.py"
        )
