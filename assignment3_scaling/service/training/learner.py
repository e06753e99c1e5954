"""One training run: a tiny transformer of assignment 1 on a source of known entropy. Runs where student code may run.

The model, AdamW, the loss and the clipping are those of `assignment1_basics` as it lies on this process's import
path: the course's reference, or at home a student's own. Losses that are reported are expectations: the cross-entropy
of the model against the source's own probabilities, over the same windows for every run of a student, so that the
noise of drawn targets is not in them and a loss minus `Source.floor` is what is left to learn.

Not covered, for assignment 1 has none: biases and normalised queries and keys in attention, `rms_norm_eps` other than
the layer's own, and AdamW's `eps_root`.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Int
from torch import Tensor, nn

from assignment1_basics.loss import cross_entropy
from assignment1_basics.optimizer import AdamW, gradient_clipping
from assignment1_basics.transformer import TransformerLM
from assignment3_scaling.service.schemas import AdamWConfig, TrainingConfig, WarmupCosineDecay
from assignment3_scaling.service.training.batches import Validation, stream
from assignment3_scaling.service.training.source import Source


def learn(
    config: TrainingConfig,
    *,
    student: int | str,
    seq_len: int,
    n_val_tokens: int,
    evaluations: int,
    device: str,
    report: Callable[[float | None], object],
) -> tuple[float | None, ...]:
    """Train for the first `evaluations` of the config's evaluations; their losses, which `report` was told one by one.

    A loss that is not a number is None and ends the run. The same arguments give the same losses on the same machine.

    Raises:
        Exception: whatever assignment 1's code raises.
    """
    source = Source.drawn(student)
    torch.manual_seed(config.model_seed)
    model = build(config, seq_len, device)
    parameters = list(model.parameters())
    optimizer = build_optimizer(config, parameters)
    batches = stream(source, config, seq_len, student)
    validation = Validation.drawn(source, student, seq_len, n_val_tokens, device)
    steps = config.total_train_tokens // (seq_len * config.train_batch_size)
    losses: list[float | None] = []
    for step in range(steps // config.n_evals * evaluations):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps, config.optimizer_config.lr_scheduler)
        _step(model, optimizer, parameters, next(batches).to(device), config.optimizer_config.grad_clip_norm)
        if (step + 1) % (steps // config.n_evals) == 0:
            loss = validation.loss(model, config.val_batch_size)
            losses.append(loss if math.isfinite(loss) else None)
            report(losses[-1])
            if losses[-1] is None:
                break
    return tuple(losses)


def _step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    parameters: list[nn.Parameter],
    windows: Int[Tensor, "batch length"],
    max_norm: float | None,
) -> None:
    optimizer.zero_grad()
    cross_entropy(model(windows[:, :-1]), windows[:, 1:]).backward()
    if max_norm is not None:
        gradient_clipping(parameters, max_norm)
    optimizer.step()


def build(config: TrainingConfig, seq_len: int, device: str) -> nn.Module:
    """Assignment 1's transformer in the shape of a config."""
    shape = config.architecture_config
    model: nn.Module = TransformerLM(
        vocab_size=shape.vocab_size, context_length=seq_len, d_model=shape.hidden_size,
        num_layers=shape.num_hidden_layers, num_heads=shape.num_attention_heads, d_ff=shape.intermediate_size,
        rope_theta=float(shape.rope_theta), device=torch.device(device), dtype=getattr(torch, shape.dtype),
    )  # fmt: skip
    if shape.tie_word_embeddings:
        model.get_submodule("lm_head").weight = model.get_submodule("token_embeddings").weight
    return model


def build_optimizer(config: TrainingConfig, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """Assignment 1's AdamW, or plain gradient descent; the rate is set before each step."""
    chosen = config.optimizer_config
    if isinstance(chosen, AdamWConfig):
        betas = (chosen.beta1, chosen.beta2)
        adamw: torch.optim.Optimizer = AdamW(
            parameters, lr=0.0, weight_decay=chosen.weight_decay, betas=betas, eps=chosen.eps
        )
        return adamw
    return torch.optim.SGD(parameters, lr=0.0)


def learning_rate(step: int, steps: int, schedule: WarmupCosineDecay) -> float:
    """The rate of step `step` of `steps`: a straight line up, then half a cosine down to its last value."""
    warmup = int(schedule.warmup_frac * steps)
    if step < warmup:
        return schedule.init_value + (schedule.peak_value - schedule.init_value) * step / warmup
    last = schedule.final_lr_frac * schedule.peak_value
    progress = (step - warmup) / max(1, steps - warmup)
    return last + 0.5 * (1 + math.cos(math.pi * progress)) * (schedule.peak_value - last)
