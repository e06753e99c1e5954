"""Toy models from plain descriptions: a chain of small layers that says how far its backward pass has come.

A description is a dict: "parameters" (name: tensor, in the order of registration), "order" (the names as the forward
pass uses them), and where needed "frozen" (names), "tied" (another name: name), "buffers" (name: tensor).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from assignment2_systems.drivers.recorder import Recorder

Description = dict[str, Any]


class ToyModel(nn.Module):
    """h <- h + W^T tanh(W h) for a matrix [r, d] and h <- h + b for a vector [d], layer by layer.

    Every layer can be left out: `skipped` names those that the forward pass does not use. While the gradients of the
    layer at place k of the order are computed, the recorder's phase is "backward k".
    """

    def __init__(self, description: Description, recorder: Recorder) -> None:
        super().__init__()
        frozen = description.get("frozen", ())
        for name, tensor in description["parameters"].items():
            self.register_parameter(name, nn.Parameter(tensor.clone(), requires_grad=name not in frozen))
        for other, name in description.get("tied", {}).items():
            self.register_parameter(other, self.get_parameter(name))
        for name, tensor in description.get("buffers", {}).items():
            self.register_buffer(name, tensor.clone())
        self.order: list[str] = description["order"]
        self.skipped: list[str] = []
        self.recorder = recorder

    def forward(self, inputs: Tensor, shift: Tensor | None = None, *, gain: float = 1.0) -> Tensor:
        hidden = inputs if shift is None else inputs + shift
        for place, name in enumerate(self.order):
            if name in self.skipped:
                continue
            weight = self.get_parameter(name)
            hidden = _Mark.apply(hidden.to(weight.dtype), self.recorder, place)
            if weight.dim() == 2:
                hidden = hidden + functional.linear(hidden, weight).tanh() @ weight
            else:
                hidden = hidden + weight
        return hidden * gain


class _Mark(torch.autograd.Function):
    """Stands in front of a layer; its backward runs when that of the layer is through."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, recorder: Recorder, place: int) -> Tensor:
        ctx.recorder, ctx.place = recorder, place
        return hidden.view_as(hidden)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        ctx.recorder.phase = f"backward {ctx.place - 1}"
        return gradient, None, None


def start_backward(model: ToyModel, recorder: Recorder) -> None:
    """Set the phase to that of the last layer."""
    recorder.phase = f"backward {len(model.order) - 1}"
