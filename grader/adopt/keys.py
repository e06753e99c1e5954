"""A table of an assignment's TOML, read key by key."""

from collections.abc import Mapping
from typing import Any

from grader.assignment import Assignment, nearest
from grader.errors import ConfigError


class Keys:
    """A table that can say what is wrong with it."""

    def __init__(self, assignment: Assignment, name: str, table: object, valid: tuple[str, ...]) -> None:
        self._place = f"{assignment.toml}: {name}"
        if not isinstance(table, Mapping):
            raise ConfigError(f"{self._place} is {table!r}; expected a table")
        for key in table:
            if key not in valid:
                raise ConfigError(f"{self._place}: unknown key '{key}'{nearest(key, valid)}; valid: {', '.join(valid)}")
        self._values = table

    def text(self, key: str) -> str:
        value = self._values.get(key)
        if not isinstance(value, str) or not value:
            raise ConfigError(f"{self._place}.{key} is {value!r}; expected a text that is not empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigError(f"{self._place}.{key} is {value!r}; expected a list of texts")
        return tuple(value)

    def texts_by_name(self, key: str) -> Mapping[str, str]:
        value = self.table(key)
        if not all(isinstance(item, str) and item for item in value.values()):
            raise ConfigError(f"{self._place}.{key} is {value!r}; expected texts by name")
        return value

    def table(self, key: str) -> Mapping[str, Any]:
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            raise ConfigError(f"{self._place}.{key} is {value!r}; expected a table")
        return value
