"""How likely a model finds the tokens that follow."""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def get_response_log_probs(
    model: torch.nn.Module,
    input_ids: Int[Tensor, "batch length"],
    labels: Int[Tensor, "batch length"],
    return_token_entropy: bool = False,
) -> dict[str, Float[Tensor, "batch length"]]:
    """Log-probability of each label, given the input up to its place; all places, padding and prompt among them.

    `model(input_ids).logits` has the model's logits, (batch, length, vocabulary). One forward pass, in the mode that the
    model is in; where gradients are on they flow into the model.

    Returns:
        "log_probs", and only where `return_token_entropy` is true also "token_entropy", the entropy of the model's
        distribution at each place. Both are float32, and computed in no less.
    """
    raise NotImplementedError(
        "get_response_log_probs: write get_response_log_probs in assignment5_alignment/log_probs.py"
    )
