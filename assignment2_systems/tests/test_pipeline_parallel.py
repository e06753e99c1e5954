"""Pipeline parallelism: gradients of the whole, a short queue on each rank, and messages to neighbours only."""

import pytest

from assignment2_systems.tests.pipelines import (
    check_in_flight,
    check_messages,
    check_training,
    draw_stages,
    draw_step,
)


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_gradients_and_losses_are_those_of_one_process(drivers, check, draw, ranks):
    check_training(check, drivers, draw_stages(draw, ranks, 6), [draw_step(draw, 5, 3, 6)], None)


@pytest.mark.parametrize("micro_batches", [1, 2])
def test_fewer_micro_batches_than_stages(drivers, check, draw, micro_batches):
    check_training(check, drivers, draw_stages(draw, 3, 5), [draw_step(draw, micro_batches, 2, 5)], None)


def test_gradients_add_up_over_steps(drivers, check, draw):
    steps = [draw_step(draw, number, 2, 4) for number in (2, 4)]
    check_training(check, drivers, draw_stages(draw, 2, 4), steps, None)


def test_training_is_that_of_one_process(drivers, check, draw):
    steps = [draw_step(draw, 4, 3, 6) for _ in range(3)]
    check_training(check, drivers, draw_stages(draw, 3, 6), steps, 0.002)


@pytest.mark.parametrize("ranks", [2, 3])
def test_few_micro_batches_are_in_flight(drivers, check, draw, ranks):
    found = check_training(check, drivers, draw_stages(draw, ranks, 4), [draw_step(draw, 7, 2, 4)], None)
    check_in_flight(check, found, 7)


def test_neighbours_send_each_other_one_tensor_a_micro_batch(drivers, check, draw):
    found = check_training(check, drivers, draw_stages(draw, 3, 4), [draw_step(draw, 4, 2, 4)], None)
    check_messages(check, found, 4, 2 * 4)
