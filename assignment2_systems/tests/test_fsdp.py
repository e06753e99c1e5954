"""Fully sharded data parallelism: it trains like one process, and what each rank holds and moves is its share."""

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
    UNEVEN,
    beyond,
    check_gathers,
    check_gradients,
    check_memory,
    check_nearly,
    check_products,
    check_reductions,
    check_the_same,
    check_training,
    draw_case,
    in_float32_and_apart,
)
from assignment2_systems.tests.one_a_rank import one_a_rank

even_or_not = pytest.mark.parametrize("layers", [EVEN, pytest.param(UNEVEN, marks=beyond)], ids=["even", "uneven"])
deep_or_uneven = pytest.mark.parametrize("layers", [DEEP, pytest.param(NESTED, marks=beyond)], ids=["even", "uneven"])
two_ranks_or_three = pytest.mark.parametrize("ranks", [2, pytest.param(3, marks=beyond)])


@in_float32_and_apart
@pytest.mark.parametrize("ranks", [1, 2])
def test_training_is_that_of_one_process(drivers, check, draw, ranks, stricter):
    check_training(check, drivers, draw_case(draw, EVEN, ranks, steps=3, optimizer=ADAMW, **stricter))


@beyond
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_sizes_need_not_be_multiples_of_the_ranks(drivers, check, draw, ranks):
    case = draw_case(draw, UNEVEN, ranks, steps=3, optimizer=ADAMW, dtype=torch.float64, apart=True)
    check_training(check, drivers, case, hint=f"there are 101 rows and 63 columns for {ranks} ranks")


@in_float32_and_apart
def test_gradients_are_the_mean_over_the_ranks(drivers, check, draw, stricter):
    case = draw_case(draw, EVEN, 2, steps=1, **stricter)
    check_training(check, drivers, case, hint="the optimizer was SGD; ranks have data of their own")


@even_or_not
def test_training_in_float32(drivers, check, draw, layers):
    check_training(check, drivers, draw_case(draw, layers, 2))


@beyond
@pytest.mark.parametrize("ranks", [2, 3])
def test_all_ranks_start_as_rank_0(drivers, check, draw, ranks):
    case = draw_case(draw, EVEN, ranks, steps=1, apart=True)
    check_training(check, drivers, case, hint="ranks had weights of their own, of which those of rank 0 count")


@beyond
def test_a_weight_shared_by_embedding_and_head(drivers, check, draw):
    case = draw_case(draw, TIED, 2, dtype=torch.float64, apart=True)
    hint = "lm_head and tokens have one weight, which gets the gradients of both"
    check_training(check, drivers, case, hint=hint)


@in_float32_and_apart
@deep_or_uneven
def test_layers_at_any_depth(drivers, check, draw, layers, stricter):
    check_training(check, drivers, draw_case(draw, layers, 2, optimizer=ADAMW, **stricter))


@beyond
def test_biases_buffers_and_numbers_as_input(drivers, check, draw):
    case = draw_case(draw, FLOATS, 3, dtype=torch.float64, apart=True)
    check_training(check, drivers, case, hint="layers are of torch.nn, too; biases and buffers are of rank 0")


@in_float32_and_apart
def test_keywords_reach_the_module(drivers, check, draw, stricter):
    case = draw_case(draw, EVEN, 2, keywords={"scale": draw.number(2.0, 3.0)}, **stricter)
    check_training(check, drivers, case)


@beyond
def test_frozen_weights_are_used_and_stay(drivers, check, draw):
    frozen = ["tokens.weight", "down.weight", "norm.weight"]
    case = draw_case(draw, EVEN, 2, optimizer=ADAMW, frozen=frozen, dtype=torch.float64, apart=True)
    found = check_training(check, drivers, case, hint=f"frozen are {', '.join(frozen)}")
    check_gradients(check, found, trained=3)


@beyond
@in_float32_and_apart
@even_or_not
def test_two_forward_passes_before_one_backward_pass(drivers, check, draw, layers, stricter):
    case = draw_case(draw, layers, 2, batches=2, how="together", **stricter)
    check_training(check, drivers, case, hint="the gradient is that of both batches together")


@beyond
@in_float32_and_apart
def test_gradients_add_up_over_backward_passes(drivers, check, draw, stricter):
    case = draw_case(draw, EVEN, 2, batches=2, **stricter)
    hint = "two batches a step, each with a backward pass and a synchronization; zero_grad before each step only"
    check_training(check, drivers, case, hint=hint)


def test_gradients_have_shape_and_dtype_of_what_a_rank_keeps(drivers, check, draw):
    case = draw_case(draw, EVEN, 2, compute_dtype="bfloat16")
    check_gradients(check, case.trained(check, drivers), trained=6)


