"""One update of a small policy by the student's function, and everything that it left behind."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assignment5_alignment import adapters, models
from assignment5_alignment.drivers.policies import Witness, policy
from assignment5_alignment.drivers.rewards import TableReward

LOGGED = ("grad_norm", "token_entropy", "mean_reward", "mean_format_reward", "mean_answer_reward", "clip_fraction")


class CountedSGD(torch.optim.SGD):
    """Plain gradient descent that counts its steps."""

    taken = 0

    def step(self, closure: Any = None) -> Any:
        self.taken += 1
        return super().step(closure)


def grpo_train_step(
    kind: str,
    weights: dict[str, Tensor],
    tokenizer: str,
    learning_rate: float,
    rewards: list[tuple[str, str, float, float, float]],
    arguments: dict[str, Any],
    training: bool = True,
    older_gradients: dict[str, Tensor] | None = None,
) -> dict[str, Any]:
    """Call `run_grpo_train_step` on a policy with these weights, an optimizer without momentum, and a table of rewards.

    Args:
        kind: of `policies.policy`.
        weights: by name.
        tokenizer: of `models.tokenizer`.
        learning_rate: of the optimizer.
        rewards: rows (response, ground truth, reward, format reward, answer reward).
        arguments: all others of the adapter, by name.
        training: the mode of the model before the call.
        older_gradients: what the parameters have as gradients before the call.

    Returns:
        {"loss", "attached": whether the loss holds a graph, "metadata": what is there of `LOGGED`, "weights": after the
        call, "gradients": those left that are not zero, by name, "steps": of the optimizer, "training": the mode after
        the call, "batches": the token ids of each call of the model}.
    """
    model = policy(kind, weights).train(training)
    for name, gradient in (older_gradients or {}).items():
        model.get_parameter(name).grad = gradient.clone()
    witness, optimizer = Witness(model), CountedSGD(model.parameters(), lr=learning_rate)
    loss, metadata = adapters.run_grpo_train_step(
        model=model,
        tokenizer=models.tokenizer(tokenizer),
        optimizer=optimizer,
        reward_fn=TableReward(rewards),
        **arguments,
    )
    if not isinstance(loss, Tensor) or not isinstance(metadata, dict):
        raise TypeError("run_grpo_train_step returned something else than a tensor and a dict")
    left = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
    return {
        "loss": loss.detach(),
        "attached": loss.requires_grad,
        "metadata": {key: metadata[key] for key in LOGGED if key in metadata},
        "weights": {name: value.detach() for name, value in model.named_parameters()},
        "gradients": {name: gradient for name, gradient in left.items() if bool((gradient != 0).any())},
        "steps": optimizer.taken,
        "training": model.training,
        "batches": witness.batches,
    }
