"""A TOML table of `course.toml`: what an assignment's table can read, and choices, ranges and lists of tables."""

import math
from collections.abc import Sequence
from typing import Any

from grader.assignment import TomlTable, nearest


class Table(TomlTable):
    """As in `assignment.toml`: every complaint names the file, the key and what was expected."""

    def table(self, key: str) -> "Table":
        """The table `key`, or an empty one."""
        inner = super().table(key)
        return Table(inner.path, inner.prefix, inner.values)

    def tables(self, key: str) -> list["Table"]:
        """The entries of `[[key]]`."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.wrong(key, f"tables written [[{self.prefix}{key}]]")
        return [Table(self.path, f"{self.prefix}{key}[{at}].", entry) for at, entry in enumerate(value)]

    def choice(self, key: str, valid: Sequence[str], default: str) -> Any:
        """One of `valid`."""
        value = self.values.get(key, default)
        if value not in valid:
            hint = nearest(value, valid) if isinstance(value, str) else ""
            raise self.wrong(key, f"one of {', '.join(valid)}{hint}")
        return value

    def number(self, key: str, default: float | None, *, most: float) -> Any:
        """A number from 0 to `most`."""
        value = self.values.get(key, default)
        if value is default and key not in self.values:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise self.wrong(key, f"a number from 0 to {most:g}")
        return float(value)

    def whole(self, key: str, default: int | None, *, most: int) -> Any:
        """A whole number from 0 to `most`."""
        value = self.number(key, default, most=most)
        if value is not None and (isinstance(self.values.get(key), float) or not math.isfinite(value)):
            raise self.wrong(key, f"a whole number from 0 to {most}")
        return None if value is None else int(value)

    def text(self, key: str) -> str:
        """A text without invisible characters at its ends."""
        value = super().text(key)
        if value != value.strip():
            raise self.wrong(key, "a text without space around it")
        return value
