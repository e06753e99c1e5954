"""A witness of a training loop: what went through the model, with or without a gradient, and after how many updates."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class LoopWatch:
    """Notes every batch that `policy` is called with, and counts the steps of `optimizer`.

    A batch is {"ids": its token ids, "gradient": whether a gradient was to be had, "updates": steps until then}.
    """

    def __init__(self, policy: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.batches: list[dict[str, Any]] = []
        self.updates = 0
        policy.register_forward_pre_hook(self._note, with_kwargs=True)
        optimizer.register_step_post_hook(self._count)

    def _note(self, module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        ids = args[0] if args else kwargs.get("input_ids")
        if not isinstance(ids, Tensor):
            raise TypeError("the model was called without a tensor of token ids")
        self.batches.append({"ids": ids.detach().clone(), "gradient": torch.is_grad_enabled(), "updates": self.updates})

    def _count(self, *_: Any) -> None:
        self.updates += 1


class ScriptedSampler:
    """Answers each prompt with the next lines of its script, and notes what it was asked with which weights.

    The script of a prompt begins anew when it is through. A call is {"prompts", "n", "seed", "rest": the other
    parameters by name, "weights": those of the last synchronisation by name, none where there was none}.
    """

    def __init__(self, script: dict[str, list[str]]) -> None:
        self.calls: list[dict[str, Any]] = []
        self._script = script
        self._said = dict.fromkeys(script, 0)
        self._weights: dict[str, Tensor] = {}

    def sync_policy_weights(self, policy: torch.nn.Module) -> None:
        self._weights = {name: tensor.detach().clone() for name, tensor in policy.named_parameters()}

    def generate_completions(self, prompts: list[str], params: Any) -> list[Any]:
        from assignment5_alignment.sampling import Completion
        from assignment5_alignment.tasks import ids_of

        rest = {"max_tokens": params.max_tokens, "temperature": params.temperature, "stop": list(params.stop)}
        self.calls.append(
            {"prompts": list(prompts), "n": params.n, "seed": params.seed, "rest": rest, "weights": self._weights}
        )
        completions = []
        for prompt in prompts:
            for _ in range(params.n):
                text = self._script[prompt][self._said[prompt] % len(self._script[prompt])]
                self._said[prompt] += 1
                completions.append(Completion(text, ids_of(text), "stop"))
        return completions
