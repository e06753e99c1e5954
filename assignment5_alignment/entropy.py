"""How undecided a model is about the next token."""

from jaxtyping import Float
from torch import Tensor


def compute_entropy(logits: Float[Tensor, "... vocabulary"]) -> Float[Tensor, "..."]:
    """Entropy, in nats, of the distribution over the last dimension that the softmax of `logits` is.

    Logits of any size have a finite entropy, from 0 to log(vocabulary), and a gradient.
    """
    raise NotImplementedError("compute_entropy: write compute_entropy in assignment5_alignment/entropy.py")
