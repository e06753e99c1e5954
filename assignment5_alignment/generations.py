"""What a model wrote, kept so that a person can look at it while it learns."""

from collections.abc import Callable
from typing import Any

from jaxtyping import Float
from torch import Tensor


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
    raise NotImplementedError("log_generations: write log_generations in assignment5_alignment/generations.py")
