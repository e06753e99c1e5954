"""How likely a model finds the tokens that follow."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from assignment5_alignment.entropy import compute_entropy


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
    logits = model(input_ids).logits
    if logits.dtype in (torch.bfloat16, torch.float16):
        logits = logits.float()
    log_probs = torch.log_softmax(logits, dim=-1)
    found = {"log_probs": log_probs.gather(dim=-1, index=labels.unsqueeze(-1)).squeeze(-1)}
    if return_token_entropy:
        found["token_entropy"] = compute_entropy(logits)
    return found
