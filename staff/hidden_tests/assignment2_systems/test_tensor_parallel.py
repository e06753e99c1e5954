"""Tensor parallelism: drawn sizes, other numbers of ranks, and blocks in another order."""

import pytest
import torch

from assignment2_systems.tests.parallel_layers import check_collectives, check_parts, check_values, draw_cases
from assignment2_systems.tests.test_tensor_parallel import check_blocks


def drawn(draw, ranks, **options):
    heads = ranks * draw.integer(1, 4)
    leading = (*(draw.integer(1, 4) for _ in range(draw.integer(0, 3))), draw.integer(3, 7))
    width, inner = heads * draw.integer(2, 5), ranks * draw.integer(2, 9)
    return draw_cases(draw, ranks, width=width, inner=inner, heads=heads, leading=leading, **options)


@pytest.mark.parametrize("ranks", [2, 3])
def test_drawn_sizes(drivers, check, draw, ranks):
    check_values(check, drivers, drawn(draw, ranks))


def test_parts_of_drawn_sizes(drivers, check, draw):
    check_parts(check, drivers, drawn(draw, 2))


def test_collectives_of_drawn_sizes(drivers, check, draw):
    check_collectives(check, drivers, drawn(draw, 2))


def test_three_ranks_in_float32(drivers, check, draw):
    check_values(check, drivers, drawn(draw, 3, dtype=torch.float32))


def test_blocks_in_another_order(drivers, check, draw):
    check_blocks(drivers, check, draw, ["feed_forward", "feed_forward", "attention"], 2, steps=4)
