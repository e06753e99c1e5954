"""The seam: functions that look local, wherever the student's code runs."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from grader.contract import Signature
from grader.testing.check import Wrong


class Transport(Protocol):
    """A way to the student's code: in this process (`grader.testing.home`) or in a box (`grader.submission`)."""

    def begin(self, problem: str) -> None:
        """Prepare for one test of `problem`."""

    def call(self, target: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of `adapters` or `drivers`; plain data in, plain data out."""

    def still(self) -> AbstractContextManager[None]:
        """A block in which nothing of the student's side runs that is a process of its own."""

    def denied(self) -> float:
        """Seconds, since the beginning, that a busy machine took from the student's side."""

    def end(self) -> None:
        """Remove what the test left behind."""


class Functions:
    """The functions of one module of the student's side; each result is held against its annotation."""

    def __init__(self, transport: Transport, target: str, signatures: Mapping[str, Signature]) -> None:
        self._transport = transport
        self._target = target
        self._signatures = signatures

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self._signatures:
            raise AttributeError(f"the staff's {self._target} have no function {name}")
        signature = self._signatures[name]

        def call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            result = self._transport.call(self._target, name, args, kwargs)
            complaint = signature.complaint(result)
            if complaint:
                raise Wrong(complaint)
            return Record.of(result, name)

        call.__name__ = name
        return call


class Record(dict[Any, Any]):
    """A dict from the student's side: a key that is not there is the student's failure, not an error of the test."""

    __slots__ = ("name",)  # there may be very many

    name: str

    @classmethod
    def of(cls, value: Any, name: str) -> Any:
        """`value` with every dict in it as a record of function `name`."""
        if isinstance(value, dict):
            record = cls((key, cls.of(item, name)) for key, item in value.items())
            record.name = name
            return record
        if isinstance(value, list | tuple) and any(isinstance(item, dict | list | tuple) for item in value):
            return type(value)(cls.of(item, name) for item in value)
        return value

    def __missing__(self, key: Any) -> Any:
        __tracebackhide__ = True
        raise Wrong(f"{self.name} returned a dict without the key {key!r}; expected one that has it")
