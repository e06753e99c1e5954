"""Direct preference optimisation (Rafailov et al. 2023): a preference between two responses as a loss."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from assignment5_alignment.instruction_data import ALPACA_TEMPLATE


def per_instance_dpo_loss(
    lm: torch.nn.Module,
    lm_ref: torch.nn.Module,
    tokenizer: Any,
    beta: float,
    prompt: str,
    response_chosen: str,
    response_rejected: str,
) -> Float[Tensor, ""]:
    """The loss of one comparison (equation 7 of the paper), differentiable in the parameters of `lm` and in no others.

    Of the whole text the log-probability is taken: what comes before the responses is the same in both, and cancels.
    """
    margin = _log_prob(lm, tokenizer, prompt, response_chosen) - _log_prob(lm, tokenizer, prompt, response_rejected)
    with torch.no_grad():
        reference = _log_prob(lm_ref, tokenizer, prompt, response_chosen)
        reference = reference - _log_prob(lm_ref, tokenizer, prompt, response_rejected)
    return -F.logsigmoid(beta * (margin - reference.to(margin.device)))


def _log_prob(model: torch.nn.Module, tokenizer: Any, prompt: str, response: str) -> Float[Tensor, ""]:
    """Log-probability of the text, end of text included, given its first token."""
    text = ALPACA_TEMPLATE.format(prompt=prompt, response=response)
    ids = torch.tensor([[*tokenizer.encode(text), tokenizer.eos_token_id]], device=next(model.parameters()).device)
    logits = model(ids[:, :-1]).logits
    return -F.cross_entropy(logits[0], ids[0, 1:], reduction="sum")
