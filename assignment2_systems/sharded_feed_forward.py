"""The backward pass of a feed-forward layer whose inner width is cut over devices, on lists of numpy shards."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def tp_backward(
    dy: Array,
    x: Array,
    W1s: list[Array],
    W2s: list[Array],
    W3s: list[Array],
    x1s: list[Array],
    x2s: list[Array],
    zs: list[Array],
    f: Callable[[Array], Array],
    df: Callable[[Array], Array],
    all_reduce: Callable[[list[Array]], Array],
) -> tuple[Array, list[Array], list[Array], list[Array]]:
    """Gradients of y = sum_i z_i W3_i with z_i = f(x1_i) * x2_i, x1_i = x W1_i, x2_i = x W2_i, by shard i.

    `dy` and `x` are [B, D] and on every device. W1_i and W2_i are [D, F_i], W3_i is [F_i, D], x1_i, x2_i and z_i are
    [B, F_i]; a list holds what each device has. `df` is the derivative of `f`, number by number. The widths F_i may
    differ.

    A device may use its own entries of the lists, and `dy` and `x`. Only `all_reduce` sees several devices: it takes
    an array of each device, in order, and returns their sum; it is called once.

    Returns:
        dx [B, D], which every device has in the end, and the lists of dW1_i, dW2_i and dW3_i.
    """
    raise NotImplementedError("tp_calcs: write tp_backward in assignment2_systems/sharded_feed_forward.py")
