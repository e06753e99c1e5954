"""Makes text that a student had a hand in fit to be shown: in a terminal, a page or a JSON file.

Escape sequences, control characters and the invisible characters that reorder or hide text are taken out, and
what is too long is cut in the middle. Escaping for HTML is the template's.
"""

import re
import unicodedata

LONGEST = 4000

ESCAPES = re.compile(
    r"""\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?   # a title, a link: OSC … BEL or ST
      | (?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]     # a colour, a cursor move: CSI …
      | \x1b[ -/]*[0-~]?                     # everything shorter
    """,
    re.VERBOSE,
)
KEPT = frozenset("\n\t")
UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))


def shown(text: str, longest: int = LONGEST) -> str:
    """`text` without anything that acts instead of being read, at most about `longest` characters long."""
    text = cut(text, 4 * longest)  # the regular expression need not see a flood
    text = ESCAPES.sub("", text).replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return cut("".join(c for c in text if c in KEPT or unicodedata.category(c) not in UNSEEN), longest)


def line(text: str, longest: int = 200) -> str:
    """`text` on one line, shown as `shown` does."""
    return " ".join(shown(text, longest).split())


def cut(text: str, longest: int) -> str:
    """`text`, or its two ends and how much was between them."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"
