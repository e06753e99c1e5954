"""The policy of a leaderboard's entry: its parameters in `run/`, which are data, in the course's own model."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from assignment5_alignment import tasks
from assignment5_alignment.sampling import Sampler, SamplingParams

WEIGHTS = Path(__file__).parents[1] / "run" / "model.safetensors"


def leaderboard_responses(prompts: list[str], samples: int, max_tokens: int, seed: int) -> list[str]:
    """`samples` responses to each prompt, drawn as `experiments.runs` draws them; those to the first prompt first."""
    policy = tasks.policy_of(_weights())
    params = SamplingParams(
        max_tokens=max_tokens,
        min_tokens=1,
        n=samples,
        stop=(tasks.STOP,),
        include_stop_str_in_output=True,
        seed=seed,
    )
    sampler = Sampler(policy, tasks.tokenizer(), batch_size=512)
    return [completion.text for completion in sampler.generate_completions(prompts, params)]


def leaderboard_parameters() -> int:
    """How many parameters the policy has.

    Raises:
        ValueError: they are no policy's, or one of them is no number.
    """
    weights = _weights()
    try:
        tasks.policy_of(weights)
    except (KeyError, IndexError, RuntimeError, ValueError) as error:
        raise ValueError(
            f"model.safetensors holds no policy of the toy tasks: {str(error).splitlines()[0][:200]}; "
            "expected what tasks.weights_of gives"
        ) from None
    if not all(bool(torch.isfinite(tensor).all()) for tensor in weights.values()):
        raise ValueError("model.safetensors holds parameters that are not finite")
    return sum(tensor.numel() for tensor in weights.values())


def _weights() -> dict[str, Tensor]:
    return {name: tensor.float() for name, tensor in load_file(WEIGHTS).items()}
