"""What a GRPO run is told: sizes, the estimator, and how the rollouts are used."""

from dataclasses import dataclass
from typing import Literal

from assignment5_alignment.sampling import SamplingParams


@dataclass(frozen=True)
class GRPOConfig:
    """One run. A step samples `prompts_per_step` groups of `group_size` responses and then updates the policy.

    The rollouts are cut, in order, into train batches of `train_batch_size`; each is one update of the optimizer, and
    all of them are gone through `epochs_per_rollout` times. The rest are arguments of `run_grpo_train_step`.

    Raises:
        ValueError: the sizes do not divide each other; the message says which.
    """

    steps: int
    prompts_per_step: int
    group_size: int
    sampling: SamplingParams
    """How to sample; `n` and `seed` are for the loop to set."""

    train_batch_size: int
    epochs_per_rollout: int = 1
    gradient_accumulation_steps: int = 1
    baseline: Literal["mean", "none"] = "mean"
    advantage_eps: float = 1e-6
    advantage_normalizer: Literal["std", "none", "mean"] = "std"
    importance_reweighting_method: Literal["none", "noclip", "grpo", "gspo"] = "none"
    cliprange: float | None = None
    loss_normalization: Literal["sequence", "constant"] = "sequence"
    normalization_constant: float | None = None
    max_grad_norm: float = 1.0

    def __post_init__(self) -> None:
        rollouts = self.prompts_per_step * self.group_size
        if rollouts % self.train_batch_size:
            raise ValueError(
                f"train_batch_size is {self.train_batch_size}, and a step has {rollouts} rollouts; expected a divisor"
            )
        if self.train_batch_size % self.group_size:
            raise ValueError(
                f"train_batch_size is {self.train_batch_size}; expected a multiple of the group_size {self.group_size}, "
                "since advantages are made within groups"
            )
