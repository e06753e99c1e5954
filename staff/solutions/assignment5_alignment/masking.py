"""Sums and means of the entries that a mask selects.

What the mask leaves out never counts, NaN and infinity included: it is replaced by zero, for NaN times zero is NaN.
"""

from torch import Tensor


def masked_normalize(tensor: Tensor, mask: Tensor, dim: int | None = None, normalize_constant: float = 1.0) -> Tensor:
    """The sum of the selected entries along `dim`, or of all of them, divided by a constant.

    `mask` has the shape of `tensor` and selects where it is true, or not zero. The sum over no entry is 0.
    """
    return tensor.masked_fill(~mask.bool(), 0.0).sum(dim=dim) / normalize_constant


def masked_mean(tensor: Tensor, mask: Tensor, dim: int | None = None) -> Tensor:
    """The mean of the selected entries along `dim`, or of all of them.

    `mask` has the shape of `tensor` and selects where it is true, or not zero. The mean of no entry is 0, so that an
    empty answer costs nothing and does not make the gradient of a whole batch NaN.
    """
    count = mask.bool().sum(dim=dim)
    return masked_normalize(tensor, mask, dim) / count.clamp(min=1)
