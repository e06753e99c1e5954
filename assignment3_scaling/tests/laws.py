"""Laws with random constants, their optima by search, and ladders of runs at equal compute."""

import math

from scipy.optimize import minimize_scalar

from assignment3_scaling.data.law import Law, tokens_for


def draw_law(draw, alpha=(0.25, 0.5), beta=(0.25, 0.5)):
    """A law whose optimum at 1e18 FLOPs lies between 1e7 and 1e9 parameters."""
    a, b = draw.number(*alpha), draw.number(*beta)
    N, reducible = 10 ** draw.number(7, 9), draw.number(0.5, 2)
    D = tokens_for(1e18, N)
    share = b / (a + b)  # where both terms fall equally fast, A / N^alpha is this share of what is reducible
    return Law(E=draw.number(1.3, 2.8), A=reducible * share * N**a, B=reducible * (1 - share) * D**b, alpha=a, beta=b)


def best_size(law, C):
    """N of the least loss at equal compute, by search on the logarithm; the irreducible part would only cost digits."""

    def reducible(x):
        N = math.exp(x)
        return law.A * N**-law.alpha + law.B * tokens_for(C, N) ** -law.beta

    return math.exp(minimize_scalar(reducible, bounds=(0, math.log(C / 6)), options={"xatol": 1e-12}).x)


def ladder(law, C, below, above, ratio, centre=1.0):
    """Runs at budget C: one at `centre` times the best size, others `ratio` apart on both sides of it."""
    middle = centre * best_size(law, C)
    sizes = [round(middle * ratio**step) for step in range(-below, above + 1)]
    return [made(N, C, law.loss(N, tokens_for(C, N))) for N in sizes]


def made(N, C, loss):
    """One run, by the keys of the data's files."""
    return {"parameters": N, "compute_budget": C, "final_loss": loss}


def shuffled(draw, items):
    """The items in random order."""
    return [items[place] for place in draw.permutation(len(items)).tolist()]
