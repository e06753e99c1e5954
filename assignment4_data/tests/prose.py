"""Made-up words and lines, of exactly the lengths that a rule's border is about."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(draw, length):
    """A word of `length` letters."""
    return "".join(draw.choice(LETTERS) for _ in range(length))


def words(draw, count, characters):
    """`count` words that have `characters` letters together, as even in length as can be, in random order."""
    short, longer = divmod(characters, count)
    lengths = [short + (number < longer) for number in range(count)]
    return [word(draw, lengths[place]) for place in draw.permutation(count).tolist()]


def number(draw, length):
    """A word of `length` digits."""
    return "".join(draw.choice("0123456789") for _ in range(length))


def with_numbers(draw, count, alphabetic):
    """`count` words of five characters, of which `alphabetic` have letters."""
    found = [word(draw, 5) if place < alphabetic else number(draw, 5) for place in range(count)]
    return [found[place] for place in draw.permutation(count).tolist()]


def lines(draw, count, ellipses, ellipsis="..."):
    """`count` lines of twelve words; `ellipses` of them end in an ellipsis, the others have one in their middle."""
    found = []
    for place in draw.permutation(count).tolist():
        inside = words(draw, 12, 60)
        inside[-1 if place < ellipses else 5] += ellipsis
        found.append(" ".join(inside))
    return found
