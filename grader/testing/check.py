"""Comparisons on the trusted side: shape, dtype and finiteness first, then values; messages never show the answer."""

import json
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader.contract import describe
from grader.errors import SubmissionError, SubmissionRaised, is_stub

LONGEST = 4 * 2**20
"""Bytes of a file that a test reads: reading takes a hundred times as much memory, and no test asks for as many."""


class Wrong(AssertionError):
    """The student's result is not what the problem asks for. The message says who returned what, and what was expected."""


class DullCheckError(Exception):
    """A comparison that could not fail: our fault, so it ends in GRADER_ERROR."""


class Check:
    """The comparisons a test may make. `who` names the function whose result is looked at; `hint` is for the student."""

    def close(
        self,
        actual: Any,
        expected: Tensor | float,
        *,
        rtol: float,
        who: str,
        dtype: torch.dtype | None = None,
        constant: bool = False,
        scale: float = 0.0,
        hint: str = "",
    ) -> None:
        """Numbers within `rtol` of `expected`, relative to the largest of |expected|, its root mean square and `scale`.

        Where `expected` is a sum whose terms may cancel, `scale` is their size: what rounding leaves is in proportion to it.
        So a tensor of zeros, or filled with the mean, never passes; where `expected` hardly varies, say `constant=True`.
        `dtype` is what the student must return, by default that of `expected`.
        """
        __tracebackhide__ = True
        if not 0 < rtol <= 0.1:
            raise DullCheckError(f"rtol={rtol}; a comparison needs one above 0 and at most 0.1")
        if not isinstance(expected, Tensor):
            self._number(actual, float(expected), rtol, scale, who, hint)
            return
        dtype = dtype or expected.dtype
        shape = tuple(expected.shape)
        if not isinstance(actual, Tensor) or actual.dtype is not dtype or tuple(actual.shape) != shape:
            name = str(dtype).removeprefix("torch.")
            raise Wrong(_sentence(f"{who} returned {describe(actual)}; expected {name} tensor {shape}", hint))
        got, want = actual.double(), expected.double()
        self._finite(got, want, who, hint)
        finite = want[torch.isfinite(want)]
        if not finite.numel():
            return
        size = finite.square().mean().sqrt().clamp(min=scale)
        if not constant and finite.numel() > 1 and float((finite - finite.mean()).abs().max()) <= rtol * float(size):
            raise DullCheckError(
                f"{who}: the expected value hardly varies, its mean would pass; say constant=True if meant"
            )
        bound = rtol * torch.maximum(want.abs(), size)
        wrong = torch.isfinite(want) & ~((got - want).abs() <= bound)
        if bool(wrong.any()):
            raise Wrong(_sentence(self._summary(got, want, wrong, size, rtol, who), hint))

    def equal(self, actual: Any, expected: Any, *, who: str, hint: str = "") -> None:
        """Exactly the same plain data: types, lengths, order, every bit of a tensor."""
        __tracebackhide__ = True
        difference = _difference(actual, expected, "")
        if difference:
            raise Wrong(_sentence(f"{who} returned {difference}", hint))

    def that(self, condition: object, message: str) -> None:
        """A fact that must hold; the message names the actor, the fact and the expectation."""
        __tracebackhide__ = True
        if not bool(condition):
            raise Wrong(message)

    def short(self, content: bytes | str, *, who: str) -> None:
        """A file of a size that a test can read: small ones that were asked for stay far below `LONGEST`."""
        __tracebackhide__ = True
        if len(content) > LONGEST:
            raise Wrong(f"{who} has {len(content):,} bytes; expected far less than {LONGEST:,}")

    def json(self, content: str, *, who: str) -> Any:
        """The value of a JSON text, which is short and not nested beyond what can be read."""
        __tracebackhide__ = True
        self.short(content, who=who)
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise Wrong(f"{who} is no JSON; expected that") from None

    def rejects(self, function: Callable[..., Any], *args: Any, who: str, hint: str = "", **kwargs: Any) -> None:
        """The student's code must raise an exception when called so."""
        __tracebackhide__ = True
        try:
            result = function(*args, **kwargs)
        except (SubmissionRaised, Wrong) as error:
            if isinstance(error, Wrong):
                raise
            return
        except SubmissionError:
            raise
        except Exception as error:
            if is_stub(error):
                raise
            return  # at home: the student's own exception
        raise Wrong(_sentence(f"{who} returned {describe(result)}; expected it to raise an exception", hint))

    def _number(self, actual: Any, expected: float, rtol: float, scale: float, who: str, hint: str) -> None:
        __tracebackhide__ = True
        if type(actual) not in (float, int):
            raise Wrong(_sentence(f"{who} returned {describe(actual)}; expected float", hint))
        if math.isnan(expected) or math.isinf(expected):
            good = actual == expected or (math.isnan(expected) and math.isnan(actual))
        else:
            good = abs(actual - expected) <= rtol * max(abs(expected), scale)
        if not good:
            raise Wrong(
                _sentence(
                    f"{who} returned {actual:.6g}, which is not within {rtol:g} (relative) of the right value",
                    hint,
                )
            )

    def _finite(self, got: Tensor, want: Tensor, who: str, hint: str) -> None:
        __tracebackhide__ = True
        for name, test in (("NaN", torch.isnan), ("+inf", torch.isposinf), ("-inf", torch.isneginf)):
            is_, should = test(got), test(want)
            if not torch.equal(is_, should):
                where = torch.nonzero(is_ != should)[0].tolist()
                fact = "is" if bool(is_[tuple(where)]) else "is not"
                raise Wrong(
                    _sentence(
                        f"{who}: the value at {tuple(where)} {fact} {name}; expected {'a number' if fact == 'is' else name}",
                        hint,
                    )
                )

    def _summary(self, got: Tensor, want: Tensor, wrong: Tensor, size: Tensor, rtol: float, who: str) -> str:
        count, total = int(wrong.sum()), wrong.numel()
        where = tuple(torch.nonzero(wrong)[0].tolist())
        worst = float(((got - want).abs() / torch.maximum(want.abs(), size)).nan_to_num(0.0).max())
        place = f"; the first is at {where}" if where else ""
        return (
            f"{who}: {count} of {total} values are wrong ({100 * count / total:.3g} %){place}; "
            f"the largest relative error is {worst:.2g}, the tolerance {rtol:g}"
        )


