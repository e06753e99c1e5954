"""Which token comes next: a distribution and one uniform number for each row."""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor


def uniforms(seed: int, prompt: int, sample: int, count: int) -> Float[Tensor, " count"]:
    """The numbers in [0, 1) that decide the tokens of one completion; they depend on the three places alone."""
    sequence = np.random.SeedSequence([seed, prompt, sample])
    return torch.from_numpy(np.random.Generator(np.random.Philox(sequence)).random(count))


def request_seed(seed: int, prompt: int, sample: int) -> int:
    """A seed of 63 bits for an engine with random numbers of its own; it depends on the three places alone, too."""
    return int(np.random.SeedSequence([seed, prompt, sample]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def choose(
    logits: Float[Tensor, "rows vocabulary"], temperature: float, top_p: float, uniform: Float[Tensor, " rows"]
) -> Int[Tensor, " rows"]:
    """One token a row: the first at which the probabilities, added up in order, exceed the row's number.

    Probabilities are computed in float64: their sum over a large vocabulary has to tell neighbours apart.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    probabilities = torch.softmax(logits.double() / temperature, dim=-1)
    if top_p < 1:
        probabilities = nucleus(probabilities, top_p)
    totals = probabilities.cumsum(dim=-1)
    # Below the last total, whatever rounding made of it: so the token has a probability above 0.
    threshold = (uniform[:, None] * totals[:, -1:]).clamp(
        max=torch.nextafter(totals[:, -1:], torch.zeros_like(totals[:, -1:]))
    )
    return torch.searchsorted(totals, threshold, right=True)[:, 0]


def nucleus(probabilities: Float[Tensor, "rows vocabulary"], top_p: float) -> Float[Tensor, "rows vocabulary"]:
    """The likeliest tokens whose probabilities first add up to `top_p`, all others 0 (Holtzman et al., 2020, section 3.1)."""
    ordered, places = probabilities.sort(dim=-1, descending=True, stable=True)
    before = ordered.cumsum(dim=-1) - ordered
    return torch.zeros_like(probabilities).scatter(-1, places, ordered.where(before < top_p, 0.0))
