"""Tensor parallelism: parts of one layer on several ranks compute what the whole does, and communicate twice."""

import pytest
import torch

from assignment2_systems.tests.one_a_rank import one_a_rank
from assignment2_systems.tests.parallel_layers import (
    check_collectives,
    check_inputs,
    check_parts,
    check_values,
    draw_case,
    draw_cases,
    whole,
)


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_outputs_and_gradients_are_those_of_the_whole(drivers, check, draw, ranks):
    check_values(check, drivers, draw_cases(draw, ranks))


def test_a_rank_has_its_part_of_each_weight(drivers, check, draw):
    check_parts(check, drivers, draw_cases(draw, 3))


@pytest.mark.parametrize("ranks", [2, 3])
def test_a_block_communicates_once_in_each_direction(drivers, check, draw, ranks):
    check_collectives(check, drivers, draw_cases(draw, ranks))


@pytest.mark.parametrize("leading", [(4,), (2, 1, 3)])
def test_leading_dimensions_are_free(drivers, check, draw, leading):
    check_values(check, drivers, draw_cases(draw, 2, leading=leading))


def test_one_head_and_one_feature_a_rank(drivers, check, draw):
    check_values(check, drivers, draw_cases(draw, 3, heads=3, inner=3))


def test_float32_stays_float32(drivers, check, draw):
    check_values(check, drivers, draw_cases(draw, 2, dtype=torch.float32))


def test_the_input_is_not_changed(drivers, check, draw):
    check_inputs(check, drivers, draw_cases(draw, 2))


@pytest.mark.parametrize("kind", ["column", "row", "feed_forward", "attention"])
def test_what_ranks_do_not_divide_is_refused(drivers, check, draw, kind):
    case = draw_case(draw, kind, 2, inner=7, heads=3)
    x = torch.zeros(2, 3) if kind == "row" else torch.zeros(2, 12)
    case.x = case.cotangent = x.double()
    who = f"{kind} with {'3 heads' if kind == 'attention' else '7 features'} on 2 ranks"
    check.rejects(drivers.parallel_layers, [case.layer()], [[(x.double(), x.double())]] * 2, who=who)


@pytest.mark.parametrize("ranks", [2, 3])
def test_blocks_in_a_row_train_like_one_process(drivers, check, draw, ranks):
    check_blocks(drivers, check, draw, ["attention", "feed_forward", "attention", "feed_forward"], ranks, steps=3)


def check_blocks(drivers, check, draw, kinds, ranks, steps):
    cases = [draw_case(draw, kind, ranks, gain=0.7) for kind in kinds]
    data = [(case.x, case.cotangent) for case in (draw_case(draw, "attention", ranks) for _ in range(steps))]
    rate = 0.005
    found = drivers.parallel_training([case.layer() for case in cases], data, ranks, rate)
    for outputs in one_a_rank(check, found, ranks, "blocks"):
        check.equal(len(outputs), steps, who="blocks, as the number of steps with an output,")
    weights = [[weight.clone().requires_grad_() for weight in case.weights] for case in cases]
    for step, (x, cotangent) in enumerate(data):
        for case, each in zip(cases, weights, strict=True):
            x = x + whole(case.kind, each, case.heads)(x)
        (x * cotangent).sum().backward()
        with torch.no_grad():
            for weight in (weight for each in weights for weight in each):
                weight -= rate * weight.grad
                weight.grad = None
        for rank, outputs in enumerate(found):
            who = f"blocks on rank {rank} of {ranks}, in step {step},"
            check.close(outputs[step], x.detach(), rtol=1e-9, who=who)
