"""Stored expected values, where neither a property nor a closed form can serve. Written by `grader snapshots`."""

import json
from pathlib import Path
from typing import Any

from grader.testing.check import Check


class Snapshot:
    """The stored values of one problem, one JSON file a name; bytes and tuples keep their types."""

    def __init__(self, folder: Path, check: Check, recording: bool) -> None:
        self._folder = folder
        self._check = check
        self._recording = recording

    def equal(self, name: str, actual: Any, *, who: str, hint: str = "") -> None:
        """`actual` is exactly what is stored under `name`."""
        __tracebackhide__ = True
        path = self._folder / f"{name}.json"
        if self._recording:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(_to_json(actual), indent=0, ensure_ascii=True) + "\n", encoding="utf-8")
            return
        self._check.equal(actual, _from_json(json.loads(path.read_text(encoding="utf-8"))), who=who, hint=hint)


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    if isinstance(value, tuple):
        return {"tuple": [_to_json(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[_to_json(key), _to_json(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    if isinstance(value, dict):
        (kind, inner), *_ = value.items()
        if kind == "bytes":
            return inner.encode("latin-1")
        if kind == "tuple":
            return tuple(_from_json(item) for item in inner)
        return {_from_json(key): _from_json(item) for key, item in inner}
    return value
