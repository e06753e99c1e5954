"""The two RMSNorm functions: output and gradients, and what kernels they launch. `kind` is "pytorch" or "triton"."""

from __future__ import annotations

import os
from typing import Any

from torch import Tensor

from assignment2_systems import adapters
from assignment2_systems.drivers.attention import within_tensors


def _function(kind: str) -> Any:
    if kind == "triton":
        return adapters.get_rmsnorm_autograd_function_triton()
    return adapters.get_rmsnorm_autograd_function_pytorch()


def _leaves(kind: str, x: Tensor, g: Tensor, exchanged: bool) -> tuple[Tensor, Tensor, Tensor]:
    """x as a leaf, x to be given to the function, and g. `exchanged`: x lies with its first two dimensions exchanged."""
    device = "cuda" if kind == "triton" and os.environ.get("TRITON_INTERPRET") != "1" else "cpu"
    leaf, gain = (tensor.detach().to(device).requires_grad_() for tensor in (x, g))
    return leaf, leaf.transpose(0, 1).contiguous().transpose(0, 1) if exchanged else leaf, gain


@within_tensors
def rmsnorm_with_gradients(
    kind: str, x: Tensor, g: Tensor, cotangent: Tensor, exchanged: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """The output, and the gradients of sum(output * cotangent) by x and by g."""
    leaf, given, gain = _leaves(kind, x, g, exchanged)
    output = _function(kind).apply(given, gain)
    (output * cotangent.to(output.device, output.dtype)).sum().backward()
    if leaf.grad is None or gain.grad is None:
        raise RuntimeError("the backward pass gave no gradient by x or by g")
    return output.detach().cpu(), leaf.grad.cpu(), gain.grad.cpu()


def rmsnorm_launches(x: Tensor, g: Tensor, cotangent: Tensor, exchanged: bool = False) -> dict[str, Any]:
    """The launches of the "forward" and of the "backward" pass; see `kernels.Launch`."""
    from assignment2_systems.drivers.kernels import recorded_launches  # here, as Triton is not to be had everywhere

    _, given, gain = _leaves("triton", x, g, exchanged)
    with recorded_launches() as forward:
        output = _function("triton").apply(given, gain)
    total = (output * cotangent.to(output.device, output.dtype)).sum()
    with recorded_launches() as backward:
        total.backward()
    return {"forward": forward, "backward": backward}
