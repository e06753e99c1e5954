"""RMSNorm and its gradients by PyTorch's own function in float64."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def with_gradients(x: Tensor, g: Tensor, cotangent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The output, and the gradients of sum(output * cotangent) by x and by g."""
    leaf, gain = x.double().requires_grad_(), g.double().requires_grad_()
    output = F.rms_norm(leaf, gain.shape, gain, 1e-5)
    grad_x, grad_g = torch.autograd.grad((output * cotangent.double()).sum(), [leaf, gain])
    return output.detach(), grad_x, grad_g
