"""Fresh inputs: drawn from the run's seed and the test's name, by a generator that student code cannot reach."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

T = TypeVar("T")

# Letters, digits and spaces mostly; then what tokenizers stumble over: accents that compose, scripts without spaces,
# right-to-left text, emoji joined by ZWJ, control characters, unusual spaces and line ends.
_ALPHABETS = (
    "etaoin shrdlu ETAOIN 0123456789 etaoin  shrdlu",
    "…—'\"!?.,;:()[]<|>+*\\/@#$%^&_=~`",
    "\n\r\n\t \u00a0\u2003\u3000\x00\x0b\x85\u2028",
    "äöüßéèñçåøĳ\u0301\u0308\u0327ﬁ",
    "日本語中文한국어ไทย",
    "עבריתالعربية\u200f",
    "🙂🚀👩‍👩‍👧🏽🇪🇺\ufe0f\u200d𝔘𐍈",
)
_WEIGHTS = (0.6, 0.1, 0.08, 0.07, 0.05, 0.05, 0.05)


class Draw:
    """A test's own source of inputs. The same seed and test give the same inputs on every machine."""

    def __init__(self, *key: object) -> None:
        digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
        self.rng = np.random.Generator(np.random.Philox(int.from_bytes(digest[:16], "big")))

    def normal(self, *shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> Tensor:
        """Normal numbers with mean 0 and standard deviation `scale`."""
        return torch.from_numpy(np.asarray(self.rng.standard_normal(shape) * scale)).to(dtype)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32) -> Tensor:
        """Uniform numbers in [low, high)."""
        return torch.from_numpy(np.asarray(self.rng.uniform(low, high, shape))).to(dtype)

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        """Uniform int64 numbers from `low` to `high - 1`."""
        return torch.from_numpy(np.asarray(self.rng.integers(low, high, shape, dtype=np.int64)))

    def boolean(self, *shape: int, p: float = 0.5) -> Tensor:
        """True with probability `p`."""
        return torch.from_numpy(np.asarray(self.rng.random(shape) < p))

    def permutation(self, n: int) -> Tensor:
        """The numbers 0 to n - 1 in random order."""
        return torch.from_numpy(self.rng.permutation(n))

    def integer(self, low: int, high: int) -> int:
        """One number from `low` to `high - 1`."""
        return int(self.rng.integers(low, high))

    def number(self, low: float, high: float) -> float:
        """One number in [low, high)."""
        return float(self.rng.uniform(low, high))

    def choice(self, sequence: Sequence[T]) -> T:
        """One element."""
        return sequence[self.integer(0, len(sequence))]

    def text(self, length: int) -> str:
        """`length` characters of many scripts, as runs of one alphabet each."""
        pieces: list[str] = []
        while sum(map(len, pieces)) < length:
            alphabet = _ALPHABETS[int(self.rng.choice(len(_ALPHABETS), p=_WEIGHTS))]
            pieces.append("".join(self.choice(alphabet) for _ in range(self.integer(1, 12))))
        return "".join(pieces)[:length]
