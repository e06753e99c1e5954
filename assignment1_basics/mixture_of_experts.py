"""A feed-forward layer of which each token uses a small part: a router chooses its experts. Optional."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


def route(
    router_logits: Float[Tensor, "tokens experts"], top_k: int
) -> tuple[Float[Tensor, "tokens top_k"], Int[Tensor, "tokens top_k"]]:
    """Gate weights and ids of each token's top_k likeliest experts, the likeliest first.

    The gate weights are the experts' probabilities, softmax(router_logits), divided by their sum over the
    chosen ones. Which of equally likely experts is chosen is not specified.
    """
    raise NotImplementedError("mixture_of_experts: write route in assignment1_basics/mixture_of_experts.py")


def load_balancing_loss(
    router_logits: Float[Tensor, "tokens experts"], chosen: Int[Tensor, "tokens top_k"]
) -> Float[Tensor, ""]:
    """num_experts * sum over experts of (share of all choices that fell on it) * (mean probability of it).

    Shares are counts, and constants for autograd; probabilities are over all experts.
    """
    raise NotImplementedError(
        "mixture_of_experts: write load_balancing_loss in assignment1_basics/mixture_of_experts.py"
    )


def expert_capacity(num_tokens: int, num_experts: int, top_k: int, capacity_factor: float) -> int:
    """capacity_factor times an even share of all num_tokens * top_k choices, rounded up."""
    raise NotImplementedError("mixture_of_experts: write expert_capacity in assignment1_basics/mixture_of_experts.py")


class MixtureOfExperts(nn.Module):
    """`num_experts` SwiGLU networks, of which each token uses `top_k`, mixed by the gate weights of `route`.

    State dict: router.weight [num_experts, d_model]; experts.{i}.w1.weight, .w2.weight, .w3.weight of a SwiGLU
    of inner width d_ff. Without a capacity_factor every expert takes all tokens that chose it.
    """

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
        raise NotImplementedError(
            "mixture_of_experts: write MixtureOfExperts.__init__ in assignment1_basics/mixture_of_experts.py"
        )

    def forward(self, x: Float[Tensor, "... d_model"]) -> tuple[Float[Tensor, "... d_model"], Float[Tensor, ""]]:
        """The mixed outputs, and the load-balancing loss of all tokens of `x`, before any is dropped.

        An expert computes the tokens that it takes, and no others. All leading dimensions together are one
        sequence of tokens, the last of them counting fastest. With a capacity, an expert takes first choices
        before second ones, and so on; among equal choices, earlier tokens before later ones. What it does not
        take adds 0 to the output, and the other gate weights stay as they are.
        """
        raise NotImplementedError(
            "mixture_of_experts: write MixtureOfExperts.forward in assignment1_basics/mixture_of_experts.py"
        )
