"""Fine-tuning on examples: every parameter after a few updates, the order of the examples, and whether it learns."""

from assignment5_alignment import tasks
from assignment5_alignment.tests.example_sets import WHO, check_training, examples, orders_of, run
from assignment5_alignment.tests.watched_loops import accuracy, check_gain, flat, response


def test_updates_of_all_examples_are_gradient_descent(drivers, check, draw):
    given = examples(draw, 6)
    report = run(drivers, given, batch_size=6, epochs=3, max_grad_norm=1.0, seed=draw.integer(0, 1000))
    orders = orders_of(check, report, given, batch_size=6, epochs=3)
    check_training(check, report, given, orders, batch_size=6, norm=1.0)


def test_an_epoch_uses_every_example_once_and_the_last_batch_has_what_is_left(drivers, check, draw):
    given = examples(draw, 10)
    report = run(drivers, given, batch_size=4, epochs=3, max_grad_norm=2.0, seed=draw.integer(0, 1000))
    orders = orders_of(check, report, given, batch_size=4, epochs=3)
    check.that(len({tuple(order) for order in orders}) > 1, f"{WHO} used the examples in the same order in every epoch")
    check_training(check, report, given, orders, batch_size=4, norm=2.0)


def test_the_seed_decides_the_order(drivers, check, draw):
    given, seed = examples(draw, 12), draw.integer(0, 1000)
    orders = [orders_of(check, run(drivers, given, 6, 1, 1.0, each), given, 6, 1)[0] for each in (seed, seed, seed + 1)]
    check.that(orders[0] == orders[1], f"{WHO} used other orders with the same seed")
    check.that(orders[0] != orders[2], f"{WHO} used the same order with another seed")


def test_as_many_responses_as_prompts(drivers, check, draw):
    given = examples(draw, 4)
    arguments = (0.1, 2, 1, 1.0, 0)
    check.rejects(drivers.sft_run, given.weights, given.prompts, given.responses[:3], *arguments, who=WHO)


def test_it_learns(drivers, check, draw):
    task, start = tasks.task("addition"), tasks.start_weights("addition")
    accuracies = []
    for _ in range(3):
        reply = drivers.sft_learns(
            start, list(task.prompts), list(map(response, task.ground_truths)), 5e-4, 15, 6, draw.integer(0, 2**31)
        )
        flat(check, WHO, reply["weights"], start)
        accuracies.append(accuracy(reply["weights"]))
    check_gain(check, WHO, accuracies, accuracy(start), 0.25)
