"""Numbers like those of a normal distribution, the same to the last bit on every machine and with every library."""

import hashlib

import numpy as np

_SUMMANDS, _LEVELS = 12, 1 << 16


def normal(name: str, shape: tuple[int, ...], scale: float) -> np.ndarray:
    """float32 numbers of mean 0 and standard deviation `scale`, that depend on `name` alone.

    Each is the sum of twelve uniform numbers of 16 bits, which has variance 1 where they are from [0, 1): whole numbers are
    added without rounding, while logarithms and cosines differ from one mathematics library to the next.
    """
    count = int(np.prod(shape))
    digits = np.frombuffer(hashlib.shake_256(name.encode()).digest(2 * _SUMMANDS * count), dtype="<u2")
    sums = digits.reshape(count, _SUMMANDS).astype(np.int64).sum(axis=1) - _SUMMANDS * (_LEVELS - 1) // 2
    return (sums.astype(np.float64) / _LEVELS * scale).astype(np.float32).reshape(shape)
