"""Sentences from a grammar: a TOML file for each language, with rules and with topics that a page keeps to.

A rule is a list of alternatives; `{name}` in one of them stands for another rule or for a list of the topic, and
`{Name}` for the same with a capital letter.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assignment4_data.web.chance import Chance

_PLACE = re.compile(r"\{([A-Za-z_]+)\}")


@dataclass(frozen=True)
class Grammar:
    """The rules of a language, and its topics: lists of words that belong together."""

    rules: Mapping[str, list[str]]
    topics: list[dict[str, list[str]]]

    def text(self, name: str, topic: Mapping[str, list[str]], chance: Chance) -> str:
        """One alternative of the rule `name`, with everything in it filled in."""
        pieces = []
        for place, piece in enumerate(_pieces(chance.choice(topic.get(name) or self.rules[name]))):
            if place % 2:
                words = self.text(piece.lower(), topic, chance)
                pieces.append(words[:1].upper() + words[1:] if piece[0].isupper() else words)
            else:
                pieces.append(piece)
        return "".join(pieces)

    def sentences(self, name: str, topic: Mapping[str, list[str]], chance: Chance, count: int) -> list[str]:
        """`count` sentences from the rule `name`; none comes twice, however often its pattern does."""
        found: list[str] = []
        while len(found) < count:
            sentence = self.text(name, topic, chance)
            sentence = sentence[:1].upper() + sentence[1:]
            if sentence not in found:
                found.append(sentence)
        return found


@cache
def _pieces(alternative: str) -> list[str]:
    """What stands outside of braces and, at odd places, what stands within."""
    return _PLACE.split(alternative)


@cache
def grammar(language: str) -> Grammar:
    """The grammar of one of the `LANGUAGES`."""
    content = tomllib.loads((Path(__file__).parent / "grammars" / f"{language}.toml").read_text("utf-8"))
    return Grammar(content["rules"], content["topics"])
