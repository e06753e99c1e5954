"""A whole campaign: runs of five sizes, smallest first; one law fitted to all of them, of the loss and of the learning rate.

Each size is trained on several amounts of data with learning rates around the best that the law knows so far. Small runs
are many, for the rate; large ones few, for the loss. The fit starts from published constants and is held near them
as far as the runs do not say otherwise, so a parameter that they hardly decide stays in a sensible place.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.optimize import OptimizeResult, least_squares

SEQUENCE, VOCABULARY = 512, 32_000
REFERENCE_N, REFERENCE_D = 1e8, 2e9
"""Where the law's terms and rate are what the parameters of the fit say; so they hardly depend on the exponents."""

NAMES = (
    "E",
    "log_model",
    "alpha",
    "log_data",
    "beta",
    "log2_rate",
    "rate_model",
    "rate_data",
    "log_below",
    "log_above",
)
PUBLISHED = np.array([1.9, -0.3, 0.34, -0.3, 0.34, math.log2(2.5e-3), 0.68, 0.3, math.log(0.012), math.log(0.02)])
DOUBT = np.array([0.5, 0.6, 0.08, 0.6, 0.08, 2.0, 0.06, 0.06, 0.3, 0.3])
"""How far from the published constants a surface may well be."""
NOISE = 0.004
WIDER = 1.8
"""The fitted law is not the true one, so an interval has to be wider than the noise says."""
FINAL_SHARE = 0.995

# Layers and width, tokens a parameter, and how many doublings from the best known rate.
STAGES = (
    (4, 384, (10,), (-3, -1.5, 0, 1.5, 3)),
    (4, 384, (10, 40), (-1.25, 0.25, 1.25)),
    (5, 512, (10, 40), (-1.5, 0, 1.5)),
    (6, 640, (7, 20, 60), (-1.2, 0, 1.2)),
    (8, 896, (10,), (-1, 0, 1)),
    (8, 896, (18, 25), (0,)),
    (10, 1152, (12,), (0,)),
    (10, 1152, (22,), (0,)),
)
PLANNED_FOR = 43_200.0
"""The seconds for which the stages are laid out; another budget makes all runs longer or shorter."""


@dataclass(frozen=True)
class Run:
    """A finished run: parameters, tokens, peak learning rate and the loss at its end."""

    N: float
    D: float
    rate: float
    loss: float


def run_scaling_campaign(client: Any, total_budget_s: float) -> dict[str, Any]:
    """Spend at most `total_budget_s` on runs, then bet on a run of at most four times as long; returns the bet."""
    runs: list[Run] = []
    law = PUBLISHED
    for layers, width, ratios, doublings in STAGES:
        N = 12 * layers * width**2
        for ratio in ratios:
            D = N * ratio * total_budget_s / PLANNED_FOR
            for octaves in doublings:
                runs += trained(client, layers, width, D, best_rate(law, N, D) * 2**octaves)
        law = fitted(telling(runs), law).x
    fit = fitted(telling(runs), law)
    layers, width, D = best_model(fit.x, FINAL_SHARE * 4 * total_budget_s)
    N = 12 * layers * width**2
    rate = best_rate(fit.x, N, D)
    loss = float(predicted(fit.x, N, D, rate))
    margin = WIDER * 1.28 * spread(fit, N, D, rate)
    batch = min(best_batch(D), largest_batch(layers, width))
    final = training_config(layers, width, D, rate, batch, 4 * total_budget_s)
    return client.submit_final(final, loss, (loss - margin, loss + margin))


def trained(client: Any, layers: int, width: int, D: float, rate: float) -> list[Run]:
    """Train a model: one run, or none where the budget does not allow it or the run fails."""
    batch = best_batch(D)
    longest = math.ceil(1.05 * D * seconds_a_token(layers, width, batch) + 2)
    if longest > client.budget()["remaining_seconds"]:
        return []
    config = training_config(layers, width, D, rate, batch, longest)
    status = client.wait(client.submit(config)["experiment_id"])["status"]
    if status["status_type"] != "completed":
        return []
    return [Run(12.0 * layers * width**2, float(config["total_train_tokens"]), rate, status["val_losses"][-1])]


def best_batch(D: float) -> int:
    """Sequences a step: more for more data, as the best batch does, so that it costs every run the same share of its data."""
    return max(1, round(12 * (D / 1e9) ** 0.57))


