"""What both FlashAttention functions are asked, in the public and the hidden tests alike."""

from __future__ import annotations

import pytest
import torch

from assignment2_systems.tests import float64_attention

KINDS = ("pytorch", "triton")
WHO = {"pytorch": "the PyTorch FlashAttention", "triton": "the Triton FlashAttention"}
both = pytest.mark.parametrize("kind", KINDS)
beyond = pytest.mark.beyond_public_course
causal_or_not = pytest.mark.parametrize(
    ("kind", "is_causal"),
    [  # the public course lets the PyTorch function ignore is_causal
        ("pytorch", False),
        pytest.param("pytorch", True, marks=beyond),
        ("triton", False),
        ("triton", True),
    ],
)
causal_where_asked = pytest.mark.parametrize(
    ("kind", "is_causal"), [("pytorch", False), pytest.param("pytorch", True, marks=beyond), ("triton", True)]
)
in_half_precision = pytest.mark.parametrize(
    ("kind", "dtype"),
    [  # Triton's interpreter multiplies bit patterns of bfloat16
        pytest.param("pytorch", torch.bfloat16, marks=beyond),
        pytest.param("pytorch", torch.float16, marks=beyond),
        ("triton", torch.float16),
    ],
    ids=str,
)

LARGEST_TILE = 128
"""Queries, and keys, in a tile."""


def inputs(draw, queries, keys, d, *leading, dtype=None):
    """q, k and v of these sizes."""
    tensors = [draw.normal(*leading, length, d) for length in (queries, keys, keys)]
    return [tensor.to(dtype) for tensor in tensors] if dtype else tensors


def check_output(drivers, check, kind, tensors, is_causal, rtol=1e-4, layout="contiguous", hint=""):
    """The output is that of attention with all scores, in the dtype of the inputs."""
    found = drivers.attention(kind, *tensors, is_causal, layout)
    expected = float64_attention.attention(*tensors, bool(is_causal))
    check.close(found, expected, rtol=rtol, dtype=tensors[0].dtype, who=WHO[kind], hint=hint)


def check_gradients(
    drivers,
    check,
    kind,
    tensors,
    is_causal,
    cotangent,
    rtol=2e-4,
    layout="contiguous",
    wrt="qkv",
    transposed=False,
    hint="",
):
    """The gradients by each of `wrt` are those of attention with all scores; the others are None."""
    found = drivers.attention_gradients(kind, *tensors, is_causal, cotangent, layout, wrt, transposed)
    given = float64_attention.attention(*tensors, bool(is_causal)) * 0 + 1 if cotangent is None else cotangent
    expected = float64_attention.gradients(*tensors, bool(is_causal), given)
    for name, gradient, right in zip("qkv", found, expected, strict=True):
        who = f"the backward pass of {WHO[kind]}, gradient by {name},"
        if name in wrt:
            check.close(gradient, right, rtol=rtol, dtype=tensors[0].dtype, who=who, hint=hint)
        else:
            check.that(gradient is None, f"{who} is there; expected none, as {name} does not require one")


def check_memory(check, found, tensors, who):
    """Tensors made are inputs' or tiles' size, and all that live at a time are far fewer than the scores."""
    q, k, _ = tensors
    tile = 4 * LARGEST_TILE**2
    scores = 4 * q.shape[-2] * k.shape[-2]
    largest = max(tile, 4 * q.numel(), 4 * k.numel())
    check.that(
        found["largest"] <= largest,
        f"{who} made a tensor of {found['largest']} bytes for {q.shape[-2]} queries and {k.shape[-2]} keys; expected "
        f"none larger than an input or a tile of {LARGEST_TILE} by {LARGEST_TILE} in float32, {largest} bytes",
    )
    for name, what in (("peak", "had at one time tensors"), ("kept", "left tensors")):
        check.that(
            found[name] <= scores // 2,
            f"{who} {what} of {found[name]} bytes in all; expected less than half of what a matrix of all scores takes, "
            f"{scores // 2} bytes",
        )


def check_operators(check, names, who):
    """The softmax is written out."""
    ready = [name for name in names if "softmax" in name or "logsumexp" in name or "attention" in name]
    check.that(
        not ready,
        f"{who} used {' and '.join(ready)}; expected the softmax to be written out with exponentials, maxima and sums",
    )


def check_launches(check, launches, who, programs, flops):
    """There is a launch by tiles in parallel, and the launches multiply by `tl.dot` as much as attention takes."""
    check.that(
        launches, f"{who} launched no kernel; expected the work to be done by functions with the decorator triton.jit"
    )
    most = max(launch["programs"] for launch in launches)
    check.that(
        most >= programs,
        f"{who} launched at most {most} programs at once; expected at least {programs}, one for each tile of at most "
        f"{LARGEST_TILE} rows of each head, so that they run in parallel",
    )
    if launches[0]["flops"] is None:
        return  # compiled, so no more is known
    done = sum(launch["flops"] for launch in launches)
    check.that(
        done >= flops,
        f"the kernels of {who} did {done} FLOP by tl.dot; expected at least {flops}, those of all its matrix products",
    )
    tile = max((launch["tile"] for launch in launches), key=lambda sides: sides[0] * sides[1])
    check.that(
        max(tile) <= LARGEST_TILE,
        f"the kernels of {who} made a product of {tile[0]} by {tile[1]}; expected tiles of at most {LARGEST_TILE} by "
        f"{LARGEST_TILE}, as no more fits into a core of a GPU",
    )


def check_addresses(check, launches, who):
    """No load and no store goes beside the tensors."""
    check.that(launches, f"{who} launched no kernel; expected the work to be done by functions with triton.jit")
    for launch in launches:
        check.that(
            not launch["strays"],  # None where kernels are compiled
            f"{launch['kernel']} of {who} loads or stores {launch['strays']} numbers outside of the tensors it was given; "
            "expected a mask on every load and store that may reach over an edge",
        )
