"""Hidden: gradients that are not clipped, one example, none, and prompts that come twice."""

from dataclasses import replace

from assignment5_alignment.tests.example_sets import RATE, UNCLIPPED, WHO, check_training, examples, orders_of, run
from assignment5_alignment.tests.watched_loops import check_history, check_untouched


def test_a_gradient_within_the_norm_is_not_scaled(drivers, check, draw):
    given = examples(draw, 5)
    report = drivers.sft_run(given.weights, given.prompts, given.responses, RATE, 2, 2, UNCLIPPED, 3)
    orders = orders_of(check, report, given, batch_size=2, epochs=2)
    check_training(check, report, given, orders, batch_size=2, norm=UNCLIPPED)


def test_one_example(drivers, check, draw):
    given = examples(draw, 1)
    report = run(drivers, given, batch_size=8, epochs=2, max_grad_norm=1.0, seed=0)
    check_training(check, report, given, orders_of(check, report, given, 8, 2), batch_size=8, norm=1.0)


def test_no_examples_no_change(drivers, check, draw):
    given = examples(draw, 1)
    report = run(drivers, replace(given, prompts=[], responses=[]), batch_size=8, epochs=2, max_grad_norm=1.0, seed=0)
    check_history(check, WHO, report["returned"], ("loss",), 0)
    check_untouched(check, WHO, "the policy without an example", report["weights"], given.weights)
