"""RMSNorm with gradients of one's own, in PyTorch."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

EPS = 1e-5


def inverse_rms(x: Float[Tensor, "... h"]) -> Float[Tensor, "... 1"]:
    """1 / sqrt(mean(x^2) + EPS) of each row."""
    return torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + EPS)


def wide(tensor: Tensor) -> Tensor:
    """In float32, or float64 where it is that already."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def rmsnorm_backward_g(
    grad_output: Float[Tensor, "... h"], x: Float[Tensor, "... h"], g: Float[Tensor, " h"]
) -> Float[Tensor, " h"]:
    """The gradient by the gain: every row has its share."""
    x, grad_output = wide(x), wide(grad_output)
    shares = grad_output * x * inverse_rms(x)
    return shares.reshape(-1, x.shape[-1]).sum(dim=0).to(g.dtype)


def rmsnorm_backward_x(
    grad_output: Float[Tensor, "... h"], x: Float[Tensor, "... h"], g: Float[Tensor, " h"]
) -> Float[Tensor, "... h"]:
    """The gradient by x: along x itself only what EPS leaves of it, as a longer x gives the same output."""
    dtype = x.dtype
    x, grad_scaled = wide(x), wide(grad_output) * wide(g)
    inverse = inverse_rms(x)
    along = (grad_scaled * x).mean(dim=-1, keepdim=True) * inverse.square()
    return (inverse * (grad_scaled - along * x)).to(dtype)


class RMSNormFunction(torch.autograd.Function):
    """g x / sqrt(mean(x^2) + EPS) over the last dimension."""

    @staticmethod
    def forward(ctx: Any, x: Float[Tensor, "... h"], g: Float[Tensor, " h"]) -> Float[Tensor, "... h"]:
        """Computed in float32 at least, returned in the dtype of x."""
        ctx.save_for_backward(x, g)
        return (wide(x) * inverse_rms(wide(x)) * wide(g)).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, grad_output: Float[Tensor, "... h"]) -> tuple[Tensor, Tensor]:
        """Gradients by x and g."""
        x, g = ctx.saved_tensors
        return rmsnorm_backward_x(grad_output, x, g), rmsnorm_backward_g(grad_output, x, g)
