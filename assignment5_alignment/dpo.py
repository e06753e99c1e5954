"""Direct preference optimisation (Rafailov et al. 2023): a preference between two responses as a loss."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor


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

    Prompt and response are put into `instruction_data.ALPACA_TEMPLATE`, tokenised as the tokenizer does by default, and
    followed by its end-of-text token. The models may be on different devices; the loss is on that of `lm`.
    """
    raise NotImplementedError("dpo_loss: write per_instance_dpo_loss in assignment5_alignment/dpo.py")
