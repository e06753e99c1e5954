"""The rules of Gopher's data (Rae et al. 2021, appendix A.1.1), those four of them that the handout names."""

FEWEST_WORDS, MOST_WORDS = 50, 100_000
SHORTEST_MEAN, LONGEST_MEAN = 3, 10
ELLIPSES = ("...", "…")
MOST_ELLIPSES = 0.3
LEAST_ALPHABETIC = 0.8


def gopher_quality_filter(text: str) -> bool:
    """Whether `text` passes all four rules."""
    words = text.split()
    if not FEWEST_WORDS <= len(words) <= MOST_WORDS:
        return False
    if not SHORTEST_MEAN <= sum(map(len, words)) / len(words) <= LONGEST_MEAN:
        return False
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    if sum(line.endswith(ELLIPSES) for line in lines) / len(lines) > MOST_ELLIPSES:
        return False
    alphabetic = sum(any(character.isalpha() for character in word) for word in words)
    return alphabetic / len(words) >= LEAST_ALPHABETIC
