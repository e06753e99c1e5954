"""Layers that lie on several ranks, and the whole layer on one process that they are held against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assignment2_systems.tests import chains
from assignment2_systems.tests.one_a_rank import one_a_rank

ROWS, COLUMNS = 0, 1
NAMES = {
    "column": {"weight": ROWS},
    "row": {"weight": COLUMNS},
    "feed_forward": {"w1.weight": ROWS, "w2.weight": COLUMNS, "w3.weight": ROWS},
    "attention": {"q_proj.weight": ROWS, "k_proj.weight": ROWS, "v_proj.weight": ROWS, "output_proj.weight": COLUMNS},
}
"""Of each kind the names of its parameters, in the order in which the weights are given, and what a rank has of them."""
COLLECTIVES = {"column": (0, 1), "row": (1, 0), "feed_forward": (1, 1), "attention": (1, 1)}
"""All-reduces in a forward and in a backward pass."""
RTOL = {torch.float64: 1e-11, torch.float32: 1e-4}


@dataclass
class Case:
    """A layer with whole weights, x and the cotangent of y, both whole."""

    kind: str
    weights: list[Tensor]
    x: Tensor
    cotangent: Tensor
    ranks: int
    heads: int | None = None

    def layer(self) -> tuple[Any, ...]:
        return (self.kind, *self.weights, *([] if self.heads is None else [self.heads]))

    def batches(self) -> list[tuple[Tensor, Tensor]]:
        """What each rank is given: its features of x in a row-parallel layer, of y in a column-parallel one."""
        xs = self.x.chunk(self.ranks, -1) if self.kind == "row" else [self.x] * self.ranks
        cotangents = self.cotangent.chunk(self.ranks, -1) if self.kind == "column" else [self.cotangent] * self.ranks
        return [(x.clone(), cotangent.clone()) for x, cotangent in zip(xs, cotangents, strict=True)]

    def who(self, rank: int) -> str:
        return f"{self.kind} on rank {rank} of {self.ranks}"

    def expected(self) -> tuple[Tensor, Tensor, list[Tensor]]:
        """In float64: y, the gradient of x, those of the weights."""
        weights = [weight.double().clone().requires_grad_() for weight in self.weights]
        x = self.x.double().clone().requires_grad_()
        y = whole(self.kind, weights, self.heads)(x)
        (y * self.cotangent.double()).sum().backward()
        return y.detach(), x.grad, [weight.grad for weight in weights]


def whole(kind: str, weights: Sequence[Tensor], heads: int | None) -> Callable[[Tensor], Tensor]:
    """The layer as one process computes it."""
    if kind == "feed_forward":
        return lambda x: chains.feed_forward(x, *weights)
    if kind == "attention":
        return lambda x: chains.attention(x, *weights, heads)
    return lambda x: x @ weights[0].T


def draw_case(
    draw: Any,
    kind: str,
    ranks: int,
    *,
    width: int = 12,
    inner: int = 18,
    heads: int = 6,
    leading: tuple[int, ...] = (2, 5),
    gain: float = 2.0,
    dtype: torch.dtype = torch.float64,
) -> Case:
    """Weights that scale what they multiply by about `gain`. `inner` is the other side of a single matrix, and d_ff."""
    shapes = {
        "column": [(inner, width)],
        "row": [(width, inner)],
        "feed_forward": [(inner, width), (width, inner), (inner, width)],
        "attention": [(width, width)] * 4,
    }[kind]
    weights = [draw.normal(*shape, scale=gain * shape[1] ** -0.5, dtype=dtype) for shape in shapes]
    d_in, d_out = {"column": (width, inner), "row": (inner, width)}.get(kind, (width, width))
    x, cotangent = draw.normal(*leading, d_in, dtype=dtype), draw.normal(*leading, d_out, dtype=dtype)
    return Case(kind, weights, x, cotangent, ranks, heads if kind == "attention" else None)


def draw_cases(draw: Any, ranks: int, **options: Any) -> list[Case]:
    """One of each kind."""
    return [draw_case(draw, kind, ranks, **options) for kind in NAMES]


def parts(whole: Tensor, dim: int, ranks: int) -> tuple[Tensor, ...]:
    """What each rank has of a tensor."""
    return whole.chunk(ranks, dim)


def passed(check: Any, drivers: Any, cases: Sequence[Case]) -> list[tuple[Case, int, dict[str, Any]]]:
    """What a forward and a backward pass of each case gave, on each rank."""
    batches = [list(of_rank) for of_rank in zip(*(case.batches() for case in cases), strict=True)]
    found = drivers.parallel_layers([case.layer() for case in cases], batches)
    results = []
    for rank, of_rank in enumerate(one_a_rank(check, found, cases[0].ranks, "the layers")):
        check.equal(len(of_rank), len(cases), who=f"the layers on rank {rank}, as their number,")
        for case, result in zip(cases, of_rank, strict=True):
            results.append((case, rank, result))
    return results


def check_values(check: Any, drivers: Any, cases: Sequence[Case], hint: str = "") -> None:
    """Outputs and all gradients are the parts, or the whole, of what one process computes."""
    for case, rank, result in passed(check, drivers, cases):
        y, dx, gradients = case.expected()
        rtol, dtype, who = RTOL[case.x.dtype], case.x.dtype, case.who(rank)
        y = parts(y, -1, case.ranks)[rank] if case.kind == "column" else y
        dx = parts(dx, -1, case.ranks)[rank] if case.kind == "row" else dx
        check.close(result["output"], y, rtol=rtol, dtype=dtype, who=f"{who}, as its output,", hint=hint)
        got = result["input_gradient"]
        check.close(got, dx, rtol=rtol, dtype=dtype, who=f"{who}, as the gradient of x,", hint=hint)
        check_parameter_names(check, case, result, who)
        for (name, dim), gradient in zip(NAMES[case.kind].items(), gradients, strict=True):
            said = f"{who}, as the gradient of {name},"
            expected = parts(gradient, dim, case.ranks)[rank]
            check.close(result["gradients"][name], expected, rtol=rtol, dtype=dtype, who=said, hint=hint)


def check_parameter_names(check: Any, case: Case, result: dict[str, Any], who: str) -> None:
    got, expected = sorted(result["parameters"]), sorted(NAMES[case.kind])
    check.that(got == expected, f"{who} has parameters {', '.join(got)}; expected {', '.join(expected)}")


def check_parts(check: Any, drivers: Any, cases: Sequence[Case]) -> None:
    """Each rank has its stretch of rows or columns of each weight, bit by bit, and stores no more than that."""
    for case, rank, result in passed(check, drivers, cases):
        who = case.who(rank)
        check_parameter_names(check, case, result, who)
        for (name, dim), weight in zip(NAMES[case.kind].items(), case.weights, strict=True):
            what = "columns" if dim else "rows"
            expected = parts(weight, dim, case.ranks)[rank].contiguous()
            got = result["parameters"][name]
            check.equal(got, expected, who=f"{who}, as {name},", hint=f"it is this rank's {what} of the whole weight")
        share = sum(weight.nbytes for weight in case.weights) // case.ranks
        check.that(
            result["stored"] == share,
            f"{who} stores {result['stored']} bytes of parameters; expected {share}: parts are copies, not views",
        )


def check_inputs(check: Any, drivers: Any, cases: Sequence[Case]) -> None:
    """x is after both passes what it was before."""
    for case, rank, result in passed(check, drivers, cases):
        check.equal(result["input"], case.batches()[rank][0], who=f"{case.who(rank)}, as x after both passes,")


def check_collectives(check: Any, drivers: Any, cases: Sequence[Case]) -> None:
    """A block has one all-reduce of an activation in each direction, a half of a block in one direction."""
    for case, rank, result in passed(check, drivers, cases):
        for phase, count in zip(("forward", "backward"), COLLECTIVES[case.kind], strict=True):
            got = [(event["operation"], event["numel"]) for event in result["events"] if event["phase"] == phase]
            size = case.x.numel() if phase == "backward" else case.cotangent.numel()
            check.that(
                got == [("all_reduce", size)] * count,
                f"{case.who(rank)}, in a {phase} pass, began {_said(got)}; "
                f"expected {_said([('all_reduce', size)] * count)}",
            )


def _said(collectives: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{operation} of {numel}" for operation, numel in collectives) or "no collective"
