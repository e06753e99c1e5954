"""TeX to MathML by latex2mathml; what it does not read is rewritten before, what it sets badly after.

Not covered: TeX that it does not know. Such a formula is an error that names it; none is ever shown half.
"""

import re
import xml.etree.ElementTree as ElementTree

from latex2mathml.converter import convert

READABLE = (
    (re.compile(r"\\arg\\(max|min)"), r"\\mathrm{arg}\\,\\\1"),
    (re.compile(r"\\[Bb]igg?[lr]?(?=\s*\\[lr](ceil|floor|Vert|vert))"), ""),  # these fences stretch by themselves
    (re.compile(r"\{aligned\}"), "{align*}"),
    (re.compile(r"(\\\\)\[[\d.]+[a-z]+\]"), r"\1"),  # the distance of rows is the style sheet's
)
UNDER = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
TAKES_LIMITS = frozenset(("∑", "∏", "⋃", "⋂", "max", "min", "lim"))


class FormulaError(Exception):
    """A formula that cannot be shown as MathML."""


def mathml(tex: str, *, block: bool) -> str:
    """The formula as a `<math>` element; on a line of its own, `block`, sums and maxima carry their limits below.

    Raises:
        FormulaError: it holds what is not understood.
    """
    source = tex
    for pattern, instead in READABLE:
        source = pattern.sub(instead, source)
    try:
        shown = convert(source, display="block" if block else "inline").replace(
            ' xmlns="http://www.w3.org/1998/Math/MathML"', ""
        )
        tree = ElementTree.fromstring(shown)
    except Exception as error:  # each of its own kinds derives from Exception and nothing nearer
        raise FormulaError(f"the formula {tex!r}: {type(error).__name__}") from error
    if "\\" in "".join(tree.itertext()):
        raise FormulaError(f"the formula {tex!r}: a command is unknown")
    if block:
        for element in tree.iter():
            if element.tag in UNDER and element[0].tag == "mo" and element[0].text in TAKES_LIMITS:
                element.tag = UNDER[element.tag]
    return ElementTree.tostring(tree, encoding="unicode", short_empty_elements=False)
