"""Adapters of the public course's edition of 2025, answered in the form of 2026, which is this course's.

Two adapters kept their names and changed what they take. `grader adopt` wraps those of an older repository in these
functions, by `[adoption.translations]` of the TOML. What the edition of 2025 does not have (another baseline, another normaliser,
ratios without clipping or of whole sequences) raises `NotImplementedError`, and tests that ask for it are left out.
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor

Adapter = Callable[..., Any]
_LOSS_TYPES = {"none": "reinforce_with_baseline", "grpo": "grpo_clip"}
"""Our methods, and what the edition of 2025 calls them."""


def group_normalized_rewards(theirs: Adapter) -> Adapter:
    """`run_compute_group_normalized_rewards`, of which the older form grades the responses itself.

    The responses handed over are the numbers of the rewards, and the reward function looks them up.
    """

    def run_compute_group_normalized_rewards(
        raw_rewards: Tensor,
        group_size: int,
        baseline: str = "mean",
        advantage_eps: float = 1e-6,
        advantage_normalizer: str = "std",
    ) -> tuple[Tensor, dict[str, Any]]:
        if baseline != "mean" or advantage_normalizer not in ("std", "none"):
            raise NotImplementedError(
                "the edition of 2025 has the group's mean as a baseline, and its deviation or none"
            )
        rewards = raw_rewards.tolist()
        responses = [str(number) for number in range(len(rewards))]

        def reward_fn(response: str, ground_truth: str) -> dict[str, float]:
            reward = rewards[int(response)]
            return {"reward": reward, "format_reward": reward, "answer_reward": reward}

        advantages, _, metadata = _called(
            theirs,
            reward_fn=reward_fn,
            rollout_responses=responses,
            repeated_ground_truths=responses,
            group_size=group_size,
            advantage_eps=advantage_eps,
            normalize_by_std=advantage_normalizer == "std",
        )
        # The older form is given no tensor whose dtype it could keep.
        return advantages.to(raw_rewards.dtype), metadata

    return run_compute_group_normalized_rewards


def former_names() -> None:
    """Let tokenizers have the methods that transformers 5 has no more, and that the public course's years had."""
    from transformers import PreTrainedTokenizerBase

    for name in ("encode_plus", "batch_encode_plus"):
        if not hasattr(PreTrainedTokenizerBase, name):
            setattr(PreTrainedTokenizerBase, name, lambda self, *args, **options: self(*args, **options))


def policy_gradient_loss(theirs: Adapter) -> Adapter:
    """`run_compute_policy_gradient_loss`, of which the older form takes rewards and advantages apart, as columns."""

    def run_compute_policy_gradient_loss(
        raw_rewards_or_advantages: Tensor,
        policy_log_probs: Tensor,
        importance_reweighting_method: str = "none",
        old_log_probs: Tensor | None = None,
        cliprange: float | None = None,
        response_mask: Tensor | None = None,
    ) -> tuple[Tensor, dict[str, Any]]:
        if importance_reweighting_method in ("noclip", "gspo"):
            raise NotImplementedError(f"the edition of 2025 does not ask for {importance_reweighting_method!r}")
        column = raw_rewards_or_advantages.reshape(-1, 1)
        return _called(
            theirs,
            policy_log_probs=policy_log_probs,
            loss_type=_LOSS_TYPES.get(importance_reweighting_method, importance_reweighting_method),
            raw_rewards=column,
            advantages=column,
            old_log_probs=old_log_probs,
            cliprange=cliprange,
        )

    return run_compute_policy_gradient_loss


def _called(theirs: Adapter, **arguments: Any) -> Any:
    """What the repository's adapter answers. What it has not written is a failure, not a test to be left out."""
    try:
        return theirs(**arguments)
    except NotImplementedError as error:
        raise RuntimeError(f"the repository raises NotImplementedError: {error}") from None
