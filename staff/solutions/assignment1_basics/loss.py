"""The training objective."""

from jaxtyping import Float, Int
from torch import Tensor

from assignment1_basics.nn import at_least_float32


def cross_entropy(inputs: Float[Tensor, "... vocab_size"], targets: Int[Tensor, "..."]) -> Float[Tensor, ""]:
    """The mean over all leading dimensions of -log softmax(inputs)[target].

    Written as log(sum(exp(x))) - x[target], the logarithm cancels the exponential before anything can vanish.
    Each row is first shifted so that its maximum is 0 (see softmax). Half-precision logits give a float32
    loss.
    """
    logits = at_least_float32(inputs)
    shifted = logits - logits.detach().amax(dim=-1, keepdim=True)
    log_normaliser = shifted.exp().sum(dim=-1).log()
    target_logits = shifted.gather(-1, targets.long().unsqueeze(-1)).squeeze(-1)
    return (log_normaliser - target_logits).mean()
