"""Labelled texts, made from grammars: as many as are wanted, the same for the same seed."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from assignment4_data.web.chance import Chance
from assignment4_data.web.grammar import Grammar, grammar

LABELS = {"nsfw": ("nsfw", "non-nsfw"), "toxic": ("toxic", "non-toxic"), "quality": ("wiki", "cc")}
"""For each classifier the label of what it looks for, then that of everything else."""


def labelled(name: str, seed: int, count: int) -> Iterator[tuple[str, str]]:
    """`count` pairs of a label and a text of one line, for the classifier `name`; either label comes half of the time.

    Texts with either label have the same distribution of lengths: of each pair both are cut to as many words.
    """
    for number in range((count + 1) // 2):
        chance = Chance("labelled", name, seed, number)
        length = chance.integer(8, 120)
        texts = [_text(name, rule, length, chance) for rule in ("yes", "no")]
        words = [text.split() for text in texts]
        both = min(map(len, words))
        pairs = [(label, " ".join(text[:both])) for label, text in zip(LABELS[name], words, strict=True)]
        yield from pairs[: count - 2 * number]


def _text(name: str, rule: str, length: int, chance: Chance) -> str:
    """Sentences of a rule, until there are `length` words."""
    rules = _rules(name)
    topic = chance.choice(rules.topics)
    text = ""
    while text.count(" ") + 1 < length:
        sentence = rules.text(rule, topic, chance)
        text += (" " if text else "") + sentence[:1].upper() + sentence[1:]
    return text


@cache
def _rules(name: str) -> Grammar:
    """The English grammar of the generated web, with the rules of this classifier."""
    own = tomllib.loads((Path(__file__).parent / "texts" / f"{name}.toml").read_text("utf-8"))
    english = grammar("en")
    return Grammar({**english.rules, **own}, english.topics)
