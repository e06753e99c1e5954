"""How undecided a model is about the next token."""

import torch
from jaxtyping import Float
from torch import Tensor


def compute_entropy(logits: Float[Tensor, "... vocabulary"]) -> Float[Tensor, "..."]:
    """Entropy, in nats, of the distribution over the last dimension that the softmax of `logits` is.

    Logits of any size have a finite entropy, from 0 to log(vocabulary), and a gradient.
    """
    log_probs = torch.log_softmax(logits, dim=-1)
    return -(log_probs.exp() * log_probs).sum(dim=-1)
