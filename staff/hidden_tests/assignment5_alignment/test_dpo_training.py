"""Hidden: a gradient that is not clipped, another beta, one comparison, and the seed."""

from assignment5_alignment.tests.preferences import WHO, check_training, comparisons, pair_numbers


def test_a_gradient_within_the_norm_is_not_scaled(drivers, check, draw):
    given, beta = comparisons(draw, 2), draw.number(0.6, 1.0)
    report = drivers.dpo_run(given.weights, given.reference, given.pairs, "sgd", 1e-4, beta, 8, 2, 1e6, 1)
    check_training(check, report, given, [given.pairs] * 2, beta, 1e-4, 1e6)


def test_the_seed_decides_the_order(drivers, check, draw):
    given, seed = comparisons(draw, 8), draw.integer(0, 1000)
    orders = []
    for each in (seed, seed, seed + 1):
        report = drivers.dpo_run(given.weights, given.reference, given.pairs, "sgd", 0.01, 0.2, 1, 1, 1.0, each)
        orders.append(pair_numbers(check, report, given.pairs))
    check.that(orders[0] == orders[1], f"{WHO} used other orders with the same seed")
    check.that(orders[0] != orders[2], f"{WHO} used the same order with another seed")
