"""Tensor parallelism: the matrices of one layer lie on several ranks, which compute parts of the same output.

All ranks see the same input. They pass on different parts inside a block, and end it with the same output.
"""

from jaxtyping import Float
from torch import Tensor, nn


class ColumnParallelLinear(nn.Module):
    """y = W x, of which each rank computes a part: its parameter `weight` are its rows of W, a copy.

    Rank r of N has rows r d_out / N to (r + 1) d_out / N - 1, and makes these features of y. Nothing is communicated
    forward; backward, the gradient of x is added up over the ranks.
    """

    def __init__(self, weight: Float[Tensor, "d_out d_in"]) -> None:
        """Raises: ValueError: the ranks do not divide d_out."""
        raise NotImplementedError(
            "tensor_parallel: write ColumnParallelLinear.__init__ in assignment2_systems/tensor_parallel.py"
        )

    def forward(self, x: Float[Tensor, "... d_in"]) -> Float[Tensor, "... d_out_of_this_rank"]:
        raise NotImplementedError(
            "tensor_parallel: write ColumnParallelLinear.forward in assignment2_systems/tensor_parallel.py"
        )


class RowParallelLinear(nn.Module):
    """y = W x for an x of which each rank has a part: its parameter `weight` are its columns of W, a copy.

    Rank r of N has columns r d_in / N to (r + 1) d_in / N - 1, and these features of x. Forward, the ranks' products
    are added up, so that all have y; backward, nothing is communicated.
    """

    def __init__(self, weight: Float[Tensor, "d_out d_in"]) -> None:
        """Raises: ValueError: the ranks do not divide d_in."""
        raise NotImplementedError(
            "tensor_parallel: write RowParallelLinear.__init__ in assignment2_systems/tensor_parallel.py"
        )

    def forward(self, x: Float[Tensor, "... d_in_of_this_rank"]) -> Float[Tensor, "... d_out"]:
        raise NotImplementedError(
            "tensor_parallel: write RowParallelLinear.forward in assignment2_systems/tensor_parallel.py"
        )


class ParallelFeedForward(nn.Module):
    """y = W2 (silu(W1 x) * W3 x), with one all-reduce forward and one backward.

    Parameters `w1.weight` and `w3.weight` are this rank's rows, `w2.weight` its columns.
    """

    def __init__(
        self,
        w1: Float[Tensor, "d_ff d_model"],
        w2: Float[Tensor, "d_model d_ff"],
        w3: Float[Tensor, "d_ff d_model"],
    ) -> None:
        """Raises: ValueError: the ranks do not divide d_ff."""
        raise NotImplementedError(
            "tensor_parallel: write ParallelFeedForward.__init__ in assignment2_systems/tensor_parallel.py"
        )

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        raise NotImplementedError(
            "tensor_parallel: write ParallelFeedForward.forward in assignment2_systems/tensor_parallel.py"
        )


class ParallelAttention(nn.Module):
    """Causal multi-head self-attention without positions, with one all-reduce forward and one backward.

    Each rank has num_heads / N neighbouring heads: `q_proj.weight`, `k_proj.weight`, `v_proj.weight` are their rows,
    `output_proj.weight` their columns.
    """

    def __init__(
        self,
        q: Float[Tensor, "d_model d_model"],
        k: Float[Tensor, "d_model d_model"],
        v: Float[Tensor, "d_model d_model"],
        o: Float[Tensor, "d_model d_model"],
        num_heads: int,
    ) -> None:
        """Raises: ValueError: the ranks do not divide num_heads."""
        raise NotImplementedError(
            "tensor_parallel: write ParallelAttention.__init__ in assignment2_systems/tensor_parallel.py"
        )

    def forward(self, x: Float[Tensor, "... sequence_length d_model"]) -> Float[Tensor, "... sequence_length d_model"]:
        raise NotImplementedError(
            "tensor_parallel: write ParallelAttention.forward in assignment2_systems/tensor_parallel.py"
        )
