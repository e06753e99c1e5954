"""Arithmetic written as text, read by a parser of its own and computed in fractions; a response is never run as code.

    expression = product  (("+" | "-") product)*
    product    = number   (("x" | ":") number)*
    number     = "0", or up to four digits of which the first is not 0

`x` is times and `:` divided by, since these are the tokens there are. Not covered: brackets and signs before a number.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

OPERATORS = "+-x:"
LONGEST = 64
"""Characters of the longest text that is read. An answer has far fewer; what a policy says may be any text."""

_NUMBER = "(?:0|[1-9][0-9]{0,3})"
_WHOLE = re.compile(f"{_NUMBER}(?:[-+x:]{_NUMBER})*")


@dataclass(frozen=True)
class Expression:
    """The numbers in the order in which they were written, and the value."""

    numbers: tuple[int, ...]
    value: Fraction


def read(text: str) -> Expression | None:
    """The expression that `text` spells; None where it spells none, or divides by zero."""
    if len(text) > LONGEST or _WHOLE.fullmatch(text) is None:
        return None
    numbers = [int(digits) for digits in re.findall("[0-9]+", text)]
    total, product = Fraction(0), Fraction(numbers[0])
    for operator, number in zip(re.findall("[-+x:]", text), numbers[1:], strict=True):
        if operator == "x":
            product *= number
        elif operator == ":":
            if number == 0:
                return None
            product /= number
        else:
            total += product
            product = Fraction(number if operator == "+" else -number)
    return Expression(tuple(numbers), total + product)
