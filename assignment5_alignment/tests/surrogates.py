"""Tabular policies over short texts, and the surrogate objective summed over every text."""

import math
from itertools import combinations, product

import torch

WHO = "run_surrogate_value"


def drawn_policy(draw, vocabulary, length):
    """One table a position, in float64: probabilities of the next token after every beginning."""
    logits = [draw.normal(*[vocabulary] * (place + 1), dtype=torch.float64) for place in range(length)]
    return [table.softmax(dim=-1) for table in logits]


def drawn_rewards(draw, vocabulary, length):
    """A reward for every text, of both signs."""
    return draw.normal(*[vocabulary] * length, scale=2.0, dtype=torch.float64)


def expected_surrogate(pi, pi0, rewards, k):
    """(value, gradients by the tables of `pi`): ratios times rewards under the old policy, one text at a time."""
    tables = [table.clone().requires_grad_() for table in pi]
    total = torch.zeros((), dtype=torch.float64)
    for text in product(range(rewards.shape[0]), repeat=len(pi)):
        beginnings = [text[: place + 1] for place in range(len(text))]
        old = [float(pi0[place][beginning]) for place, beginning in enumerate(beginnings)]
        ratios = [tables[place][beginning] / old[place] for place, beginning in enumerate(beginnings)]
        products = sum(math.prod([ratios[t] for t in chosen]) for chosen in combinations(range(len(text)), k))
        total = total + math.prod(old) * products * float(rewards[text])
    total.backward()
    return total.detach(), [table.grad for table in tables]


def check_surrogate(check, drivers, pi, pi0, rewards, k):
    """Value and every gradient, against the sum over all texts."""
    value, gradients = expected_surrogate(pi, pi0, rewards, k)
    found = drivers.surrogate(pi, pi0, rewards, k)
    who = f"{WHO} with k = {k} of {len(pi)} positions"
    check.close(found["value"], value, rtol=1e-9, who=who)
    check_gradients(check, found, gradients, who)
    check.that(found["untouched"] is True, f"{who} changed its arguments; expected it to leave them alone")


def check_gradients(check, found, gradients, who):
    """There are as many as tables, and each is right."""
    got = found["gradients"]
    check.that(
        type(got) is list and len(got) == len(gradients),
        f"{who} returned a value that no gradient flows through; expected it to be differentiable in every table of pi",
    )
    for place, (mine, theirs) in enumerate(zip(got, gradients, strict=True)):
        check.close(mine, theirs, rtol=1e-9, who=f"{who}: the gradient by pi[{place}]")