def _sentence(text: str, hint: str) -> str:
    return f"{text}. {hint}" if hint else text


def _difference(actual: Any, expected: Any, place: str) -> str:
    """Where and how two plain values differ, without the expected value; '' when they do not."""
    at = f" at {place}" if place else ""
    if isinstance(expected, Tensor):
        if not isinstance(actual, Tensor) or actual.dtype is not expected.dtype or actual.shape != expected.shape:
            return f"{describe(actual)}{at}; expected {describe(expected)}"
        same = (actual == expected) | ((actual != actual) & (expected != expected))
        wrong = int((~same).sum())
        return f"a tensor{at} with {wrong} of {same.numel()} values wrong" if wrong else ""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return f"{describe(actual)}{at}; expected dict"
        if actual.keys() != expected.keys():
            return (
                f"a dict{at} with {len(actual.keys() - expected.keys())} keys too many and "
                f"{len(expected.keys() - actual.keys())} missing"
            )
        pairs: Any = ((f"{place}[{key!r}]", actual[key], expected[key]) for key in expected)
    elif isinstance(expected, list | tuple):
        if type(actual) is not type(expected):
            return f"{describe(actual)}{at}; expected {type(expected).__name__}"
        pairs = ((f"{place}[{index}]", a, e) for index, (a, e) in enumerate(zip(actual, expected, strict=False)))
    else:
        if type(actual) is not type(expected):
            return f"{describe(actual)}{at}; expected {describe(expected)}"
        same_number = actual == expected or (actual != actual and expected != expected)
        return "" if same_number else f"a wrong {type(expected).__name__}{at}: {str(actual)[:80]!r}"
    for inner, a, e in pairs:
        difference = _difference(a, e, inner)
        if difference:
            return difference
    if isinstance(expected, list | tuple) and len(actual) != len(expected):
        return f"a {type(expected).__name__}{at} of length {len(actual)}; expected length {len(expected)}"
    return ""
