"""A step of training in float64, by the formulas: what a timed step is held against.

Written apart from the reference's layers, so that a mistake of theirs would show: RMSNorm (Zhang & Sennrich 2019, equation 4),
RoPE on neighbouring features (Su et al. 2021, equation 34), SwiGLU (Shazeer 2020, equation 6), pre-norm blocks, AdamW
(Loshchilov & Hutter 2019, algorithm 2).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

RATE, DECAY, BETAS, EPSILON = 1e-3, 0.1, (0.9, 0.95), 1e-8
NORM_EPSILON, THETA = 1e-5, 10_000.0


@dataclass(frozen=True)
class Step:
    """A state after `number` steps, and the batch of the next one."""

    parameters: dict[str, Tensor]
    first_moments: dict[str, Tensor]
    second_moments: dict[str, Tensor]
    number: int
    tokens: Tensor
    targets: Tensor


def shapes(shape: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, by its name."""
    d, d_ff, vocabulary = shape["d_model"], shape["d_ff"], shape["vocab_size"]
    found: dict[str, tuple[int, ...]] = {"token_embeddings.weight": (vocabulary, d)}
    for layer in range(shape["num_layers"]):
        own = {f"attn.{part}_proj": (d, d) for part in ("q", "k", "v", "output")}
        own |= {"ln1": (d,), "ln2": (d,), "ffn.w1": (d_ff, d), "ffn.w2": (d, d_ff), "ffn.w3": (d_ff, d)}
        found |= {f"layers.{layer}.{name}.weight": of for name, of in own.items()}
    return found | {"ln_final.weight": (d,), "lm_head.weight": (vocabulary, d)}


def expected(shape: Mapping[str, int], step: Step) -> tuple[Tensor, Step]:
    """The loss before the step, and the state after it, in float64; tokens and targets are those of before."""
    weights = {name: tensor.double().requires_grad_() for name, tensor in step.parameters.items()}
    log_chances = logits(shape, weights, step.tokens).log_softmax(-1)
    loss = -log_chances.gather(-1, step.targets[..., None]).mean()
    gradients = dict(zip(weights, torch.autograd.grad(loss, list(weights.values())), strict=True))
    number, (beta1, beta2) = step.number + 1, BETAS
    parameters, first, second = {}, {}, {}
    for name, gradient in gradients.items():
        first[name] = beta1 * step.first_moments[name].double() + (1 - beta1) * gradient
        second[name] = beta2 * step.second_moments[name].double() + (1 - beta2) * gradient**2
        direction = (first[name] / (1 - beta1**number)) / ((second[name] / (1 - beta2**number)).sqrt() + EPSILON)
        parameters[name] = weights[name].detach() * (1 - RATE * DECAY) - RATE * direction
    return loss.detach(), Step(parameters, first, second, number, step.tokens, step.targets)


def logits(shape: Mapping[str, int], weights: Mapping[str, Tensor], tokens: Tensor) -> Tensor:
    """Logits of each next token, [batch, time, vocabulary]."""
    x = weights["token_embeddings.weight"][tokens]
    for layer in range(shape["num_layers"]):
        of = f"layers.{layer}"
        x = x + _attention(shape["num_heads"], weights, of, _norm(x, weights[f"{of}.ln1.weight"]))
        inner = _norm(x, weights[f"{of}.ln2.weight"])
        gate, value = (inner @ weights[f"{of}.ffn.{name}.weight"].T for name in ("w1", "w3"))
        x = x + (gate * torch.sigmoid(gate) * value) @ weights[f"{of}.ffn.w2.weight"].T
    return _norm(x, weights["ln_final.weight"]) @ weights["lm_head.weight"].T


def _norm(x: Tensor, weight: Tensor) -> Tensor:
    return x / (x.square().mean(-1, keepdim=True) + NORM_EPSILON).sqrt() * weight


def _attention(heads: int, weights: Mapping[str, Tensor], of: str, x: Tensor) -> Tensor:
    q, k, v = (
        (x @ weights[f"{of}.attn.{name}_proj.weight"].T).unflatten(-1, (heads, -1)).transpose(1, 2) for name in "qkv"
    )
    scores = _turned(q) @ _turned(k).mT / q.shape[-1] ** 0.5  # [batch, heads, time, time]
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    attended = scores.masked_fill(future, float("-inf")).softmax(-1) @ v
    return attended.transpose(1, 2).flatten(2) @ weights[f"{of}.attn.output_proj.weight"].T


def _turned(x: Tensor) -> Tensor:
    time, width = x.shape[-2:]
    speeds = THETA ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = torch.outer(torch.arange(time, dtype=torch.float64), speeds)
    a, b = x[..., 0::2], x[..., 1::2]
    turned = torch.stack((a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos()), -1)
    return turned.flatten(-2)
