"""Makes another value of the same types out of what a function returned: other shapes, lengths, keys, signs, no numbers."""

import math
import random
from typing import Any

import numpy as np
import torch

Array = torch.Tensor | np.ndarray


def bend(chance: random.Random, value: Any) -> Any:
    """One change somewhere in `value`; what has no other value of its kind stays as it is."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return _array(chance, value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return chance.choice([0, -1, value + 1, -value, 10**9, 2**62])
    if isinstance(value, float):
        return chance.choice([math.nan, math.inf, -math.inf, 0.0, -value, value * 1e30])
    if isinstance(value, str):
        return chance.choice(["", value + "x", value[:-1], "\x00", "ü" * 5, value * 3])
    if isinstance(value, bytes):
        return chance.choice([b"", value[:-1], value + b"x", b"\xff\xfe"])
    if isinstance(value, list | tuple):
        return type(value)(_items(chance, list(value)))
    if isinstance(value, dict):
        return _entries(chance, value)
    return value


def _array(chance: random.Random, array: Array) -> Array:
    floating = array.is_floating_point() if isinstance(array, torch.Tensor) else np.issubdtype(array.dtype, np.floating)
    ways = [lambda: array.reshape(-1), lambda: array[None], lambda: array * (math.nan if floating else 0)]
    if array.ndim:
        ways += [lambda: array[:0], lambda: array[:-1], lambda: array[..., :-1], lambda: -array if floating else array]
    if array.ndim > 1:
        ways.append(lambda: array.swapaxes(0, 1))
    return chance.choice(ways)()


def _items(chance: random.Random, items: list[Any]) -> list[Any]:
    if not items:
        return items
    place = chance.randrange(len(items))
    changed = [*items[:place], bend(chance, items[place]), *items[place + 1 :]]
    return chance.choice([[], items[:-1], [*items, items[-1]], changed, changed])


def _entries(chance: random.Random, entries: dict[Any, Any]) -> dict[Any, Any]:
    if not entries:
        return {"x": 1}
    key = chance.choice(list(entries))
    less = {other: value for other, value in entries.items() if other != key}
    changed = {**entries, key: bend(chance, entries[key])}
    return chance.choice([{}, less, changed, changed])
