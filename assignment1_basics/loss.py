"""The training objective."""

from jaxtyping import Float, Int
from torch import Tensor


def cross_entropy(inputs: Float[Tensor, "... vocab_size"], targets: Int[Tensor, "..."]) -> Float[Tensor, ""]:
    """The mean over all leading dimensions of -log softmax(inputs)[target].

    inputs: unnormalised logits, of any finite magnitude. targets: int32 or int64 class ids.
    Logits in float16 or bfloat16 are taken to float32 first, and the loss is then float32; otherwise it has
    the logits' dtype.
    """
    raise NotImplementedError("cross_entropy: write cross_entropy in assignment1_basics/loss.py")
