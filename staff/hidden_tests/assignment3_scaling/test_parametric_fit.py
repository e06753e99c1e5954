"""One law for all runs: other laws, fewer runs, other ranges."""

import numpy as np
import pytest

from assignment3_scaling.tests.huber import best_sum, huber_sum
from assignment3_scaling.tests.laws import draw_law

WHO = "run_fit_parametric_loss"
NAMES = ("E", "A", "B", "alpha", "beta")


def cloud(draw, law, count, N=(6.5, 9.5), D=(8, 11.5)):
    sizes = 10 ** draw.uniform(count, low=N[0], high=N[1]).double().numpy()
    tokens = 10 ** draw.uniform(count, low=D[0], high=D[1]).double().numpy()
    return sizes, tokens, law.loss(sizes, tokens)


@pytest.mark.parametrize("number", range(3))
def test_exact_runs(adapters, check, draw, number):
    law = draw_law(draw)
    found = adapters.run_fit_parametric_loss(*cloud(draw, law, 40))
    for name in NAMES:
        check.close(found[name], getattr(law, name), rtol=0.02, who=f"{WHO}, {name}, of runs without noise")


@pytest.mark.parametrize("share", [0, 0.15])
def test_the_sum_of_huber_losses_is_the_least(adapters, check, draw, share):
    law = draw_law(draw)
    N, D, L = cloud(draw, law, 80)
    L = L * np.exp(0.002 * draw.normal(80).double().numpy())
    L = np.where(draw.boolean(80, p=share).numpy(), 1.3 * L, L) if share else L
    found = adapters.run_fit_parametric_loss(N, D, L)
    theirs, ours = huber_sum([found[name] for name in NAMES], N, D, L), best_sum(law, N, D, L)
    check.that(
        theirs <= 1.02 * ours + 1e-9,
        f"{WHO}: the sum of Huber losses is {theirs / ours:.3g} times that of a better fit; expected the least, to 2 %",
    )
