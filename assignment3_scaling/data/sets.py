"""The sets: for each file the law behind it, the budgets, the sizes, and what measurement adds.

isoflops_curves   nine budgets of eight models, without noise: the constants that Hoffmann et al. 2022 printed, with E
                  larger by 1, A by 1200 and B by 2800, and a beta of 0.36: those of the public course's runs
isoflops_noisy    six budgets of nine models around those that the training API can pay for, in no order: the constants
                  that Besiroglu et al. 2024 found for the same paper, noise of 0.004, a diverged run here and there
isoflops_small    five budgets of seven models, a hundred times smaller: constants near those of short runs in
                  bfloat16, noise of 0.002
runs_scattered    a hundred runs at no common budget, the constants of `isoflops_noisy`, noise of 0.004, and in eight of
                  them a loss that is too high because something went wrong that nobody noticed
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from assignment3_scaling.data.law import Law, tokens_for

HOFFMANN_SHIFTED = Law(E=2.69, A=1606.4, B=3210.7, alpha=0.34, beta=0.36)
BESIROGLU = Law(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
SHORT_RUNS = Law(E=2.62, A=58.3, B=108.0, alpha=0.275, beta=0.262)


@dataclass(frozen=True)
class Profiles:
    """Runs at equal compute: `models` sizes a budget, each `ratio` times the one before it.

    The smallest is `smallest` times `k` C^`a`, which is near the optimum. From budget to budget the ladder of sizes is shifted
    by up to half a rung, as sizes of real models are; `drift` shifts it further, in rungs over all budgets.
    """

    law: Law
    budgets: tuple[float, ...]
    models: int
    ratio: float
    k: float
    a: float
    smallest: float
    drift: float
    noise: float
    diverged: float
    shuffled: bool
    decimals: int
    seed: int

    def runs(self) -> list[dict[str, Any]]:
        """The runs; numbers are rounded, so that the last bit of a machine's powers does not show."""
        rng = np.random.Generator(np.random.Philox(self.seed))
        found: list[dict[str, Any]] = []
        for place, budget in enumerate(self.budgets):
            shift = rng.uniform(-0.5, 0.5) + self.drift * place / (len(self.budgets) - 1)
            first = self.smallest * self.k * budget**self.a * self.ratio**shift
            for step in range(self.models):
                parameters = round(first * self.ratio**step, -3)
                loss = self.law.loss(parameters, tokens_for(budget, parameters)) + self.noise * rng.standard_normal()
                lost = rng.uniform() < self.diverged and 0 < step < self.models - 1
                found.append(run(parameters, budget, None if lost else round(loss, self.decimals)))
        if self.shuffled:
            found = [found[place] for place in rng.permutation(len(found))]
        return found


@dataclass(frozen=True)
class Scattered:
    """Runs at sizes and tokens drawn evenly on logarithms, of which `spoilt` have a loss up to `excess` too high."""

    law: Law
    count: int
    parameters: tuple[float, float]
    tokens: tuple[float, float]
    noise: float
    spoilt: int
    excess: float
    decimals: int
    seed: int

    def runs(self) -> list[dict[str, Any]]:
        """The runs, with their tokens in place of a budget."""
        rng = np.random.Generator(np.random.Philox(self.seed))
        spoilt = set(rng.permutation(self.count)[: self.spoilt].tolist())
        found = []
        for number in range(self.count):
            parameters, tokens = (
                round(low * (high / low) ** rng.uniform(), -3) for low, high in (self.parameters, self.tokens)
            )
            loss = self.law.loss(parameters, tokens) + self.noise * rng.standard_normal()
            loss += self.excess * rng.uniform(0.3, 1) if number in spoilt else 0
            found.append({"parameters": int(parameters), "tokens": tokens, "final_loss": round(loss, self.decimals)})
        return found


def run(parameters: float, budget: float, loss: float | None) -> dict[str, Any]:
    """One run at equal compute, by the keys that the public course's file has."""
    return {"parameters": int(parameters), "compute_budget": budget, "final_loss": loss}


SETS: dict[str, Profiles | Scattered] = {
    "isoflops_curves": Profiles(
        HOFFMANN_SHIFTED, (6e18, 1e19, 3e19, 6e19, 1e20, 3e20, 6e20, 1e21, 3e21), models=8, ratio=1.6,
        k=0.136, a=0.514, smallest=0.25, drift=-1, noise=0, diverged=0, shuffled=False, decimals=9, seed=21,
    ),
    "isoflops_noisy": Profiles(
        BESIROGLU, (1e16, 3e16, 1e17, 3e17, 1e18, 3e18), models=9, ratio=1.4,
        k=0.0477, a=0.513, smallest=0.25, drift=0, noise=0.004, diverged=0.08, shuffled=True, decimals=4, seed=24,
    ),
    "isoflops_small": Profiles(
        SHORT_RUNS, (1e13, 3e13, 1e14, 3e14, 1e15), models=7, ratio=1.5,
        k=0.145, a=0.488, smallest=0.2, drift=1, noise=0.002, diverged=0, shuffled=False, decimals=4, seed=26,
    ),
    "runs_scattered": Scattered(
        BESIROGLU, count=100, parameters=(1e6, 1e9), tokens=(2e7, 2e10), noise=0.004,
        spoilt=8, excess=0.6, decimals=4, seed=24,
    ),
}  # fmt: skip
