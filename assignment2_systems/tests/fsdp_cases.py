"""Cases of fully sharded training and what must hold of each, for the tests of `fsdp`.

As in the public course, weights are in float32, begin alike on all ranks, belong to layers of the course's library, and
can be cut into two equal parts. What asks for more is marked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor

from assignment2_systems.tests import chains
from assignment2_systems.tests.one_a_rank import one_a_rank

beyond = pytest.mark.beyond_public_course
SGD = ("sgd", {"lr": 0.1})
ADAMW = ("adamw", {"lr": 1e-2, "weight_decay": 0.1, "betas": (0.8, 0.95), "eps": 1e-2})

UNEVEN = [
    ("embedding", "tokens", 101, 63),
    ("norm", "norm", 63),
    ("linear", "up", 37, 63),
    ("silu", "act"),
    ("linear", "out", 101, 37),
]
TIED = [
    ("embedding", "tokens", 23, 10),
    ("linear", "mix", 10, 10),
    ("norm", "norm", 10),
    ("head", "lm_head", 23, 10, "tokens"),
]
DEEP, NESTED = (
    [
        ("embedding", "tokens", vocabulary, 12),
        ("norm", "layers.0.ln1", 12),
        ("attention", "layers.0.attn", 12, 3),
        ("norm", "layers.0.ln2", 12),
        ("feed_forward", "layers.0.ffn", 12, hidden),
        ("norm", "ln_final", 12),
        ("linear", "lm_head", vocabulary, 12),
    ]
    for vocabulary, hidden in ((20, 24), (19, 20))
)
"""A block with what is around it, of which all weights can be cut in two, and with an odd vocabulary."""
FLOATS = [
    ("torch_linear", "first", 11, 7),
    ("shift", "shift", 11),
    ("silu", "act"),
    ("torch_linear", "inner.second", 9, 11),
    ("norm", "inner.norm", 9),
    ("linear", "inner.last", 5, 9),
]
EVEN = [
    ("embedding", "tokens", 24, 12),
    ("norm", "norm", 12),
    ("linear", "up", 36, 12),
    ("silu", "act"),
    ("linear", "down", 12, 36),
    ("norm", "final", 12),
    ("linear", "out", 24, 12),
]
MIXED = [
    ("torch_embedding", "tokens", 24, 12),
    ("norm", "blocks.0.norm", 12),
    ("torch_linear", "blocks.0.deep.up", 36, 12),
    ("silu", "act"),
    ("linear", "blocks.1.down", 12, 36),
    ("torch_linear", "out", 24, 12),
]
WIDTH, DEPTH = 64, 10
TOWER = [("linear", f"layers.{number}", WIDTH, WIDTH) for number in range(DEPTH)]
RTOL = {torch.float32: 5e-4, torch.float64: 1e-10}
"""By the dtype of a model that SGD trains."""
RTOL_ADAMW = {torch.float32: 5e-4, torch.float64: 1e-8}
"""Of AdamW, which divides by the size of gradients: a small one, as far as `eps` lets it, counts as much as a large one."""
in_float32_and_apart = pytest.mark.parametrize(
    "stricter", [{}, pytest.param({"dtype": torch.float64, "apart": True}, marks=beyond)], ids=["float32", "float64"]
)
"""What `draw_case` is told: nothing, or float64 and another start on each rank."""
SUMMING = ("all_reduce", "reduce_scatter", "reduce")


@dataclass
class Case:
    """A model, where each rank starts, and the data of each rank: `steps[rank][step]` is a list of batches."""

    layers: list[tuple[Any, ...]]
    weights: list[dict[str, Tensor]]
    steps: list[list[list[chains.Batch]]]
    optimizer: tuple[str, dict[str, Any]] = SGD
    options: dict[str, Any] = field(default_factory=dict)

    def expected(self) -> tuple[list[list[Tensor]], list[dict[str, Tensor]]]:
        """Outputs of each rank, and all parameters by step, on one process that starts as rank 0 does."""
        scale = self.options.get("keywords", {}).get("scale", 1.0)
        frozen = self.options.get("frozen", ())
        return chains.training(self.layers, self.weights[0], self.steps, self.optimizer, frozen, scale)

    def trained(self, check: Any, drivers: Any) -> list[dict[str, Any]]:
        """What each rank made of the data: an output for each batch, and all parameters before and after each step."""
        found = drivers.fsdp_training(self.layers, self.weights, self.steps, self.optimizer, **self.options)
        one_a_rank(check, found, len(self.weights), "the sharded model")
        for of_rank, steps in zip(found, self.steps, strict=True):
            batches = sum(map(len, steps))
            check.equal(len(of_rank["outputs"]), batches, who="the sharded model, as the number of outputs,")
            check.equal(len(of_rank["whole"]), len(steps) + 1, who="the sharded model, as the number of states,")
        return found

    def first_batches(self) -> list[chains.Batch]:
        """A batch for each rank."""
        return [steps[0][0] for steps in self.steps]


def draw_case(
    draw: Any,
    layers: list[tuple[Any, ...]],
    ranks: int,
    *,
    steps: int = 2,
    batches: int = 1,
    shape: tuple[int, ...] = (2, 3),
    dtype: torch.dtype = torch.float32,
    apart: bool = False,
    optimizer: tuple[str, dict[str, Any]] = SGD,
    **options: Any,
) -> Case:
    """Each rank has data of its own and, if `apart`, weights of its own, of which those of rank 0 count."""
    weights = [chains.draw_weights(draw, layers, dtype) for _ in range(ranks if apart else 1)]
    weights *= 1 if apart else ranks
    data = [
        [[draw_batch(draw, layers, shape, dtype) for _ in range(batches)] for _ in range(steps)] for _ in range(ranks)
    ]
    return Case(layers, weights, data, optimizer, options)


def draw_batch(draw: Any, layers: chains.Layers, shape: tuple[int, ...], dtype: torch.dtype) -> chains.Batch:
    """Ids where the chain begins with an embedding, else numbers; and what the backward pass begins with."""
    kind, _, *sizes = layers[0]
    if kind.endswith("embedding"):
        x = draw.integers(0, sizes[0], *shape)
    else:
        x = draw.normal(*shape, sizes[-1], dtype=dtype)
    width = next(sizes[0] for kind, _, *sizes in reversed(layers) if kind in ("linear", "torch_linear", "head"))
    return x, draw.normal(*shape, width, dtype=dtype)


def check_training(
    check: Any, drivers: Any, case: Case, *, rtol: float | None = None, hint: str = ""
) -> list[dict[str, Any]]:
    """Outputs and parameters are those of one process that sees all data, on every rank.

    `rtol` is by default that of the model's dtype and of the optimizer.
    """
    found = case.trained(check, drivers)
    outputs, history = case.expected()
    dtype = next(iter(case.weights[0].values())).dtype
    if rtol is None:
        rtol = (RTOL if case.optimizer[0] == "sgd" else RTOL_ADAMW)[dtype]
    for rank, result in enumerate(found):
        who = f"the sharded model on rank {rank} of {len(found)}"
        check.that(result["module"], f"{who} has no attribute module that is the wrapped module; expected it there")
        for actual, expected in zip(result["outputs"], outputs[rank], strict=True):
            check.close(actual, expected, rtol=rtol, dtype=dtype, who=f"{who}, as its output,", hint=hint)
        for step, (whole, expected) in enumerate(zip(result["whole"], history, strict=True)):
            check_names(check, case, whole, expected, who)
            for name in expected.keys() & whole.keys():
                said = f"{who}, as {name} after step {step},"
                small = expected[name].numel() < 3
                check.close(whole[name], expected[name], rtol=rtol, dtype=dtype, who=said, hint=hint, constant=small)
    return found


def check_names(check: Any, case: Case, whole: dict[str, Tensor], expected: dict[str, Tensor], who: str) -> None:
    """Every parameter is there under its name; a tied one under its first, at least."""
    buffers = {name for name in case.weights[0] if name not in expected}
    missing = expected.keys() - chains.tied(case.layers).keys() - whole.keys()
    extra = whole.keys() - expected.keys() - buffers
    hint = "expected the names that the wrapped module has"
    check.that(not missing, f"{who}: the full parameters lack {min(missing, default='')}; {hint}")
    check.that(not extra, f"{who}: the full parameters have {min(extra, default='')}; {hint}")


def check_nearly(check: Any, drivers: Any, case: Case, *, tolerance: float, hint: str = "") -> None:
    """The same for half precision: tensors as a whole, and what training has changed rather than what it has left."""
    found = case.trained(check, drivers)
    outputs, history = case.expected()
    for rank, result in enumerate(found):
        who = f"the sharded model on rank {rank} of {len(found)}"
        for actual, expected in zip(result["outputs"], outputs[rank], strict=True):
            check_distance(check, actual, expected, tolerance, f"{who}, as its output,", hint)
        for whole in result["whole"]:
            check_names(check, case, whole, history[0], who)
        for name, before in history[0].items():
            said = f"{who}, as {name}"
            for whole in result["whole"]:
                check.equal(whole[name].dtype, torch.float32, who=f"{said}, as its dtype,", hint=hint)
            start, end = (result["whole"][step][name].double() for step in (0, -1))
            check.close(start, before, rtol=1e-7, who=f"{said} before training,")
            changed = history[-1][name] - before
            check_distance(check, end - start, changed, tolerance, f"{said}, as its change by training,", hint)


def check_distance(check: Any, actual: Tensor, expected: Tensor, tolerance: float, who: str, hint: str) -> None:
    """The length of the difference against that of what is expected: zeros are 1 away."""
    check.that(actual.shape == expected.shape, f"{who} is {tuple(actual.shape)}; expected {tuple(expected.shape)}")
    distance = float((actual.double() - expected).norm() / expected.norm())
    check.that(distance <= tolerance, f"{who} is {distance:.2g} away (relative); expected at most {tolerance}. {hint}")


def check_the_same(check: Any, found: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]], who: str) -> None:
    """Bit by bit the same parameters after every step."""
    for one, two in zip(found, other, strict=True):
        check.equal(one["whole"], two["whole"], who=who)


def check_gradients(check: Any, found: Sequence[dict[str, Any]], trained: int) -> None:
    """After training, `trained` parameters have gradients like themselves, and frozen ones none."""
    for rank, result in enumerate(found):
        who = f"the sharded model on rank {rank}"
        kept = [description for description in result["gradients"] if description[2]]
        check.equal(len(kept), trained, who=f"{who}, as the number of parameters that require gradients,")
        for shape, dtype, requires_grad, gradient_shape, gradient_dtype in result["gradients"]:
            if requires_grad:
                check.that(
                    (shape, dtype) == (gradient_shape, gradient_dtype),
                    f"{who} has a parameter {dtype} {shape} with a gradient {gradient_dtype} {gradient_shape}; "
                    "expected both alike",
                )
            else:
                check.that(gradient_shape is None, f"{who} has a gradient of a frozen parameter; expected None")


def check_products(check: Any, found: Sequence[dict[str, Any]], dtype: str) -> None:
    """Matrix products of a forward pass are in this dtype."""
    for rank, result in enumerate(found):
        for product in result["products"]:
            check.that(
                product == dtype,
                f"the sharded model on rank {rank} multiplied matrices in {product} in a forward pass; expected {dtype}",
            )


def check_gathers(check: Any, found: Sequence[list[dict[str, Any]]], layers: chains.Layers, dtype: str) -> None:
    """In a forward pass, with or without gradients, all weights travel once, and nothing else does."""
    weights = sum(map(math.prod, chains.sharded(layers).values()))
    for rank, events in enumerate(found):
        for phase, what in (("forward", "a forward pass"), ("evaluation", "a forward pass without gradients")):
            who = f"rank {rank}, in {what},"
            got = [event for event in events if event["phase"] == phase]
            count = sum(event["numel"] for event in got)
            check.that(
                count == weights,
                f"{who} took part in collectives of {count} elements; expected {weights}: each sharded weight once, "
                "and nothing of what is replicated",
            )
            check_dtypes(check, got, dtype, who, "weights are cast before they travel")


def check_reductions(
    check: Any,
    found: Sequence[list[dict[str, Any]]],
    layers: chains.Layers,
    dtype: str,
    frozen: Sequence[str] = (),
) -> None:
    """After a forward pass each gradient travels once, in float32, and weights at most once more, in `dtype`."""
    shapes = {name: shape for name, shape in chains.shapes(layers).items() if name not in chains.tied(layers)}
    weights = sum(map(math.prod, chains.sharded(layers).values()))
    gradients = sum(math.prod(shape) for name, shape in shapes.items() if name not in frozen)
    for rank, events in enumerate(found):
        who = f"rank {rank}, from the backward pass to the step,"
        got = [event for event in events if event["phase"] in ("backward", "finish")]
        summed = [event for event in got if event["operation"] in SUMMING]
        others = [event for event in got if event["operation"] not in SUMMING]
        count = sum(event["numel"] for event in summed)
        check.that(
            count == gradients,
            f"{who} added up {count} elements with other ranks; expected {gradients}: each gradient once",
        )
        check_dtypes(check, summed, "float32", who, "gradients are added up in the dtype of the parameters")
        count = sum(event["numel"] for event in others)
        check.that(
            count <= weights,
            f"{who} gathered {count} elements; expected at most {weights}: each sharded weight once",
        )
        check_dtypes(check, others, dtype, who, "weights are cast before they travel")


def check_dtypes(check: Any, events: Sequence[dict[str, Any]], dtype: str, who: str, hint: str) -> None:
    for event in events:
        check.that(
            event["dtype"] == dtype or not event["numel"],
            f"{who} began {event['operation']} of {event['numel']} {event['dtype']}; expected {dtype}: {hint}",
        )


def check_memory(check: Any, found: Sequence[dict[str, int]], phase: str, ranks: int, dtype: torch.dtype) -> None:
    """Bytes of a `TOWER`: at rest a rank's share; in passes three whole weights more; gradients alike."""
    weight = dtype.itemsize * WIDTH * WIDTH
    share = DEPTH * weight / ranks
    small = weight / 2  # activations, and rounding
    for rank, bytes_ in enumerate(found):
        who = f"rank {rank} of {ranks}"
        if phase != "wrapped":
            most = share + 3 * weight + small
            what = "its share and three whole weights"
            if phase == "backward":
                most += share + 3 * weight
                what = "its share and three whole weights, and as much for gradients"
            during = bytes_[f"during {phase}"]
            check.that(
                during <= most,
                f"{who} held {during} bytes at a time during the {phase} pass; expected at most {most:.0f}: {what}",
            )
        most = share + small + (share if phase == "backward" else 0)
        after, when = bytes_[f"after {phase}"], "wrapping" if phase == "wrapped" else f"the {phase} pass"
        check.that(
            after <= most,
            f"{who} held {after} bytes after {when}; expected at most {most:.0f}: its share, and no whole weight",
        )
