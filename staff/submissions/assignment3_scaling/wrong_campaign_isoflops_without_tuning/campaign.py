"""The baseline of the handout: isoFLOP profiles at a learning rate that nobody has tuned, and straight lines through them."""

import math
from typing import Any

import numpy as np

SEQUENCE, VOCABULARY, BATCH, RATE = 512, 32_000, 32, 1e-3
SIZES = ((4, 384), (5, 512), (6, 640), (8, 832), (9, 1024), (12, 1280))
LEVELS = {1e17: (0, 1, 2, 3), 3e17: (1, 2, 3, 4), 1e18: (2, 3, 4, 5)}
"""FLOPs, and the sizes that are trained with so many."""
PLANNED_FOR = 43_200.0


def run_scaling_campaign(client: Any, total_budget_s: float) -> dict[str, Any]:
    """Train sizes at three levels of compute, take the best of each level, and extend both lines to the final run."""
    best = []
    for level, sizes in LEVELS.items():
        compute = level * total_budget_s / PLANNED_FOR
        runs = [(loss(client, *SIZES[size], compute), parameters(*SIZES[size])) for size in sizes]
        best.append((compute, *min(runs)))
    C, L, N = np.array(best).T
    model_slope, model_start = np.polyfit(np.log(C), np.log(N), 1)
    loss_slope, loss_start = np.polyfit(np.log(C), np.log(L), 1)
    layers, width, D = largest_on_the_line(4 * total_budget_s, model_slope, model_start)
    compute = 6 * parameters(layers, width) * D
    prediction = math.exp(loss_start + loss_slope * math.log(compute))
    return client.submit_final(configuration(layers, width, D, 4 * total_budget_s), prediction)


def parameters(layers: int, width: int) -> int:
    return 12 * layers * width**2


def seconds(layers: int, width: int, D: float) -> float:
    multiplied = parameters(layers, width) + VOCABULARY * width
    return D * (6.6e-8 * layers + 1.37e-14 * multiplied + 5e-4 / (SEQUENCE * BATCH))


def largest_on_the_line(longest: float, slope: float, start: float) -> tuple[int, int, float]:
    """Layers, width and tokens of the largest run that is done in time and lies nearest to the fitted line."""
    found = []
    for width in range(512, 3073, 64):
        layers = round(width / 96)
        N, D = parameters(layers, width), 0.99 * longest / seconds(layers, width, 1.0)
        found.append((abs(math.log(N) - start - slope * math.log(6 * N * D)), layers, width, D))
    return min(found)[1:]


def loss(client: Any, layers: int, width: int, compute: float) -> float:
    """The loss of a model trained with `compute` FLOPs; infinite where the run fails."""
    D = compute / (6 * parameters(layers, width))
    submitted = client.submit(configuration(layers, width, D, math.ceil(1.1 * seconds(layers, width, D) + 5)))
    status = client.wait(submitted["experiment_id"])["status"]
    return status["val_losses"][-1] if status["status_type"] == "completed" else math.inf


def configuration(layers: int, width: int, D: float, longest: float) -> dict[str, Any]:
    steps = max(16, int(D / (SEQUENCE * BATCH)) // 16 * 16)
    return {
        "architecture_config": {
            "attention_bias": False, "head_dim": 64, "hidden_size": width, "intermediate_size": round(width * 8 / 3),
            "num_attention_heads": width // 64, "num_hidden_layers": layers, "num_key_value_heads": width // 64,
            "rms_norm_eps": 1e-6, "rope_theta": 10_000, "tie_word_embeddings": False, "dtype": "bfloat16",
            "vocab_size": VOCABULARY,
        },
        "optimizer_config": {"type": "adamw", "lr_scheduler": {"peak_value": RATE}},
        "train_batch_size": BATCH, "val_batch_size": 64, "n_evals": 16, "total_train_tokens": steps * SEQUENCE * BATCH,
        "max_runtime_seconds": longest,
    }  # fmt: skip
