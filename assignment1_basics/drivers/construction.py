"""What a class makes of its constructor's arguments."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assignment1_basics import adapters


def new_module(cls_adapter: str, arguments: dict[str, Any]) -> torch.nn.Module:
    """An instance of the class that adapter `cls_adapter` returns. A dtype is given by name: "bfloat16"."""
    keywords = dict(arguments)
    if "dtype" in keywords:
        keywords["dtype"] = getattr(torch, keywords["dtype"])
    module = getattr(adapters, cls_adapter)()(**keywords)
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"{cls_adapter}: an instance is a {type(module).__name__}; expected an nn.Module")
    return module


def described(tensor: Tensor) -> tuple[list[int], str, str]:
    return list(tensor.shape), str(tensor.dtype).removeprefix("torch."), tensor.device.type


def parameter_descriptions(cls_adapter: str, arguments: dict[str, Any]) -> list[tuple[list[int], str, str]]:
    """Shape, dtype and device of every parameter of a new module that an optimizer would train."""
    parameters = new_module(cls_adapter, arguments).parameters()
    return [described(parameter) for parameter in parameters if parameter.requires_grad]


def buffer_descriptions(cls_adapter: str, arguments: dict[str, Any]) -> list[tuple[list[int], str, str]]:
    """Shape, dtype and device of every buffer of a new module."""
    return [described(buffer) for buffer in new_module(cls_adapter, arguments).buffers()]


def state_dict_keys(cls_adapter: str, arguments: dict[str, Any]) -> list[str]:
    """The keys under which a new module would be saved."""
    return list(new_module(cls_adapter, arguments).state_dict())


def initial_parameters(cls_adapter: str, arguments: dict[str, Any], seed: int) -> list[Tensor]:
    """The parameters of a new module."""
    torch.manual_seed(seed)
    return [parameter.detach() for parameter in new_module(cls_adapter, arguments).parameters()]


def initial_parameters_of_two(
    cls_adapter: str, arguments: dict[str, Any], seed: int
) -> tuple[list[Tensor], list[Tensor]]:
    """The parameters of two modules, built one after the other from one state of the random generator."""
    torch.manual_seed(seed)
    first, second = new_module(cls_adapter, arguments), new_module(cls_adapter, arguments)
    return [parameter.detach() for parameter in first.parameters()], [
        parameter.detach() for parameter in second.parameters()
    ]
