"""The four rules as comparisons of whole numbers."""

import re

LETTER = re.compile(r"[^\W\d_]")


def gopher_quality_filter(text: str) -> bool:
    """Whether `text` passes all four rules."""
    words = text.split()
    count = len(words)
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    ellipses = len([line for line in lines if line[-3:] == "..." or line[-1] == "\u2026"])
    letters = len([word for word in words if LETTER.search(word)])
    return (
        50 <= count <= 100_000
        and 3 * count <= len("".join(words)) <= 10 * count
        and 10 * ellipses <= 3 * len(lines)
        and 5 * letters >= 4 * count
    )