@deep_or_uneven
@pytest.mark.parametrize("compute_dtype", ["float16", "bfloat16"])
def test_half_precision_computes_nearly_the_same(drivers, check, draw, compute_dtype, layers):
    case = draw_case(draw, layers, 2, compute_dtype=compute_dtype)
    hint = "the weights that are trained stay in float32"
    check_nearly(check, drivers, case, tolerance=0.1, hint=hint)


def test_small_updates_are_not_lost_in_half_precision(drivers, check, draw):
    case = draw_case(draw, EVEN, 2, compute_dtype="bfloat16", optimizer=("sgd", {"lr": 1e-5}))
    hint = "updates are far below the resolution of bfloat16: the weights that are trained stay in float32"
    check_nearly(check, drivers, case, tolerance=0.1, hint=hint)


@pytest.mark.parametrize("compute_dtype", ["float32", "bfloat16"])
def test_sharded_layers_compute_in_the_compute_dtype(drivers, check, draw, compute_dtype):
    case = draw_case(draw, EVEN, 2, compute_dtype=compute_dtype, steps=1)
    check_products(check, case.trained(check, drivers), compute_dtype)


@beyond
def test_numbers_as_input_are_cast(drivers, check, draw):
    layers = [("norm", "norm", 8), ("linear", "up", 12, 8), ("silu", "act"), ("linear", "down", 6, 12)]
    case = draw_case(draw, layers, 2, compute_dtype="bfloat16")
    check_nearly(check, drivers, case, tolerance=0.1, hint="float32 numbers go into a sharded layer")


@even_or_not
def test_the_same_run_gives_the_same_bits(drivers, check, draw, layers):
    case = draw_case(draw, layers, 2)
    first, second = case.trained(check, drivers), case.trained(check, drivers)
    check_the_same(check, first, second, who="the sharded model, trained a second time,")
    check_the_same(check, first[:1], first[1:], who="the sharded model on rank 1, beside rank 0,")


@pytest.mark.parametrize("compute_dtype", [None, "bfloat16"])
def test_a_forward_pass_gathers_each_weight_once(drivers, check, draw, compute_dtype):
    case = draw_case(draw, EVEN, 2)
    batches = case.first_batches()
    found = drivers.fsdp_communication(EVEN, case.weights, batches, compute_dtype=compute_dtype)
    one_a_rank(check, found, len(case.weights), "the sharded model")
    check_gathers(check, found, EVEN, compute_dtype or "float32")


@beyond
def test_layers_of_both_libraries_at_any_depth_are_sharded(drivers, check, draw):
    case = draw_case(draw, MIXED, 2)
    found = drivers.fsdp_communication(MIXED, case.weights, case.first_batches())
    one_a_rank(check, found, len(case.weights), "the sharded model")
    check_gathers(check, found, MIXED, "float32")


@two_ranks_or_three
@pytest.mark.parametrize("compute_dtype", [None, "bfloat16"])
def test_a_backward_pass_adds_up_each_gradient_once(drivers, check, draw, compute_dtype, ranks):
    case = draw_case(draw, EVEN, ranks)
    batches = case.first_batches()
    found = drivers.fsdp_communication(EVEN, case.weights, batches, compute_dtype=compute_dtype)
    one_a_rank(check, found, len(case.weights), "the sharded model")
    check_reductions(check, found, EVEN, compute_dtype or "float32")


@beyond
def test_no_gradient_of_a_frozen_weight_is_sent(drivers, check, draw):
    frozen = ["up.weight", "down.weight", "final.weight"]
    case = draw_case(draw, EVEN, 2)
    batches = case.first_batches()
    found = drivers.fsdp_communication(EVEN, case.weights, batches, frozen=frozen)
    one_a_rank(check, found, len(case.weights), "the sharded model")
    check_reductions(check, found, EVEN, "float32", frozen)


@two_ranks_or_three
def test_a_rank_keeps_its_share(drivers, check, draw, ranks):
    check_memory_of_the_tower(drivers, check, draw, "wrapped", ranks)


@in_float32_and_apart
def test_a_forward_pass_leaves_no_whole_weight(drivers, check, draw, stricter):
    check_memory_of_the_tower(drivers, check, draw, "forward", **stricter)


@in_float32_and_apart
def test_a_forward_pass_without_gradients_leaves_no_whole_weight(drivers, check, draw, stricter):
    check_memory_of_the_tower(drivers, check, draw, "evaluation", **stricter)


@beyond
def test_a_backward_pass_drops_weights_and_gradients_as_it_goes(drivers, check, draw):
    check_memory_of_the_tower(drivers, check, draw, "backward", dtype=torch.float64)


def check_memory_of_the_tower(drivers, check, draw, phase, ranks=2, dtype=torch.float32, apart=False):
    case = draw_case(draw, TOWER, ranks, steps=1, shape=(1,), dtype=dtype, apart=apart)
    found = drivers.fsdp_memory(TOWER, case.weights, case.first_batches())
    check_memory(check, one_a_rank(check, found, ranks, "the sharded model"), phase, ranks, dtype)
