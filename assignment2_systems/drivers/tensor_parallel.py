"""Layers whose weights lie on several ranks: what each rank computes, keeps and sends.

A layer is a tuple (kind, weights ...) with whole weights: `column` W; `row` W; `feed_forward` W1 W2 W3; `attention`
Q K V O heads. Data are given for each rank, and results come as a list with an entry for each rank.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from assignment2_systems import adapters
from assignment2_systems.drivers import ranks
from assignment2_systems.drivers.recorder import Recorder


def parallel_layers(
    layers: list[tuple[Any, ...]], batches: list[list[tuple[Tensor, Tensor]]]
) -> list[list[dict[str, Any]]]:
    """A forward and a backward pass of each layer by itself: `batches[rank][layer]` are x and the cotangent of y.

    Of each rank and layer: "output", "input_gradient", "parameters" and "gradients" by name, "stored" bytes of the
    parameters, "input" x as it is afterwards, "events".
    """
    return ranks.run(len(batches), _layers, layers, batches)


def parallel_training(
    layers: list[tuple[Any, ...]], steps: list[tuple[Tensor, Tensor]], ranks_: int, rate: float
) -> list[list[Tensor]]:
    """The outputs of each step of gradient descent on x + layer(x), layer after layer, with the same data on all ranks."""
    return ranks.run(ranks_, _training, layers, steps, rate)


def _made(layer: tuple[Any, ...]) -> nn.Module:
    kind, *weights = layer
    makers = {
        "column": adapters.get_column_parallel_linear,
        "row": adapters.get_row_parallel_linear,
        "feed_forward": adapters.get_parallel_feed_forward,
        "attention": adapters.get_parallel_attention,
    }
    return makers[kind](*(each.clone() if isinstance(each, Tensor) else each for each in weights))


def _layers(
    rank: int, recorder: Recorder, layers: list[tuple[Any, ...]], batches: list[list[tuple[Tensor, Tensor]]]
) -> list[dict[str, Any]]:
    return [_passes(recorder, layer, *batch) for layer, batch in zip(layers, batches[rank], strict=True)]


def _passes(recorder: Recorder, layer: tuple[Any, ...], x: Tensor, cotangent: Tensor) -> dict[str, Any]:
    module = _made(layer)
    recorder.events.clear()
    x.requires_grad_(True)
    recorder.phase = "forward"
    output = module(x)
    recorder.phase = "backward"
    (output * cotangent).sum().backward()  # of a number: `backward` does without an import
    recorder.phase = "end"
    parameters = dict(module.named_parameters())
    return {
        "output": output.detach(),
        "input_gradient": x.grad,
        "parameters": {name: each.detach() for name, each in parameters.items()},
        "gradients": {name: each.grad for name, each in parameters.items()},
        "stored": sum(each.untyped_storage().nbytes() for each in parameters.values()),
        "input": x.detach(),
        "events": [event for event in recorder.events if event["operation"] != "wait"],
    }


def _training(
    rank: int, recorder: Recorder, layers: list[tuple[Any, ...]], steps: list[tuple[Tensor, Tensor]], rate: float
) -> list[Tensor]:
    modules = nn.ModuleList(map(_made, layers))
    optimizer = torch.optim.SGD(modules.parameters(), lr=rate)
    outputs = []
    for x, cotangent in steps:
        optimizer.zero_grad()
        for module in modules:
            x = x + module(x)
        (x * cotangent).sum().backward()
        optimizer.step()
        outputs.append(x.detach())
    return outputs
