"""The interface between your code and the checks: one function for each thing that is checked.

The names, arguments and return annotations are fixed; a result that does not fit its annotation fails. The
bodies are yours: a line or more that calls your function, but no mathematics. They are wired to the stubs
already, so nothing here needs a change unless you name or store things differently.
"""

from typing import Any

import numpy as np
from jaxtyping import Float

from assignment3_scaling import accounting, campaign, fitting, isoflops, planning, validation


def run_non_embedding_params(n_layer: int, d_model: int) -> int:
    """N of the scaling laws: 12 · n_layer · d_model²."""
    return accounting.non_embedding_params(n_layer, d_model)


def run_total_params(cfg: dict[str, Any]) -> int:
    """Every trained number of the API's model; `cfg` is an `architecture_config`."""
    return accounting.total_params(cfg)


def run_validate_config(cfg: dict[str, Any]) -> list[str]:
    """The texts of all rules that the training configuration `cfg` breaks, in the handout's order."""
    return validation.validate_config(cfg)


def run_fit_power_law(x: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"]) -> tuple[float, float]:
    """(k, a) of y ≈ k x^a by least squares on the logarithms."""
    k, a = fitting.fit_power_law(x, y)
    return float(k), float(a)


def run_isoflop_optima(runs: list[dict[str, Any]]) -> list[tuple[float, float, float, float]]:
    """(C, N, D, loss) of the run with the lowest loss at each budget, sorted by C."""
    return isoflops.isoflop_optima(runs)


def run_predict_compute_optimal(runs: list[dict[str, Any]], budgets: list[float]) -> dict[float, tuple[float, float]]:
    """(N, D) that you would train with each of `budgets`."""
    return isoflops.predict_compute_optimal(runs, budgets)


def run_compute_optimal(
    E: float, A: float, B: float, alpha: float, beta: float, C: float
) -> tuple[float, float, float]:
    """(N, D, L) of the best training with C FLOPs under the law with these constants."""
    N, D, L = fitting.compute_optimal(E, A, B, alpha, beta, C)
    return float(N), float(D), float(L)


def run_fit_parametric_loss(
    N: Float[np.ndarray, " n"], D: Float[np.ndarray, " n"], L: Float[np.ndarray, " n"]
) -> dict[str, float]:
    """The constants "E", "A", "B", "alpha", "beta" of the law that fits the runs best."""
    return {name: float(value) for name, value in fitting.fit_parametric_loss(N, D, L).items()}


def run_plan_sweep(
    budget_seconds: float,
    levels: list[float],
    law: dict[str, float],
    time_model: dict[str, float],
    template: dict[str, Any],
) -> list[dict[str, Any]]:
    """Training configurations around the expected optimum at each level, within the budget."""
    return planning.plan_sweep(budget_seconds, levels, law, time_model, template)


def run_scaling_campaign(client: Any, total_budget_s: float) -> dict[str, Any]:
    """The bet, as `client.submit_final` returned it last, after runs that cost at most `total_budget_s` seconds."""
    return campaign.run_scaling_campaign(client, total_budget_s)
