"""Training on preferences: every parameter after a few updates, a reference that stays, and what is then preferred."""

import torch

from assignment5_alignment import models
from assignment5_alignment.tests.preferences import (
    TOPICS,
    WHO,
    check_training,
    comparisons,
    margins,
    pair_numbers,
    pairs_on,
)
from assignment5_alignment.tests.watched_loops import check_untouched, flat

RATE = 0.02


def test_updates_on_all_comparisons_are_gradient_descent(drivers, check, draw):
    given, beta = comparisons(draw, 3), draw.number(0.1, 0.5)
    report = drivers.dpo_run(given.weights, given.reference, given.pairs, "sgd", RATE, beta, 3, 2, 1.0, 0)
    check_training(check, report, given, [given.pairs] * 2, beta, RATE, 1.0)


def test_an_epoch_uses_every_comparison_once_in_an_order_of_its_own(drivers, check, draw):
    given = comparisons(draw, 7)
    report = drivers.dpo_run(
        given.weights, given.reference, given.pairs, "sgd", RATE, 0.3, 2, 3, 1.0, draw.integer(0, 99)
    )
    batches = pair_numbers(check, report, given.pairs)
    check.that(
        [len(batch) for batch in batches] == [2, 2, 2, 1] * 3,
        f"{WHO} made updates of other batches than of 2 comparisons, and what is left at the end of an epoch",
    )
    epochs = [batches[start : start + 4] for start in (0, 4, 8)]
    for epoch in epochs:
        used = sorted(number for batch in epoch for number in batch)
        check.that(used == list(range(7)), f"{WHO} did not use every comparison once in an epoch")
    check.that(epochs[0] != epochs[1] or epochs[1] != epochs[2], f"{WHO} used the same order in every epoch")
    check_training(check, report, given, [[given.pairs[n] for n in batch] for batch in batches], 0.3, RATE, 1.0)


def test_it_prefers_what_was_preferred(drivers, check, draw):
    start = models.weights("tiny-gpt2")
    reference = {name: tensor.double() for name, tensor in start.items()}
    order = [TOPICS[number] for number in draw.permutation(len(TOPICS)).tolist()]
    pairs, held_out = pairs_on(draw, order[:14]), pairs_on(draw, order[14:]) + pairs_on(draw, order[14:])
    reply = drivers.dpo_run(start, start, pairs, "adamw", 2e-3, 0.2, 7, 2, 1.0, draw.integer(0, 2**31))
    check_untouched(check, WHO, "the reference model", reply["reference"], start)
    flat(check, WHO, reply["weights"], start)
    with torch.no_grad():
        learned = margins({name: tensor.double() for name, tensor in reply["weights"].items()}, held_out)
        right = float((learned > margins(reference, held_out)).double().mean())
    check.that(
        right >= 0.9,
        f"{WHO}: the policy's implicit reward is higher for the preferred response in {right:.2f} of the held-out "
        "comparisons; expected at least 0.9",
    )
