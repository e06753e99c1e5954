"""Language models with parts changed or left out: their weights, their logits in float64, their sizes."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests.random_transformer import language_model

WHO, BUILD = "run_ablated_lm", "get_build_lm"
RTOL = 1e-4
SIZES = {"vocab_size": 30, "context_length": 10, "d_model": 16, "num_layers": 2, "num_heads": 2, "d_ff": 28}
SWITCHES = {"norm": "pre", "pos": "rope", "ffn": "swiglu"}


def ablated_lm(draw: Any, sizes: dict[str, int], **switches: str) -> dict[str, Any]:
    """Everything `run_ablated_lm` takes except the token ids."""
    arguments = {**language_model(draw, **sizes), **SWITCHES, **switches}
    gone = {"pre": (), "post": ("ln_final",), "none": ("ln1", "ln2", "ln_final")}[arguments["norm"]]
    gone += ("w3",) if arguments["ffn"] == "silu" else ()
    weights = arguments["weights"]
    arguments["weights"] = {key: each for key, each in weights.items() if key.split(".")[-2] not in gone}
    return arguments


def logits(arguments: dict[str, Any], tokens: Tensor) -> Tensor:
    """What the model must return, in float64."""
    weights, norm = arguments["weights"], arguments["norm"]
    x = F.embedding(tokens, weights["token_embeddings.weight"].double())
    for layer in range(arguments["num_layers"]):
        x = _block(arguments, layer, x)
    if norm == "pre":
        x = reference.rmsnorm(1e-5, weights["ln_final.weight"], x)
    return reference.linear(weights["lm_head.weight"], x)


def _block(arguments: dict[str, Any], layer: int, x: Tensor) -> Tensor:
    prefix = f"layers.{layer}."
    weights = {key.removeprefix(prefix): each for key, each in arguments["weights"].items() if key.startswith(prefix)}
    theta = arguments["rope_theta"] if arguments["pos"] == "rope" else None

    def normalised(name: str, when: str, y: Tensor) -> Tensor:
        return reference.rmsnorm(1e-5, weights[f"{name}.weight"], y) if arguments["norm"] == when else y

    def attention(y: Tensor) -> Tensor:
        projections = (weights[f"attn.{name}_proj.weight"] for name in ("q", "k", "v", "output"))
        return reference.self_attention(arguments["num_heads"], *projections, y, theta)

    def feed_forward(y: Tensor) -> Tensor:
        w1, w2 = weights["ffn.w1.weight"], weights["ffn.w2.weight"]
        if arguments["ffn"] == "swiglu":
            return reference.swiglu(w1, w2, weights["ffn.w3.weight"], y)
        return reference.linear(w2, F.silu(reference.linear(w1, y)))

    x = normalised("ln1", "post", x + attention(normalised("ln1", "pre", x)))
    return normalised("ln2", "post", x + feed_forward(normalised("ln2", "pre", x)))


def check_logits(adapters: Any, check: Any, draw: Any, hint: str = "", sizes: Any = None, **switches: str) -> None:
    """Logits for random weights and tokens, at full and at shorter length."""
    arguments = ablated_lm(draw, sizes or SIZES, **switches)
    for length in (arguments["context_length"], 3):
        tokens = draw.integers(0, arguments["vocab_size"], 2, length)
        check.close(
            adapters.run_ablated_lm(**arguments, in_indices=tokens), logits(arguments, tokens),
            rtol=RTOL, dtype=torch.float32, who=f"{WHO}({_spelled(switches)})", hint=hint,
        )  # fmt: skip


def check_parameters(drivers: Any, check: Any, sizes: dict[str, int], **switches: str) -> None:
    """How many vectors and matrices there are, and the number of parameters."""
    found = drivers.parameter_descriptions(BUILD, {**sizes, **switches})
    chosen = {**SWITCHES, **switches}
    vocab, width, inner, layers = (sizes[key] for key in ("vocab_size", "d_model", "d_ff", "num_layers"))
    norms = {"pre": 2 * layers + 1, "post": 2 * layers, "none": 0}[chosen["norm"]]
    matrices = 2 if chosen["ffn"] == "silu" else 3
    who = f"a model of build_lm({_spelled(switches)})"
    check.equal(sum(len(shape) == 1 for shape, _, _ in found), norms, who=f"{who} as the number of its norms")
    total = norms * width + 2 * vocab * width + layers * (4 * width * width + matrices * width * inner)
    counts = [int(torch.tensor(shape).prod()) for shape, _, _ in found]
    check.equal(sum(counts), total, who=f"{who} as the number of its parameters")


def check_gradients(drivers: Any, check: Any, draw: Any, **switches: str) -> None:
    """Every parameter takes part."""
    tokens, cotangent = draw.integers(0, 30, 2, 10), draw.normal(2, 10, 30)
    found = drivers.parameter_gradients(BUILD, {**SIZES, **switches}, [tokens], cotangent, draw.integer(0, 10**6))
    reached = [gradient is not None and bool((gradient != 0).any()) for gradient in found]
    missing = len(reached) - sum(reached)
    check.that(missing == 0, f"build_lm({_spelled(switches)}): {missing} of {len(reached)} parameters get no gradient")


def check_refused(drivers: Any, check: Any, **switches: str) -> None:
    """A value that a switch does not have."""
    check.rejects(drivers.parameter_descriptions, BUILD, {**SIZES, **switches}, who=f"build_lm({_spelled(switches)})")


def _spelled(switches: dict[str, str]) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in switches.items())
