"""BPE training on four words: what each step counts, merges and leaves.

`python -m staff.figures.assignment1_basics.bpe_merges` draws it again. Counting here is the obvious kind.
"""

from collections import Counter
from itertools import pairwise

from staff.figures.canvas import Canvas, Colour

WORDS = {"ton": 4, "tone": 3, "stone": 5, "nest": 6}
STEPS = 5

Word = tuple[bytes, ...]
Pair = tuple[bytes, bytes]


def count(words: dict[Word, int]) -> Counter[Pair]:
    """How often each pair of neighbours occurs, every word weighted by its count."""
    pairs: Counter[Pair] = Counter()
    for word, times in words.items():
        for pair in pairwise(word):
            pairs[pair] += times
    return pairs


def merge(word: Word, pair: Pair) -> Word:
    """`word` with each occurrence of `pair`, from the left, made one token."""
    tokens: list[bytes] = []
    for token in word:
        if tokens and (tokens[-1], token) == pair:
            tokens[-1] += token
        else:
            tokens.append(token)
    return tuple(tokens)


def name(pair: Pair) -> str:
    """A pair as the figure writes it."""
    return " ".join(token.decode() for token in pair)


def draw() -> Canvas:
    """A column a step: its best pair on top, the words after it below."""
    left, column, top, row = 122, 132, 132, 52
    canvas = Canvas(
        left + column * (STEPS + 1) + 20,
        top + row * len(WORDS) + 56,
        title="BPE merges on four words",
        text="ton, tone, stone and nest as bytes, and after each of five merges.",
    )
    canvas.label(24, 34, "step", anchor="start", colour="muted")
    canvas.label(24, 62, "most frequent", anchor="start", colour="muted", size=13)
    canvas.label(24, 88, "count", anchor="start", colour="muted", size=13)
    words = {tuple(bytes([b]) for b in text.encode()): times for text, times in WORDS.items()}
    for index, (text, times) in enumerate(WORDS.items()):
        canvas.label(24, top + row * index + 15, f"{text} × {times}", anchor="start", mono=True, size=14)
    canvas.line([(24, 110), (left + column * (STEPS + 1), 110)], colour="rule", width=1)
    fresh = b""
    for step in range(STEPS + 1):
        x = left + column * step
        if step == 0:
            canvas.label(x, 34, "bytes", anchor="start", bold=True)
        else:
            pairs = count(words)
            best = max(pairs, key=lambda pair: (pairs[pair], pair))
            tied = [pair for pair in pairs if pairs[pair] == pairs[best] and pair != best]
            words = {merge(word, best): times for word, times in words.items()}
            fresh = best[0] + best[1]
            canvas.label(x, 34, f"merge {step}", anchor="start", bold=True)
            canvas.label(x, 62, name(best), anchor="start", mono=True, colour="orange", bold=True, size=15)
            over = f" (beats {', '.join(name(pair) for pair in tied)})" if tied else ""
            canvas.label(x, 88, f"{pairs[best]}{over}", anchor="start", colour="purple" if tied else "muted", size=13)
        for index, word in enumerate(words):
            start = float(x)
            for token in word:
                width = 10 + 9 * len(token)
                colour: Colour = "orange" if token == fresh else "blue" if len(token) > 1 else "ink"
                y = top + row * index
                canvas.box(start, y, width, 30, token.decode(), colour=colour, mono=True, size=14, radius=5)
                start += width + 3
    legend = (
        "orange: made by this merge",
        "blue: made by an earlier one",
        "purple: a tie, won by the greater pair",
    )
    canvas.label(24, top + row * len(WORDS) + 28, "   ·   ".join(legend), anchor="start", size=13, colour="muted")
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment1_basics/bpe_merges"))
