"""What a model of counted characters must come to, counted the slow way; and texts to count."""

import math
from fractions import Fraction

WHO = "run_ngram_language_model"


def check_model(check, adapters, train, test, order, k, hint=""):
    """The three numbers, against counts made one character at a time; what was returned."""
    found = adapters.run_ngram_language_model(train, test, order, k)
    size = len(set(train)) + 1
    check.equal(found["vocabulary"], size, who=f"{WHO}, vocabulary,", hint="the characters of train, and one more")
    bits = cross_entropy(train, test, order, k)
    check.close(found["bits_per_character"], bits, rtol=1e-6, who=f"{WHO}, bits_per_character,", hint=hint)
    check.close(found["perplexity"], 2**bits, rtol=1e-6, who=f"{WHO}, perplexity,", hint=hint)
    return found


def cross_entropy(train, test, order, k):
    """Bits a character, from exact fractions; infinite where a character has no chance."""
    bits = 0.0
    for place in range(len(test)):
        chance = probability(train, test[:place], test[place], order, Fraction(k))
        if not chance:
            return math.inf
        bits -= math.log2(chance.numerator) - math.log2(chance.denominator)
    return bits / len(test)


def probability(train, before, character, order, k):
    """P(character | the end of `before`), by looking at every place of `train`."""
    size = order - 1
    context = context_of(before, len(before), size, known=set(train))
    following = [train[place] for place in range(len(train)) if context_of(train, place, size, None) == context]
    denominator = len(following) + k * (len(set(train)) + 1)
    return (following.count(character) + k) / denominator if denominator else Fraction(0)


def context_of(text, place, size, known):
    """The `size` symbols before `place`: None for each before the beginning, 0 for a character not `known`."""
    symbols = [None] * size + [c if known is None or c in known else 0 for c in text[max(0, place - size) : place]]
    return symbols[len(symbols) - size :]


def sentence(draw, length, letters="aeinst  rlhdcum"):
    """A text of a few letters, in which some follow others more often."""
    text = [draw.choice(letters)]
    for _ in range(length - 1):
        place = letters.index(text[-1])
        text.append(letters[(place + draw.choice([1, 1, 1, 2, 5, draw.integer(0, 15)])) % len(letters)])
    return "".join(text)
