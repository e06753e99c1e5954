"""Tensor parallelism: the matrices of one layer lie on several ranks, which compute parts of the same output.

A block begins where all ranks have the same x, and ends where they have the same y. These two places are where they
communicate, each in one direction: the beginning adds up gradients, the end adds up outputs (Shoeybi et al. 2019,
section 3).
"""

from typing import Any

import torch
import torch.distributed as dist
from jaxtyping import Float
from torch import Tensor, nn

from assignment1_basics.nn import scaled_dot_product_attention, silu


class _Begin(torch.autograd.Function):
    """x itself. Each rank has the gradient of what it made of x; the gradient of x is their sum."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return added_up(gradient)


class _End(torch.autograd.Function):
    """The sum of what the ranks have. Each has the gradient of the sum already, and it is that of each summand."""

    @staticmethod
    def forward(ctx: Any, part: Tensor) -> Tensor:
        return added_up(part)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient


def added_up(tensor: Tensor) -> Tensor:
    """The sum over all ranks, in a new tensor."""
    total = tensor.contiguous().clone()
    dist.all_reduce(total)
    return total


def own_part(weight: Tensor, dim: int) -> Tensor:
    """This rank's stretch of a weight along `dim`, as a copy: a view would keep the whole alive."""
    world_size = dist.get_world_size()
    if weight.shape[dim] % world_size:
        raise ValueError(f"{world_size} ranks cannot share {weight.shape[dim]} features; expected a multiple")
    return weight.detach().chunk(world_size, dim)[dist.get_rank()].clone(memory_format=torch.contiguous_format)


class PartialLinear(nn.Module):
    """y = W x with this rank's rows (dim 0) or columns (dim 1) of W, and no communication."""

    def __init__(self, weight: Float[Tensor, "d_out d_in"], dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(own_part(weight, dim))

    def forward(self, x: Float[Tensor, "... own_in"]) -> Float[Tensor, "... own_out"]:
        return x @ self.weight.T


class ColumnParallelLinear(PartialLinear):
    """Each rank makes some features of y = W x."""

    def __init__(self, weight: Float[Tensor, "d_out d_in"]) -> None:
        super().__init__(weight, dim=0)

    def forward(self, x: Float[Tensor, "... d_in"]) -> Float[Tensor, "... d_out_of_this_rank"]:
        return super().forward(_Begin.apply(x))


class RowParallelLinear(PartialLinear):
    """Each rank has some features of x; together they make y = W x."""

    def __init__(self, weight: Float[Tensor, "d_out d_in"]) -> None:
        super().__init__(weight, dim=1)

    def forward(self, x: Float[Tensor, "... d_in_of_this_rank"]) -> Float[Tensor, "... d_out"]:
        return _End.apply(super().forward(x))


class ParallelFeedForward(nn.Module):
    """y = W2 (silu(W1 x) * W3 x). W1 and W3 share one beginning, so that one sum of gradients serves both."""

    def __init__(
        self,
        w1: Float[Tensor, "d_ff d_model"],
        w2: Float[Tensor, "d_model d_ff"],
        w3: Float[Tensor, "d_ff d_model"],
    ) -> None:
        super().__init__()
        self.w1 = PartialLinear(w1, dim=0)
        self.w2 = RowParallelLinear(w2)
        self.w3 = PartialLinear(w3, dim=0)

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        x = _Begin.apply(x)
        return self.w2(silu(self.w1(x)) * self.w3(x))


class ParallelAttention(nn.Module):
    """Causal self-attention. Heads do not look at each other until the output projection adds them up."""

    def __init__(
        self,
        q: Float[Tensor, "d_model d_model"],
        k: Float[Tensor, "d_model d_model"],
        v: Float[Tensor, "d_model d_model"],
        o: Float[Tensor, "d_model d_model"],
        num_heads: int,
    ) -> None:
        super().__init__()
        if num_heads % dist.get_world_size():
            raise ValueError(f"{dist.get_world_size()} ranks cannot share {num_heads} heads; expected a multiple")
        self.own_heads = num_heads // dist.get_world_size()
        self.q_proj = PartialLinear(q, dim=0)
        self.k_proj = PartialLinear(k, dim=0)
        self.v_proj = PartialLinear(v, dim=0)
        self.output_proj = RowParallelLinear(o)

    def forward(self, x: Float[Tensor, "... sequence_length d_model"]) -> Float[Tensor, "... sequence_length d_model"]:
        x = _Begin.apply(x)
        queries, keys, values = (  # [..., own_heads, sequence_length, d_model / num_heads]
            projection(x).unflatten(-1, (self.own_heads, -1)).transpose(-3, -2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        causal = torch.ones(x.shape[-2], x.shape[-2], dtype=torch.bool, device=x.device).tril()
        attended = scaled_dot_product_attention(queries, keys, values, causal)
        return self.output_proj(attended.transpose(-3, -2).flatten(start_dim=-2))
