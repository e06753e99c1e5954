"""A feed-forward layer of which each token uses a small part: a router chooses its experts.

Parameters grow with the number of experts, arithmetic with the number chosen. Shazeer et al. 2017 for the mixture,
Fedus et al. 2021 (Switch) for the loss and the capacity, Lepikhin et al. 2020 (GShard) for the order in which an
expert takes its tokens.
"""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from assignment1_basics.nn import Linear, SwiGLU, at_least_float32, softmax


def route(
    router_logits: Float[Tensor, "tokens experts"], top_k: int
) -> tuple[Float[Tensor, "tokens top_k"], Int[Tensor, "tokens top_k"]]:
    """Gate weights and ids of each token's top_k likeliest experts, the likeliest first.

    The softmax is over all experts, though a softmax over the chosen logits would give the same weights.
    """
    probabilities = softmax(at_least_float32(router_logits), dim=-1)
    likeliest, chosen = probabilities.topk(top_k, dim=-1)
    return likeliest / likeliest.sum(dim=-1, keepdim=True), chosen


def load_balancing_loss(
    router_logits: Float[Tensor, "tokens experts"], chosen: Int[Tensor, "tokens top_k"]
) -> Float[Tensor, ""]:
    """num_experts * sum(share of choices * mean probability) (Fedus et al. 2021, equations 4 to 6).

    Counting has no gradient; the probabilities carry it, weighted by how crowded their expert is.
    """
    num_experts = router_logits.shape[-1]
    mean_probability = softmax(at_least_float32(router_logits), dim=-1).mean(dim=0)
    share = torch.bincount(chosen.reshape(-1), minlength=num_experts) / chosen.numel()
    return num_experts * (share.to(mean_probability.dtype) * mean_probability).sum()


def expert_capacity(num_tokens: int, num_experts: int, top_k: int, capacity_factor: float) -> int:
    """capacity_factor times an even share of all choices, rounded up (Fedus et al. 2021, equation 3)."""
    return math.ceil(capacity_factor * num_tokens * top_k / num_experts)


def taken(chosen: Int[Tensor, "tokens top_k"], num_experts: int, capacity: int) -> Bool[Tensor, "tokens top_k"]:
    """Which choices fit: each expert takes all first choices in the order of tokens, then the second ones, …"""
    in_order = chosen.T.reshape(-1)  # [top_k * tokens]: choice by choice
    one_hot = in_order.unsqueeze(-1) == torch.arange(num_experts, device=chosen.device)
    place = one_hot.cumsum(dim=0).gather(-1, in_order.unsqueeze(-1)).squeeze(-1)  # from 1, in the expert's queue
    return (place <= capacity).reshape(chosen.T.shape).T


class MixtureOfExperts(nn.Module):
    """SwiGLU networks, of which each token uses the `top_k` that a linear router finds likeliest."""

    def __init__(
        self,
        d_model: int,
        d_ff: int,
        num_experts: int,
        top_k: int,
        capacity_factor: float | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if not 1 <= top_k <= num_experts:
            raise ValueError(f"MixtureOfExperts got top_k = {top_k}; expected 1 to num_experts = {num_experts}")
        self.top_k = top_k
        self.capacity_factor = capacity_factor
        self.router = Linear(d_model, num_experts, device, dtype)
        self.experts = nn.ModuleList(SwiGLU(d_model, d_ff, device, dtype) for _ in range(num_experts))

    def forward(self, x: Float[Tensor, "... d_model"]) -> tuple[Float[Tensor, "... d_model"], Float[Tensor, ""]]:
        """The mixed outputs, and the load-balancing loss of all tokens of `x`, before any is dropped."""
        tokens = x.reshape(-1, x.shape[-1])
        router_logits = self.router(tokens)
        gates, chosen = route(router_logits, self.top_k)
        loss = load_balancing_loss(router_logits, chosen)
        kept = torch.ones_like(chosen, dtype=torch.bool)
        if self.capacity_factor is not None:
            capacity = expert_capacity(len(tokens), len(self.experts), self.top_k, self.capacity_factor)
            kept = taken(chosen, len(self.experts), capacity)
        mixed = torch.zeros_like(tokens)
        for number, expert in enumerate(self.experts):
            rows, choices = torch.nonzero((chosen == number) & kept, as_tuple=True)
            if len(rows):
                gate = gates[rows, choices].unsqueeze(-1).to(x.dtype)
                mixed = mixed.index_add(0, rows, gate * expert(tokens[rows]))
        return mixed.reshape(x.shape), loss
