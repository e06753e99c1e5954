"""AdamW, the learning-rate schedule and gradient clipping."""

import math
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from assignment1_basics.nn import at_least_float32


class AdamW(torch.optim.Optimizer):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2).

    The two bias corrections (Kingma & Ba 2015, section 3) are folded into the step size. The state of a
    parameter is its own step count and its two moments. Parameters in half precision have moments in float32
    and are updated in float32: the increments of the second moment would otherwise round to nothing.
    """

    MOMENTS = ("first_moment", "second_moment")

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        weight_decay: float = 0.01,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        for name, value in (("lr", lr), ("weight_decay", weight_decay), ("eps", eps)):
            if value < 0:
                raise ValueError(f"AdamW got {name} = {value}; expected at least 0")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"AdamW got betas = {betas}; expected both in [0, 1)")
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Update every parameter that has a gradient; return what `closure` returned."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, parameter.grad, group)
        return loss

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        lr, (beta1, beta2) = group["lr"], group["betas"]
        theta = at_least_float32(parameter)  # the parameter itself, unless it is in half precision
        gradient = at_least_float32(gradient)

        state = self.state[parameter]
        if not state:
            state["step"] = 0
            for name in self.MOMENTS:
                state[name] = torch.zeros_like(theta)
        state["step"] += 1
        first_moment, second_moment = (state[name] for name in self.MOMENTS)

        theta.mul_(1 - lr * group["weight_decay"])
        first_moment.mul_(beta1).add_(gradient, alpha=1 - beta1)
        second_moment.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        step_size = lr * math.sqrt(1 - beta2 ** state["step"]) / (1 - beta1 ** state["step"])
        theta.addcdiv_(first_moment, second_moment.sqrt().add_(group["eps"]), value=-step_size)

        if theta is not parameter:
            parameter.copy_(theta)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As in the base class, but moments keep their dtype: it would cast them to their parameter's."""
        super().load_state_dict(state_dict)
        saved_ids = chain.from_iterable(group["params"] for group in state_dict["param_groups"])
        parameters = chain.from_iterable(group["params"] for group in self.param_groups)
        for saved_id, parameter in zip(saved_ids, parameters, strict=True):
            for name in self.MOMENTS if saved_id in state_dict["state"] else ():
                saved = state_dict["state"][saved_id][name]
                self.state[parameter][name] = saved.to(parameter.device, copy=True)


def get_lr_cosine_schedule(
    it: int, max_learning_rate: float, min_learning_rate: float, warmup_iters: int, cosine_cycle_iters: int
) -> float:
    """Linear warm-up to the maximum, then half a cosine down to the minimum, then the minimum.

    Loshchilov & Hutter 2017, equation 5, for one cycle. Without a cosine (cosine_cycle_iters equal to
    warmup_iters) the minimum follows the warm-up.
    """
    if it < warmup_iters:
        return it / warmup_iters * max_learning_rate
    if it >= cosine_cycle_iters:
        return min_learning_rate
    progress = (it - warmup_iters) / (cosine_cycle_iters - warmup_iters)
    return min_learning_rate + 0.5 * (1 + math.cos(math.pi * progress)) * (max_learning_rate - min_learning_rate)


@torch.no_grad()
def gradient_clipping(parameters: Iterable[torch.nn.Parameter], max_l2_norm: float) -> None:
    """Scale all gradients in place by one factor so that their joint l2 norm is at most max_l2_norm.

    Pascanu et al. 2013, algorithm 1, with 1e-6 added to the norm. A norm below the limit changes nothing.
    """
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    if not gradients:
        return
    norms = [torch.linalg.vector_norm(at_least_float32(gradient)) for gradient in gradients]
    joint_norm = torch.linalg.vector_norm(torch.stack([norm.to(norms[0].device) for norm in norms]))
    if joint_norm >= max_l2_norm:
        factor = (max_l2_norm / (joint_norm + 1e-6)).item()
        for gradient in gradients:
            gradient.mul_(factor)
