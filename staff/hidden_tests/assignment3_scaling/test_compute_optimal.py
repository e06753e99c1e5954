"""The best size in closed form: far more constants and budgets."""

from assignment3_scaling.tests.laws import best_size, draw_law

WHO = "run_compute_optimal"


def test_random_laws(adapters, check, draw):
    for _ in range(12):
        law, C = draw_law(draw, (0.15, 0.9), (0.15, 0.9)), 10 ** draw.number(14, 24)
        expected = best_size(law, C)
        N, D, L = adapters.run_compute_optimal(law.E, law.A, law.B, law.alpha, law.beta, C)
        check.close(N, expected, rtol=1e-6, who=f"{WHO}, N,")
        check.close(D, C / 6 / expected, rtol=1e-6, who=f"{WHO}, D,")
        check.close(L, law.loss(expected, C / 6 / expected), rtol=1e-9, who=f"{WHO}, L,")


def test_where_parameters_matter_more_the_model_is_larger(adapters, check, draw):
    law = draw_law(draw)
    N, _, _ = adapters.run_compute_optimal(law.E, law.A, law.B, law.alpha, law.beta, 1e20)
    more, _, _ = adapters.run_compute_optimal(law.E, 32 * law.A, law.B, law.alpha, law.beta, 1e20)
    check.that(N > 0, f"{WHO} returned N = {N:g}; expected it above 0")
    check.close(more / N, 32 ** (1 / (law.alpha + law.beta)), rtol=1e-9, who=f"{WHO}, the growth of N with A,")
