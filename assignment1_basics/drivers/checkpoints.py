"""Checkpoints: a model whose state is any dict of tensors, and an optimizer that is not the student's."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from assignment1_basics import adapters


class _Holder(torch.nn.Module):
    """Parameters named as in `state`; "seen" is a buffer."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        super().__init__()
        for name, tensor in state.items():
            if name == "seen":
                self.register_buffer(name, tensor.clone())
            else:
                self.register_parameter(name, torch.nn.Parameter(tensor.clone()))

    def state(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.state_dict().items()}


class _Momentum(torch.optim.Optimizer):
    """Gradient descent with momentum: the smallest optimizer with a state and hyper-parameters to lose."""

    def __init__(self, params: Any, lr: float, momentum: float) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # torch overloads it
        for group in self.param_groups:
            for parameter in group["params"]:
                speed = self.state[parameter].setdefault("speed", torch.zeros_like(parameter))
                speed.mul_(group["momentum"]).add_(parameter.grad)
                parameter.sub_(group["lr"] * speed)


def _descend(model: _Holder, optimizer: _Momentum, gradients: list[list[Tensor]]) -> list[dict[str, Tensor]]:
    """The model's state after each step."""
    history = []
    for step in gradients:
        for parameter, gradient in zip(model.parameters(), step, strict=True):
            parameter.grad = gradient.clone()
        optimizer.step()
        if "seen" in dict(model.named_buffers()):
            model.seen += 1
        history.append(model.state())
    return history


def _through_storage(kind: str, save: Callable[[Any], None], load: Callable[[Any], int]) -> int:
    """Save to, then load from, a "str" path, a "Path", a "BytesIO" or an open "file"."""
    if kind == "BytesIO":
        memory = io.BytesIO()
        save(memory)
        memory.seek(0)
        return load(memory)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.pt"
        if kind == "file":
            with path.open("wb") as out:
                save(out)
            with path.open("rb") as src:
                return load(src)
        given = str(path) if kind == "str" else path
        save(given)
        return load(given)


def checkpoint_and_resume(
    start: dict[str, Tensor],
    stranger: dict[str, Tensor],
    gradients: list[list[Tensor]],
    saved_after: int,
    iteration: int,
    kind: str,
) -> tuple[int, dict[str, Tensor], list[dict[str, Tensor]], list[dict[str, Tensor]]]:
    """Train `start`, save on the way and train on; load into a model of other values and train that on.

    Returns the loaded iteration, the state right after loading, and the states of the first and of the second
    model after each step since the save.
    """
    model, other = _Holder(start), _Holder(stranger)
    optimizer = _Momentum(model.parameters(), lr=0.1, momentum=0.9)
    other_optimizer = _Momentum(other.parameters(), lr=0.7, momentum=0.2)
    _descend(model, optimizer, gradients[:saved_after])
    _descend(other, other_optimizer, gradients[:1])
    went_on: list[dict[str, Tensor]] = []

    def load(src: Any) -> int:
        went_on.extend(_descend(model, optimizer, gradients[saved_after:]))
        return adapters.run_load_checkpoint(src, other, other_optimizer)

    found = _through_storage(kind, lambda out: adapters.run_save_checkpoint(model, optimizer, iteration, out), load)
    loaded = other.state()
    return found, loaded, went_on, _descend(other, other_optimizer, gradients[saved_after:])


def checkpoints_at_paths(
    states: list[dict[str, Tensor]], names: list[str], iterations: list[int]
) -> dict[str, tuple[int, dict[str, Tensor]]]:
    """Save a model of each state under its name, one after another; then load every name."""
    with tempfile.TemporaryDirectory() as folder:
        for state, name, iteration in zip(states, names, iterations, strict=True):
            model = _Holder(state)
            optimizer = _Momentum(model.parameters(), lr=0.1, momentum=0.9)
            adapters.run_save_checkpoint(model, optimizer, iteration, f"{folder}/{name}")
        found = {}
        for name in names:
            model = _Holder({key: torch.zeros_like(tensor) for key, tensor in states[0].items()})
            optimizer = _Momentum(model.parameters(), lr=0.1, momentum=0.9)
            found[name] = adapters.run_load_checkpoint(f"{folder}/{name}", model, optimizer), model.state()
        return found


def checkpoint_loads_as_plain_data(state: dict[str, Tensor], gradients: list[list[Tensor]]) -> bool:
    """Whether torch.load(..., weights_only=True) reads a saved checkpoint."""
    model, memory = _Holder(state), io.BytesIO()
    optimizer = _Momentum(model.parameters(), lr=0.1, momentum=0.9)
    _descend(model, optimizer, gradients)
    adapters.run_save_checkpoint(model, optimizer, 3, memory)
    memory.seek(0)
    try:
        torch.load(memory, weights_only=True)
    except Exception:  # torch.load names no common class for what it refuses
        return False
    return True


def modes_around_checkpointing(state: dict[str, Tensor], training: bool) -> tuple[bool, bool]:
    """Whether a model is in training mode after it was saved, and another after it was loaded."""
    saved, loaded, memory = _Holder(state).train(training), _Holder(state).train(training), io.BytesIO()
    adapters.run_save_checkpoint(saved, _Momentum(saved.parameters(), 0.1, 0.9), 1, memory)
    memory.seek(0)
    adapters.run_load_checkpoint(memory, loaded, _Momentum(loaded.parameters(), 0.1, 0.9))
    return saved.training, loaded.training
