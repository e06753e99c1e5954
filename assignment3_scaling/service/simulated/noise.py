"""Noise that is a pure function of a configuration: asking again gives the same answer, another seed another one."""

import hashlib
import json
from statistics import NormalDist


def standard_normal(*key: object) -> float:
    """A number of the standard normal distribution, decided by `key` alone."""
    return NormalDist().inv_cdf(fraction(*key))


def fraction(*key: object) -> float:
    """A number strictly between 0 and 1, decided by `key` alone."""
    digest = hashlib.blake2b(json.dumps(key, sort_keys=True).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") + 0.5) / 2**64
