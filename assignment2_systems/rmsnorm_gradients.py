"""RMSNorm with gradients of one's own, in PyTorch. Optional."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

EPS = 1e-5


def rmsnorm_backward_g(
    grad_output: Float[Tensor, "... h"], x: Float[Tensor, "... h"], g: Float[Tensor, " h"]
) -> Float[Tensor, " h"]:
    """The gradient by the gain g of y = g x / sqrt(mean(x^2) + EPS), given that of y; summed over all rows."""
    raise NotImplementedError("triton_rmsnorm: write rmsnorm_backward_g in assignment2_systems/rmsnorm_gradients.py")


def rmsnorm_backward_x(
    grad_output: Float[Tensor, "... h"], x: Float[Tensor, "... h"], g: Float[Tensor, " h"]
) -> Float[Tensor, "... h"]:
    """The gradient by x."""
    raise NotImplementedError("triton_rmsnorm: write rmsnorm_backward_x in assignment2_systems/rmsnorm_gradients.py")


class RMSNormFunction(torch.autograd.Function):
    """RMSNorm over the last dimension, to be called by `RMSNormFunction.apply(x, g)`."""

    @staticmethod
    def forward(ctx: Any, x: Float[Tensor, "... h"], g: Float[Tensor, " h"]) -> Float[Tensor, "... h"]:
        """g x / sqrt(mean(x^2) + EPS), in the dtype of x, computed in float32 at least."""
        raise NotImplementedError("triton_rmsnorm: write RMSNormFunction in assignment2_systems/rmsnorm_gradients.py")

    @staticmethod
    def backward(ctx: Any, grad_output: Float[Tensor, "... h"]) -> tuple[Tensor, Tensor]:
        """Gradients by x and g, by the functions above."""
        raise NotImplementedError("triton_rmsnorm: write RMSNormFunction in assignment2_systems/rmsnorm_gradients.py")
