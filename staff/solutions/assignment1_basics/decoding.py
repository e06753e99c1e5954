"""Text from a model: cut the unlikely tail off a distribution, draw a token, and go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from assignment1_basics.nn import at_least_float32, softmax

Model = Callable[[Int[Tensor, "1 sequence_length"]], Float[Tensor, "1 sequence_length vocab_size"]]
"""A language model as far as decoding is concerned; an `nn.Module` or any function."""


def top_p_filter(probs: Float[Tensor, "... vocab_size"], p: float) -> Float[Tensor, "... vocab_size"]:
    """The smallest set of most likely tokens that holds probability p, scaled to sum to 1.

    Nucleus sampling (Holtzman et al. 2020, section 3.1). A token stays while those before it hold less than
    p, so the one that crosses p stays, and the first one always does.
    """
    if p >= 1:
        return probs  # a rounded sum may reach 1 before the tail
    ordered, places = probs.sort(dim=-1, descending=True)
    held_before = ordered.cumsum(dim=-1) - ordered
    stays = held_before < p
    stays[..., 0] = True  # also for p = 0
    kept = torch.zeros_like(probs).scatter(-1, places, ordered * stays)
    return kept / kept.sum(dim=-1, keepdim=True)


def sample_next(
    logits: Float[Tensor, " vocab_size"],
    temperature: float = 1.0,
    top_p: float = 1.0,
    generator: torch.Generator | None = None,
) -> int:
    """Draw a token from softmax(logits / temperature), filtered by `top_p_filter`; the largest at 0."""
    if temperature == 0:
        return int(logits.argmax())
    probs = softmax(at_least_float32(logits) / temperature, dim=-1)
    return int(torch.multinomial(top_p_filter(probs, top_p), 1, generator=generator))


@contextmanager
def evaluating(model: Model) -> Iterator[None]:
    """Evaluation mode and no autograd; then the former mode again."""
    was_training = isinstance(model, nn.Module) and model.training
    if isinstance(model, nn.Module):
        model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        if isinstance(model, nn.Module):
            model.train(was_training)


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
    """Continue `prompt` by at most max_new_tokens tokens; an end token that is drawn is the last of them."""
    if not prompt:
        raise ValueError("generate got an empty prompt; expected at least one token")
    device = next((each.device for each in model.parameters()), None) if isinstance(model, nn.Module) else None
    tokens = list(prompt)
    with evaluating(model):
        for _ in range(max_new_tokens):
            window = tokens if context_length is None else tokens[-context_length:]
            logits = model(torch.tensor([window], dtype=torch.int64, device=device))
            tokens.append(sample_next(logits[0, -1], temperature, top_p, generator))
            if tokens[-1] == eos_token_id:
                break
    return tokens[len(prompt) :]
