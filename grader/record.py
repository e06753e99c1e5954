"""Reads plain data (what JSON gives) into a frozen dataclass, strictly: by its annotations and nothing else.

Every complaint names the place. Nothing is converted but what JSON cannot say: lists to tuples, texts to
enums.
"""

import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from grader.errors import GraderError

T = TypeVar("T")


class RecordError(GraderError):
    """Kept data that is not what was expected; the message names the place and the expectation."""


def read(kind: type[T], data: object, place: str) -> T:
    """An instance of the dataclass `kind`, every field of which stands in `data`.

    Raises:
        RecordError: a key is missing, unknown or of the wrong type.
    """
    value: T = _value(kind, data, place)
    return value


def _value(kind: Any, data: object, place: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass(kind, data, place)
    if isinstance(kind, type) and issubclass(kind, Enum):
        if data not in [member.value for member in kind]:
            raise _wrong(data, place, f"one of {', '.join(str(member.value) for member in kind)}")
        return kind(data)
    if origin is Literal:
        if data not in arguments:
            raise _wrong(data, place, f"one of {', '.join(map(str, arguments))}")
        return data
    if origin in (Union, types.UnionType):
        return None if data is None else _value(next(k for k in arguments if k is not type(None)), data, place)
    if origin is tuple:
        if not isinstance(data, list | tuple):
            raise _wrong(data, place, "a list")
        return tuple(_value(arguments[0], item, f"{place}[{index}]") for index, item in enumerate(data))
    if origin is Mapping:
        if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
            raise _wrong(data, place, "an object")
        return {key: _value(arguments[1], item, f"{place}.{key}") for key, item in data.items()}
    return _scalar(kind, data, place)


def _dataclass(kind: Any, data: object, place: str) -> Any:
    if not isinstance(data, dict):
        raise _wrong(data, place, "an object")
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    for name in names:
        if name not in data:
            raise RecordError(f"{place}.{name} is missing")
    for name in data:
        if name not in names:
            raise RecordError(f"{place}: unknown key {name!r}; expected only {', '.join(names)}")
    return kind(**{name: _value(hints[name], data[name], f"{place}.{name}") for name in names})


def _scalar(kind: Any, data: object, place: str) -> Any:
    """A number is finite, and a bool is no number."""
    if kind is float and type(data) in (int, float) and math.isfinite(data):  # type: ignore[arg-type]
        return float(data)  # type: ignore[arg-type]
    if kind in (str, int, bool) and type(data) is kind:
        return data
    raise _wrong(data, place, {str: "a text", int: "a whole number", bool: "true or false"}.get(kind, "a number"))


def _wrong(data: object, place: str, expected: str) -> RecordError:
    shown = repr(data) if isinstance(data, str | int | float | bool | None) else f"a {type(data).__name__}"
    return RecordError(f"{place} is {shown[:80]}; expected {expected}")
