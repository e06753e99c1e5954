"""The best size in closed form: it costs C, its loss is the law's, and no neighbour is better."""

import math

import pytest

from assignment3_scaling.data.law import Law
from assignment3_scaling.tests.laws import best_size, draw_law

WHO = "run_compute_optimal"


def found_for(adapters, check, law, C):
    N, D, L = adapters.run_compute_optimal(law.E, law.A, law.B, law.alpha, law.beta, C)
    check.that(N > 0 and D > 0, f"{WHO} returned N = {N:g} and D = {D:g}; expected both above 0")
    return N, D, L


def test_by_hand(adapters, check):
    """Both terms alike: N = D = sqrt(C / 6) = 100, and the loss 2 + 50 / 10 + 50 / 10."""
    N, D, L = adapters.run_compute_optimal(2.0, 50.0, 50.0, 0.5, 0.5, 60_000.0)
    for name, found, expected in (("N", N, 100.0), ("D", D, 100.0), ("L", L, 12.0)):
        check.close(found, expected, rtol=1e-9, who=f"{WHO}, {name},")


@pytest.mark.parametrize("C", [1e15, 1e18, 1e21, 5.76e23])
def test_the_optimum_is_that_of_a_search(adapters, check, draw, C):
    for _ in range(3):
        law = draw_law(draw)
        N, D, L = found_for(adapters, check, law, C)
        expected = best_size(law, C)
        check.close(N, expected, rtol=1e-6, who=f"{WHO}, N,", hint="of all N and D with 6 N D = C the best")
        check.close(D, C / 6 / expected, rtol=1e-6, who=f"{WHO}, D,", hint="C = 6 N D")
        check.close(L, law.loss(expected, C / 6 / expected), rtol=1e-9, who=f"{WHO}, L,")


def test_neighbours_at_equal_compute_are_worse(adapters, check, draw):
    for _ in range(4):
        law, C = draw_law(draw, (0.2, 0.8), (0.2, 0.8)), 10 ** draw.number(12, 26)
        N, D, L = found_for(adapters, check, law, C)
        check.close(6 * N * D, C, rtol=1e-9, who=f"{WHO}, 6 N D,")
        check.close(L, law.loss(N, D), rtol=1e-9, who=f"{WHO}, L,", hint="it is the law's loss at its own N and D")
        reducible = Law(0.0, law.A, law.B, law.alpha, law.beta)
        nearby = min(reducible.loss(N * step, D / step) for step in (0.97, 1.03))
        check.that(reducible.loss(N, D) < nearby, f"{WHO}: a neighbour with the same compute has a lower loss")


@pytest.mark.parametrize(("alpha", "beta"), [(0.3, 0.3), (0.25, 0.5), (0.6, 0.3)])
def test_a_hundred_times_the_compute(adapters, check, draw, alpha, beta):
    """N grows with the power beta / (alpha + beta), D with the rest."""
    law = draw_law(draw, (alpha, alpha), (beta, beta))
    (N, D, _), (N_more, D_more, _) = found_for(adapters, check, law, 1e18), found_for(adapters, check, law, 1e20)
    check.close(N_more / N, 100 ** (beta / (alpha + beta)), rtol=1e-9, who=f"{WHO}, the growth of N,")
    check.close(D_more / D, 100 ** (alpha / (alpha + beta)), rtol=1e-9, who=f"{WHO}, the growth of D,")


def test_the_irreducible_loss_moves_nothing(adapters, check, draw):
    law = draw_law(draw)
    N, D, L = found_for(adapters, check, law, 1e19)
    N_same, D_same, L_more = found_for(adapters, check, Law(law.E + 1, law.A, law.B, law.alpha, law.beta), 1e19)
    check.close(N_same, N, rtol=1e-12, who=f"{WHO}, N, for a larger E,")
    check.close(D_same, D, rtol=1e-12, who=f"{WHO}, D, for a larger E,")
    check.that(
        math.isclose(L_more, L + 1, rel_tol=1e-12), f"{WHO}: L rises by {L_more - L:g} if E does by 1; expected 1"
    )
