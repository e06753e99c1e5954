"""Pipeline parallelism: drawn sizes, four ranks, and all demands at once."""

import pytest

from assignment2_systems.tests.pipelines import (
    check_in_flight,
    check_messages,
    check_training,
    draw_stages,
    draw_step,
)


@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_drawn_sizes(drivers, check, draw, ranks):
    width, batch, micro_batches = draw.integer(3, 9), draw.integer(1, 4), draw.integer(ranks, 9)
    steps = [draw_step(draw, micro_batches, batch, 2, width) for _ in range(2)]
    found = check_training(check, drivers, draw_stages(draw, ranks, width), steps, 0.001)
    check_in_flight(check, found, micro_batches)
    check_messages(check, found, 2 * micro_batches, batch * 2 * width)


def test_as_many_micro_batches_as_ranks(drivers, check, draw):
    found = check_training(check, drivers, draw_stages(draw, 3, 5), [draw_step(draw, 3, 4, 5)], None)
    check_in_flight(check, found, 3)
