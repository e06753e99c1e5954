"""Text without end whose entropy is known: a Markov chain of order two over tokens with Zipf-like frequencies.

The next token depends on the last two. With probability `1 - share` it is drawn from one Zipf distribution, whatever
came before; else from a distribution of that pair's own: a steep Zipf distribution over an order of the tokens that is
drawn for the pair, in which tokens that are frequent overall tend to come first. What a model has to learn is one order
for each of `vocab_size`² pairs, and pairs are as unequal in frequency as words are, so that more data and more weights
go on to pay for a long while.

The chain's stationary distribution is computed, not estimated, and with it the entropy: the loss that no model can
go below. Every window is a fresh piece of the stationary chain, so nothing is ever seen twice.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

VOCAB_SIZE = 128
TOKEN_EXPONENT, PAIR_EXPONENT, SHARE = 1.5, 2.0, 0.9
_STATIONARY_ERROR, _MOST_STEPS = 1e-15, 10_000


@dataclass(frozen=True, eq=False)
class Source:
    """A chain by its probabilities of the next token: `next_token[a, b, c]` is P(c | a, b)."""

    next_token: Float[ndarray, "vocab vocab vocab"]

    @classmethod
    def drawn(cls, student: int | str, vocab_size: int = VOCAB_SIZE) -> Self:
        """The source of one student: the same for the same number or name, another for another."""
        rng = np.random.default_rng(seed_of("source", student))
        frequent = _zipf(vocab_size, TOKEN_EXPONENT)
        # Adding Gumbel noise to logarithms and sorting draws without replacement, the likely ones first.
        noise = rng.gumbel(size=(vocab_size,) * 3)
        order = np.argsort(-(np.log(frequent) + noise), axis=-1, kind="stable")
        own = np.empty_like(noise)
        np.put_along_axis(own, order, np.broadcast_to(_zipf(vocab_size, PAIR_EXPONENT), own.shape), axis=-1)
        return cls((1 - SHARE) * frequent + SHARE * own)

    @property
    def vocab_size(self) -> int:
        """How many different tokens there are."""
        return len(self.next_token)

    @cached_property
    def pairs(self) -> Float[ndarray, "vocab vocab"]:
        """The stationary distribution of two tokens in a row, by repeated steps of the chain."""
        pairs = np.full((self.vocab_size,) * 2, self.vocab_size**-2.0)
        for _ in range(_MOST_STEPS):
            following = np.einsum("ab,abc->bc", pairs, self.next_token)
            if np.abs(following - pairs).max() < _STATIONARY_ERROR:
                break
            pairs = following
        result: Float[ndarray, "vocab vocab"] = following / following.sum()
        return result

    @cached_property
    def second_token(self) -> Float[ndarray, "vocab vocab"]:
        """P(b | a) of the stationary chain: what can be known where only one token came before."""
        result: Float[ndarray, "vocab vocab"] = self.pairs / self.pairs.sum(axis=1, keepdims=True)
        return result

    @cached_property
    def entropy_rate(self) -> float:
        """H(next | last two), in nats a token."""
        return float(-np.einsum("ab,abc->", self.pairs, self.next_token * np.log(self.next_token)))

    def floor(self, targets: int) -> float:
        """The least mean loss in nats over windows with `targets` tokens to predict.

        The first of them has one token before it, all others two or more.
        """
        first = float(-np.sum(self.pairs * np.log(self.second_token)))
        return (first + (targets - 1) * self.entropy_rate) / targets

    def sample(self, windows: int, length: int, rng: np.random.Generator) -> Int[ndarray, "windows length"]:
        """Windows of `length` tokens, at least two, independent of each other."""
        size = self.vocab_size
        tokens = np.empty((windows, length), dtype=np.int64)
        pair = np.minimum(np.searchsorted(self._pairs_cumulated, rng.random(windows)), size**2 - 1)
        tokens[:, 0], tokens[:, 1] = np.divmod(pair, size)
        chance = rng.random((windows, length), dtype=np.float32)
        for place in range(2, length):
            chosen = (self._next_cumulated[pair] < chance[:, place, None]).sum(axis=1)
            tokens[:, place] = np.minimum(chosen, size - 1)  # rounding may leave the last sum below 1
            pair = pair % size * size + tokens[:, place]
        return tokens

    def next_probabilities(self, tokens: Int[ndarray, "windows length"]) -> Float[ndarray, "windows length-1 vocab"]:
        """The source's own distribution of each token of `tokens` but the first, given what is before it in its window."""
        first = self.second_token[tokens[:, :1]]
        return np.concatenate([first, self.next_token[tokens[:, :-2], tokens[:, 1:-1]]], axis=1)

    @cached_property
    def _pairs_cumulated(self) -> Float[ndarray, " pairs"]:
        return self.pairs.reshape(-1).cumsum()

    @cached_property
    def _next_cumulated(self) -> Float[ndarray, "pairs vocab"]:
        return self.next_token.reshape(-1, self.vocab_size).cumsum(axis=1).astype(np.float32)


def seed_of(*parts: int | str) -> int:
    """A seed that differs wherever a part does; 3 and "3" are the same part."""
    return int.from_bytes(hashlib.blake2s("/".join(map(str, parts)).encode(), digest_size=8).digest())


def _zipf(size: int, exponent: float) -> Float[ndarray, " size"]:
    weights = np.arange(1, size + 1, dtype=np.float64) ** -exponent
    result: Float[ndarray, " size"] = weights / weights.sum()
    return result
