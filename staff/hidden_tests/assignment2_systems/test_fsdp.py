"""Fully sharded data parallelism: other models and numbers of ranks, and several demands at once."""

import pytest
import torch

from assignment2_systems.tests.fsdp_cases import (
    ADAMW,
    DEEP,
    EVEN,
    FLOATS,
    MIXED,
    NESTED,
    TIED,
    TOWER,
    beyond,
    check_gathers,
    check_gradients,
    check_memory,
    check_nearly,
    check_reductions,
    check_training,
    draw_case,
    in_float32_and_apart,
)
from assignment2_systems.tests.one_a_rank import one_a_rank


def even_layers(draw):
    """A chain of layers of the course's library whose sizes two ranks can share evenly."""
    rows, width, inner = 2 * draw.integer(15, 30), 2 * draw.integer(4, 10), 2 * draw.integer(4, 10)
    return [
        ("embedding", "tokens", rows, width),
        ("feed_forward", "blocks.0.ffn", width, inner),
        ("norm", "blocks.0.norm", width),
        ("linear", "blocks.1.mix", inner, width),
        ("silu", "act"),
        ("linear", "head", rows, inner),
    ]


def drawn_layers(draw):
    """A chain of layers whose sizes no number of ranks divides on purpose."""
    rows, width, inner = draw.integer(30, 60), draw.integer(5, 20), draw.integer(5, 20)
    return [
        ("torch_embedding", "tokens", rows, width),
        ("shift", "shift", width),
        ("feed_forward", "blocks.0.ffn", width, inner),
        ("norm", "blocks.0.norm", width),
        ("torch_linear", "blocks.1.mix", inner, width),
        ("silu", "act"),
        ("linear", "head", rows, inner),
    ]


@in_float32_and_apart
def test_drawn_even_sizes(drivers, check, draw, stricter):
    layers, shape = even_layers(draw), (draw.integer(1, 4), 2)
    check_training(check, drivers, draw_case(draw, layers, 2, steps=3, optimizer=ADAMW, shape=shape, **stricter))


@beyond
@pytest.mark.parametrize("ranks", [2, 3])
def test_drawn_sizes(drivers, check, draw, ranks):
    layers, shape = drawn_layers(draw), (draw.integer(1, 4), 2)
    case = draw_case(draw, layers, ranks, steps=3, optimizer=ADAMW, shape=shape, dtype=torch.float64, apart=True)
    check_training(check, drivers, case)


@beyond
def test_fewer_rows_than_ranks(drivers, check, draw):
    layers = [("linear", "narrow", 1, 5), ("torch_linear", "wide", 2, 1), ("linear", "last", 2, 2)]
    case = draw_case(draw, layers, 3, shape=(6,), dtype=torch.float64, apart=True)
    check_training(check, drivers, case, rtol=1e-9, hint="a weight may have fewer rows, and fewer elements, than ranks")


@beyond
def test_shared_and_frozen_weights_on_three_ranks(drivers, check, draw):
    stricter = {"dtype": torch.float64, "apart": True}
    options = {"frozen": ["mix.weight"], "batches": 2, "how": "together", **stricter}
    found = check_training(check, drivers, draw_case(draw, TIED, 3, steps=3, optimizer=ADAMW, **options))
    check_gradients(check, found, trained=2)


@beyond
def test_a_shared_weight_that_is_frozen(drivers, check, draw):
    case = draw_case(draw, TIED, 2, frozen=["tokens.weight"], dtype=torch.float64, apart=True)
    check_training(check, drivers, case)


@beyond
def test_gradients_add_up(drivers, check, draw):
    case = draw_case(draw, EVEN, 2, batches=3, keywords={"scale": draw.number(0.3, 0.6)})
    check_training(check, drivers, case)


@beyond
def test_gradients_add_up_on_three_ranks(drivers, check, draw):
    options = {"keywords": {"scale": draw.number(0.3, 0.6)}, "dtype": torch.float64, "apart": True}
    check_training(check, drivers, draw_case(draw, FLOATS, 3, batches=3, optimizer=ADAMW, **options))


@pytest.mark.parametrize(
    ("layers", "ranks"), [(DEEP, 2), pytest.param(NESTED, 3, marks=beyond)], ids=["two_ranks", "three_ranks"]
)
def test_attention_in_half_precision(drivers, check, draw, layers, ranks):
    case = draw_case(draw, layers, ranks, compute_dtype="bfloat16", steps=1)
    check_nearly(check, drivers, case, tolerance=0.1)


def test_one_rank_in_half_precision(drivers, check, draw):
    case = draw_case(draw, EVEN, 1, compute_dtype="float16", optimizer=("sgd", {"lr": 1e-5}))
    check_nearly(check, drivers, case, tolerance=0.1, hint="the weights that are trained stay in float32")


@pytest.mark.parametrize(
    ("sizes", "dtype", "rtol"),
    [((0.1, 10.0), torch.float32, 1e-4), pytest.param((1e-3, 1e3), torch.float64, 1e-9, marks=beyond)],
    ids=["float32", "float64"],
)
def test_gradients_of_very_different_size(drivers, check, draw, sizes, dtype, rtol):
    case = draw_case(draw, EVEN, 2, steps=1, dtype=dtype)
    for rank, size in enumerate(sizes):
        x, cotangent = case.steps[rank][0][0]
        case.steps[rank][0][0] = (x, size * cotangent)
    check_training(check, drivers, case, rtol=rtol, hint="each rank's gradient counts with the same weight")


@beyond
def test_what_travels_with_frozen_weights_in_half_precision(drivers, check, draw):
    frozen = ["tokens.weight", "up.weight", "norm.weight"]
    case = draw_case(draw, EVEN, 3)
    batches = case.first_batches()
    found = drivers.fsdp_communication(EVEN, case.weights, batches, frozen=frozen, compute_dtype="float16")
    one_a_rank(check, found, len(case.weights), "the sharded model")
    check_gathers(check, found, EVEN, "float16")
    check_reductions(check, found, EVEN, "float16", frozen)


@beyond
def test_what_travels_in_double_precision(drivers, check, draw):
    case = draw_case(draw, MIXED, 3, dtype=torch.float64)
    found = drivers.fsdp_communication(MIXED, case.weights, case.first_batches())
    one_a_rank(check, found, len(case.weights), "the sharded model")
    check_gathers(check, found, MIXED, "float64")


@beyond
@pytest.mark.parametrize("phase", ["wrapped", "evaluation", "forward", "backward"])
def test_what_lives_on_three_ranks(drivers, check, draw, phase):
    case = draw_case(draw, TOWER, 3, steps=1, shape=(1,), dtype=torch.float64)
    found = drivers.fsdp_memory(TOWER, case.weights, case.first_batches())
    one_a_rank(check, found, len(case.weights), "the sharded model")
    check_memory(check, found, phase, 3, torch.float64)
