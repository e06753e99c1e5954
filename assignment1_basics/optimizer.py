"""AdamW, the learning-rate schedule and gradient clipping."""

from collections.abc import Callable, Iterable

import torch
from torch.optim.optimizer import ParamsT


class AdamW(torch.optim.Optimizer):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2).

    In step t = 1, 2, ... of a parameter p with gradient g:
        p <- p - lr * weight_decay * p
        m <- b1 m + (1 - b1) g;    v <- b2 v + (1 - b2) g^2
        p <- p - lr * sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + eps)
    The decay may come after the update instead, and eps may be added to sqrt(v / (1 - b2^t)) as in PyTorch.
    t, m and v belong to each parameter and live in `self.state[p]`; a parameter without a gradient is left
    alone, its t included. Every hyper-parameter is read from `self.param_groups` anew in each step.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        weight_decay: float = 0.01,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        raise NotImplementedError("adamw: write AdamW.__init__ in assignment1_basics/optimizer.py")

    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Update every parameter that has a gradient. `closure`, if given, computes the loss and its
        gradients (with autograd on) before the update, and its value is returned."""
        raise NotImplementedError("adamw: write AdamW.step in assignment1_basics/optimizer.py")


def get_lr_cosine_schedule(
    it: int, max_learning_rate: float, min_learning_rate: float, warmup_iters: int, cosine_cycle_iters: int
) -> float:
    """The learning rate of iteration `it` (0, 1, ...).

    it < warmup_iters: linear, it / warmup_iters of the maximum. warmup_iters <= it <= cosine_cycle_iters:
    half a cosine from the maximum down to the minimum. Later: the minimum. If cosine_cycle_iters equals
    warmup_iters there is no cosine, and the rate is the minimum from that iteration on.
    """
    raise NotImplementedError("learning_rate_schedule: write get_lr_cosine_schedule in assignment1_basics/optimizer.py")


def gradient_clipping(parameters: Iterable[torch.nn.Parameter], max_l2_norm: float) -> None:
    """Scale all gradients in place by one factor so that their joint l2 norm is at most max_l2_norm.

    The norm is that of all gradients as one vector; a parameter without a gradient counts for nothing.
    Where it is at least max_l2_norm the factor is max_l2_norm / (norm + 1e-6); below, no gradient changes.
    """
    raise NotImplementedError("gradient_clipping: write gradient_clipping in assignment1_basics/optimizer.py")
