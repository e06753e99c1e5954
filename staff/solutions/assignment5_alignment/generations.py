"""What a model wrote, kept so that a person can look at it while it learns."""

import math
from collections.abc import Callable
from typing import Any

from jaxtyping import Float
from torch import Tensor

REWARDS = ("reward", "format_reward", "answer_reward")


def log_generations(
    prompts: list[str],
    responses: list[str],
    ground_truths: list[str],
    reward_fn: Callable[[str, str], dict[str, float]],
    token_entropies: Float[Tensor, "responses longest"],
    response_lengths: list[int],
) -> dict[str, Any]:
    """A record of each response, and means over all of them, as plain Python values.

    Row i of `token_entropies` has the entropies at the `response_lengths[i]` tokens of response i, then padding that
    means nothing. `reward_fn(response, ground_truth)` is called once for each response.

    Returns:
        "examples": for each response, in order, a dict with "prompt", "response", "ground_truth", "reward",
        "format_reward", "answer_reward", "length", the number of its tokens, and "mean_token_entropy".
        "mean_reward", "mean_length"; "mean_length_correct" and "mean_length_incorrect": over the responses whose
        answer reward is 1, and over all others; "mean_token_entropy": over all tokens of all responses.
        A mean of nothing is None.

    Raises:
        ValueError: the arguments are not of the same number of responses, or a length is more than a row has.
    """
    count = len(prompts)
    for other in (responses, ground_truths, token_entropies, response_lengths):
        if len(other) != count:
            raise ValueError(f"an argument has {len(other)} rows and there are {count} prompts; expected as many")
    if any(length > token_entropies.shape[1] for length in response_lengths):
        raise ValueError("a response is longer than its row of entropies")

    examples, entropies = [], []
    for row, (prompt, response, truth, length) in enumerate(
        zip(prompts, responses, ground_truths, response_lengths, strict=True)
    ):
        own = token_entropies[row, :length].tolist()
        entropies += own
        rewards = reward_fn(response, truth)
        examples.append(
            {"prompt": prompt, "response": response, "ground_truth": truth, "length": length}
            | {key: float(rewards[key]) for key in REWARDS}
            | {"mean_token_entropy": _mean(own)}
        )
    correct = [example["answer_reward"] == 1 for example in examples]
    lengths = list(zip(correct, response_lengths, strict=True))
    return {
        "examples": examples,
        "mean_reward": _mean([example["reward"] for example in examples]),
        "mean_length": _mean(response_lengths),
        "mean_length_correct": _mean([length for right, length in lengths if right]),
        "mean_length_incorrect": _mean([length for right, length in lengths if not right]),
        "mean_token_entropy": _mean(entropies),
    }


def _mean(values: list[float] | list[int]) -> float | None:
    return math.fsum(values) / len(values) if values else None
