"""The law behind the runs: a model's loss from its size and its tokens."""

from dataclasses import dataclass

FLOPS_PER_PARAMETER_AND_TOKEN = 6


@dataclass(frozen=True)
class Law:
    """L(N, D) = E + A / N^alpha + B / D^beta in nats a token (Hoffmann et al. 2022, equation 2)."""

    E: float
    A: float
    B: float
    alpha: float
    beta: float

    def loss(self, parameters: float, tokens: float) -> float:
        """The loss after training `parameters` on `tokens`."""
        return self.E + self.A * parameters**-self.alpha + self.B * tokens**-self.beta


def tokens_for(budget: float, parameters: float) -> float:
    """D with 6 N D = C."""
    return budget / (FLOPS_PER_PARAMETER_AND_TOKEN * parameters)
