"""How large the numbers in a training config may be, and what the runs may cost. Each backend names its own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of one backend. Times are in seconds of its own accounting; the defaults are those of the 2026 course.

    `final_runtime_seconds` is what the large run may take that the final submission bets on; `max_size` bounds every
    dimension of a model and every batch, so that no product of them leaves the range of the arithmetic.
    """

    seq_len: int = 512
    n_val_tokens: int = 2**18
    max_train_tokens: int = 5 * 10**11
    min_vocab_size: int = 1
    max_size: int = 2**20
    max_evals: int = 4096
    max_seed: int = 2**63 - 1
    max_runtime_seconds: float = 43_200.0
    final_runtime_seconds: float = 172_800.0
    total_budget_seconds: float = 43_200.0


PUBLIC = Limits()
"""The bounds of the 2026 course: 12 hours of one accelerator to learn from, 48 for the final run."""
