"""What a campaign is worth: four numbers that are measured, and the share of the points that each brings.

- regret, in nats: the true loss of the final configuration, less the lowest that the final budget can buy;
- prediction error, in nats: how far the predicted loss is from the true one, up or down;
- waste: the share of the budget that went to runs that failed or were not waited for, and a hundredth for each submission that the budget refused;
- use: the share of the budget that went to runs that completed.

Regret and prediction error bring shares that are linear in their logarithm, waste one that is linear; of the last, a
campaign that used less than half of its budget gets as much less.
"""

import math
from dataclasses import dataclass

REGRET_FULL, REGRET_NOTHING = 0.01, 0.15
PREDICTION_FULL, PREDICTION_NOTHING = 0.02, 0.15
WASTE_FULL, WASTE_NOTHING = 0.10, 0.40
USE_FULL = 0.5
REFUSAL = 0.01
REGRET_WEIGHT, PREDICTION_WEIGHT, WASTE_WEIGHT = 0.6, 0.2, 0.2
MISS_PRICE = 10.0
"""What an 80 % interval pays for each nat that it misses by: 2 / (1 - 0.8)."""


@dataclass(frozen=True)
class Result:
    """What a campaign on one surface came to. In nats; `waste` and `use` are shares of the budget."""

    regret: float
    true_loss: float
    predicted_loss: float
    waste: float
    use: float
    interval: tuple[float, float] | None = None

    @property
    def prediction_error(self) -> float:
        """How far the prediction is off, up or down."""
        return abs(self.predicted_loss - self.true_loss)

    @property
    def interval_score(self) -> float | None:
        """Width plus ten times the miss (Gneiting and Raftery 2007, section 6.2, at 80 %): low is good; None without one."""
        if self.interval is None:
            return None
        low, high = self.interval
        return high - low + MISS_PRICE * max(0.0, low - self.true_loss, self.true_loss - high)

    @property
    def score(self) -> float:
        """The share of all points, from 0 to 1."""
        return (
            REGRET_WEIGHT * logarithmic_share(self.regret, REGRET_FULL, REGRET_NOTHING)
            + PREDICTION_WEIGHT * logarithmic_share(self.prediction_error, PREDICTION_FULL, PREDICTION_NOTHING)
            + WASTE_WEIGHT * linear_share(self.waste, WASTE_FULL, WASTE_NOTHING) * min(1.0, self.use / USE_FULL)
        )


def logarithmic_share(x: float, full: float, nothing: float) -> float:
    """1 up to `full`, 0 from `nothing` on, and in between linear in log x."""
    return linear_share(math.log(max(x, full)), math.log(full), math.log(nothing))


def linear_share(x: float, full: float, nothing: float) -> float:
    """1 up to `full`, 0 from `nothing` on, and linear in between."""
    return min(1.0, max(0.0, (nothing - x) / (nothing - full)))
