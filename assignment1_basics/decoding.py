"""Text from a model: cut the unlikely tail off a distribution, draw a token, and go on."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

Model = Callable[[Int[Tensor, "1 sequence_length"]], Float[Tensor, "1 sequence_length vocab_size"]]
"""A language model as far as decoding is concerned; an `nn.Module` or any function."""


def top_p_filter(probs: Float[Tensor, "... vocab_size"], p: float) -> Float[Tensor, "... vocab_size"]:
    """The distributions `probs` without their unlikely tails, each scaled to sum to 1 again.

    Of each distribution the smallest set of most likely tokens stays whose probabilities sum to at least p:
    the token that crosses p is the last to stay. At least one always stays; from p = 1 on all do. Of equally
    likely tokens at the border any may stay. Shape, dtype and places are those of `probs`.
    """
    raise NotImplementedError("decoding: write top_p_filter in assignment1_basics/decoding.py")


def sample_next(
    logits: Float[Tensor, " vocab_size"],
    temperature: float = 1.0,
    top_p: float = 1.0,
    generator: torch.Generator | None = None,
) -> int:
    """Draw a token from softmax(logits / temperature), filtered by `top_p_filter`.

    Temperature 0 takes the largest logit and draws nothing. The draw follows `generator`, or torch's global
    generator if there is none.
    """
    raise NotImplementedError("decoding: write sample_next in assignment1_basics/decoding.py")


def generate(
    model: Model,
    prompt: list[int],
    max_new_tokens: int,
    temperature: float = 1.0,
    top_p: float = 1.0,
    eos_token_id: int | None = None,
    context_length: int | None = None,
    generator: torch.Generator | None = None,
) -> list[int]:
    """Continue `prompt`, a token at a time; return the new tokens alone.

    Ends after max_new_tokens tokens, or with the first eos_token_id that is drawn, which is part of the
    result. The model sees the last context_length tokens of prompt and continuation (all of them if it is
    None) as int64 ids [1, sequence_length], with autograd off. An `nn.Module` is in evaluation mode meanwhile
    and in its former mode afterwards, also if it raised.

    Raises:
        ValueError: the prompt is empty.
    """
    raise NotImplementedError("decoding: write generate in assignment1_basics/decoding.py")