def largest_batch(layers: int, width: int) -> int:
    """How many sequences a step fit into the memory, by the handout's formula, with a twentieth to spare."""
    state = 8 * (12 * layers * width**2 + 2 * VOCABULARY * width)
    sequence = SEQUENCE * (layers * (34 * width + 5 * SEQUENCE * (width // 64)) + 10 * VOCABULARY)
    return int((0.95 * 180e9 - state) / sequence)


def seconds_a_token(layers: int, width: int, batch: int) -> float:
    """The handout's time model."""
    multiplied = 12 * layers * width**2 + VOCABULARY * width
    return 6.6e-8 * layers + 1.37e-14 * multiplied + 5e-4 / (SEQUENCE * batch)


def training_config(layers: int, width: int, D: float, rate: float, batch: int, longest: float) -> dict[str, Any]:
    """A configuration for the API with at most D tokens in whole steps, evaluated four times."""
    steps = max(4, int(D / (SEQUENCE * batch)) // 4 * 4)
    heads = width // 64
    return {
        "architecture_config": {
            "num_hidden_layers": layers,
            "hidden_size": width,
            "intermediate_size": round(width * 8 / 3),
            **dict.fromkeys(("num_attention_heads", "num_key_value_heads"), heads),
            **dict.fromkeys(("attention_bias", "tie_word_embeddings"), False),
            "head_dim": 64,
            "vocab_size": VOCABULARY,
            "dtype": "bfloat16",
            "rope_theta": 10_000,
            "rms_norm_eps": 1e-6,
        },
        "optimizer_config": {"type": "adamw", "lr_scheduler": {"peak_value": rate}},
        "train_batch_size": batch,
        "val_batch_size": 64,
        "n_evals": 4,
        "total_train_tokens": steps * SEQUENCE * batch,
        "max_runtime_seconds": longest,
    }


def best_rate(law: Float[np.ndarray, " 10"], N: float, D: float) -> float:
    """The learning rate of the law: a power of N and a power of D."""
    log2_rate, rate_model, rate_data = law[5:8]
    return float(2 ** (log2_rate - rate_model * np.log2(N / REFERENCE_N) + rate_data * np.log2(D / REFERENCE_D)))


def predicted(law: Float[np.ndarray, " 10"], N: Any, D: Any, rate: Any) -> Any:
    """The loss by the law: what N and D leave, more of it the farther the rate is from the best, by a parabola a side."""
    E, log_model, alpha, log_data, beta, log2_rate, rate_model, rate_data, below, above = law
    n, d = np.log(N / REFERENCE_N), np.log(D / REFERENCE_D)
    octaves = np.log2(rate) - (log2_rate + (rate_data * d - rate_model * n) / math.log(2))
    curvature = np.where(octaves < 0, np.exp(below), np.exp(above))
    return E + (np.exp(log_model - alpha * n) + np.exp(log_data - beta * d)) * (1 + curvature * octaves**2)


def telling(runs: list[Run]) -> list[Run]:
    """The runs that the law speaks of: far from guessing, and at most 1.9 doublings above the best rate that was tried
    on the same model and data.

    Farther up losses rise like nothing that is fitted here; and a loss near ln V cannot rise, whatever else is wrong.
    """
    best: dict[tuple[float, float], Run] = {}
    for run in runs:
        best[run.N, run.D] = min(best.get((run.N, run.D), run), run, key=lambda run: run.loss)
    learnt = [run for run in runs if run.loss < math.log(VOCABULARY) - 1]
    return [run for run in learnt if run.rate <= best[run.N, run.D].rate * 2**1.9]


def fitted(runs: list[Run], start: Float[np.ndarray, " 10"]) -> OptimizeResult:
    """The law nearest to all runs and, in its doubtful parameters, to the published one."""
    N, D, rate, loss = np.array([(run.N, run.D, run.rate, run.loss) for run in runs]).reshape(-1, 4).T

    def residuals(law: Float[np.ndarray, " 10"]) -> Float[np.ndarray, " n"]:
        return np.concatenate([(predicted(law, N, D, rate) - loss) / NOISE, (law - PUBLISHED) / DOUBT])

    return least_squares(residuals, start, x_scale=DOUBT)


def best_model(law: Float[np.ndarray, " 10"], seconds: float) -> tuple[int, int, float]:
    """Layers, width and tokens of the run of so many seconds with the lowest loss by the law, at its best rate."""
    best = (math.inf, 0, 0, 0.0)
    for width in range(512, 5121, 64):
        for layers in range(max(1, round(width / 128)), round(width / 48) + 1):
            if largest_batch(layers, width) < 16:
                break
            N, D = 12 * layers * width**2, seconds / seconds_a_token(layers, width, 16)
            best = min(best, (float(predicted(law, N, D, best_rate(law, N, D))), layers, width, D))
    return best[1:]


def spread(fit: OptimizeResult, N: float, D: float, rate: float) -> float:
    """The standard deviation of a predicted loss, from the fit's curvature: (J^T J)^-1 is the covariance of the law."""
    steps = 1e-4 * np.diag(DOUBT)
    slopes = np.array([predicted(fit.x + step, N, D, rate) - predicted(fit.x - step, N, D, rate) for step in steps])
    slopes /= 2e-4 * DOUBT
    return float(np.sqrt(slopes @ np.linalg.solve(fit.jac.T @ fit.jac, slopes)))
