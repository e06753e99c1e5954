"""Whether two answers are the same: exact numbers first, then plain text."""

import re
from fractions import Fraction

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_FRACTION = re.compile(
    rf"""(?P<sign>[+-])?\s*
    (?: \\[dt]?frac \s* \{{ \s* (?P<over>[+-]?(?:{_NUMBER})) \s* \}} \s* \{{ \s* (?P<under>{_NUMBER}) \s* \}}
      | \$? \s* (?P<top>{_NUMBER}) (?: \s* / \s* (?P<bottom>{_NUMBER}) )?
    )""",
    re.VERBOSE,
)
_LONGEST = 200
"""Characters beyond which a text is no number: Python takes the square of a number's length to read it."""


def grade(answer: str, truth: str) -> bool:
    """Whether `answer` says the same as `truth`.

    Numbers are compared exactly: 1,234 is 1234, 0.5 is 1/2 and \\frac{1}{2}, 2.0 is 2. A dollar sign and a point at the end
    do not count. Of 10% and a number without the sign, either reading will do: 10 or 0.1. Whatever is no number is compared as
    text, without regard to case, to how much white space there is, and to parentheses around all of it.
    """
    ours, theirs = _without_marks(answer), _without_marks(truth)
    percent = [text.endswith("%") for text in (ours, theirs)]
    values = [_number(text.removesuffix("%").rstrip()) for text in (ours, theirs)]
    if None not in values:
        left, right = values
        if percent[0] == percent[1]:
            return left == right
        return left == right or (left / 100 == right if percent[0] else left == right / 100)
    return _plain(ours) == _plain(theirs) != ""


def _without_marks(text: str) -> str:
    text = text.strip().removesuffix(".").replace("\\$", "$").replace("\\%", "%").replace("\u2212", "-").strip()
    if len(text) > 1 and text.startswith("$") and text.endswith("$"):
        text = text[1:-1].strip()
    return text


def _number(text: str) -> Fraction | None:
    match = _FRACTION.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    over, under = match["over"] or match["top"], match["under"] or match["bottom"] or "1"
    below = Fraction(under.replace(",", ""))
    if not below:
        return None
    value = Fraction(over.replace(",", "")) / below
    return -value if match["sign"] == "-" else value


def _plain(text: str) -> str:
    text = " ".join(text.casefold().split())
    if text.startswith("(") and text.endswith(")") and "(" not in text[1:]:
        text = text[1:-1].strip()
    return text
