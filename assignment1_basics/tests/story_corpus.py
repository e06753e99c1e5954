"""Text for tokenizers, made from a seed: stories of Zipf-distributed invented words, and tangles.

Not covered: sense. The words are strings of syllables, so nothing here is anyone's text.
"""

import random
from collections.abc import Sequence
from itertools import accumulate

END = "<|endoftext|>"

_ONSETS = [*"bcdfghjklmnprstvwz", "br", "ch", "dr", "fl", "gl", "pl", "qu", "sh", "sl", "st", "th", "tr"]
_VOWELS = [*"aeiouy", "ai", "ea", "ee", "oa", "ou"]
_CODAS = ["", "", "", "n", "r", "l", "s", "t", "ck", "m", "nd", "st", "ng", "x"]
_NAMES = ["Quill", "Tarn", "Brook", "Ember", "Sedge", "Wick"]
_ENDINGS = ["'s", "'t", "'ll", "'ve", "'re", "'d", "'m", "'S", "'LL"]

# One line each of what byte-level tokenizers stumble over.
STRANGE = {
    "crlf": "one\r\ntwo\r\n\r\nthree \r\n four\rfive\r\n",
    "accents": "Ärger über süße Übung: façade, naïve, jalapeño, smørrebrød, e\u0301te\u0301, q\u0323\u0307",
    "scripts": "水は流れる。물이 흐른다. вода течёт, ὕδωρ ῥεῖ, पानी बहता है, น้ำไหล, מים זורמים, الماء يجري",
    "emoji": "🙂🙂 👩‍👩‍👧‍👦 👋🏽👋🏿 🏳️‍🌈🇪🇺 1️⃣ 🦊🦊🦊",
    "spaces": "a  b   c\t\td \u00a0\u00a0e\u2003f\u3000g\n\n\nh \n i\n ",
    "breaks": "a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i",
    "controls": "a\x00b\x00\x00c\x01\x7f\ufeffd\u200be",
    "numbers": "1 22 333 4,444 5.55 ６６ ٧٧ ⅷ ½ x² 0x1F 1e9",
    "contractions": "I'm you're we've they'll he'd it's isn't I'M WE'LL 'tis rock'n'roll ''s ' s 'll've",
    "symbols": "a+b=c; <|x|> [PAD] (y) {z} #1 @q $5 50% ^_^ ~/.. \\n !?!? --- … “quote” «fin»",
}

# Special tokens, and pieces of text among which are some that only look like them.
LOOK_ALIKES = {
    "bars": (["<|a|>"], ["<|a|>", "<", "a", "|>", "<|", "ab", " "]),
    "brackets": (["[PAD]"], ["[PAD]", "P", "A", "D", "PA", " AD", "["]),
    "plus": (["a+b"], ["a+b", "aab", "ab", "b", " a"]),
    "dot": (["a.c"], ["a.c", "abc", "c", " a"]),
    "backslash": ([r"\d", r"\w+"], [r"\d", r"\w+", "1", "23", "ww", " d"]),
    "anchors": (["^a", "b$"], ["^a", "b$", "a", "b", "\n"]),
    "parentheses": (["(x)", "{2}"], ["(x)", "{2}", "x", "xx", " x2"]),
    "several": (["<|a|>", "<|b|>", "<sep>"], ["<|a|>", "<|b|>", "<sep>", "ab", " ba", "sep"]),
    "the_long_one_of_two": (["<|a|><|a|>", "<|a|>"], ["<|a|>", "<|a|>", "ab", " ba"]),
    "a_prefix_of_another": (["<s>x", "<s>"], ["<s>x", "<s>", "x", "xx", " x"]),
    "overlapping": (["<>", "><"], ["<", ">", "<>", "ab", " b"]),
    "of_one_case": (["<sep>"], ["<sep>", "<SEP>", "<Sep>", "se", " SE"]),
    "letters": (["sep"], ["sep", "see", "pes", " s", "e"]),
    "beyond_ascii": (["«fin»", "🦊"], ["«fin»", "🦊", "«", "fin", "🦊🦊", " f"]),
    "with_spaces": (["<a b>", "\n\n"], ["<a b>", "\n\n", "\n", " ", "a b"]),
}


def words(seed: int, count: int) -> list[str]:
    """`count` different invented words, short ones first."""
    source = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        syllables = 1 + min(3, len(found) * 3 // count) + (source.random() < 0.3)
        parts = [source.choice(part) for _ in range(syllables) for part in (_ONSETS, _VOWELS, _CODAS)]
        found["".join(parts)] = None
    return list(found)


def stories(seed: int, characters: int, lexicon: int = 1500, separator: str = END) -> str:
    """At least `characters` characters of stories, with `separator` on a line of its own between them."""
    source = random.Random(seed)
    choices = words(seed, lexicon)
    weights = list(accumulate(1 / (rank + 2) for rank in range(lexicon)))  # each with those before it
    told: list[str] = []
    length = 0
    while length < characters:
        story = _story(source, choices, weights)
        length += len(story)
        told.append(story)
    return f"\n{separator}\n".join(told)


def _story(source: random.Random, choices: Sequence[str], weights: Sequence[float]) -> str:
    paragraphs = []
    for _ in range(source.randint(1, 4)):
        sentences = [_sentence(source, choices, weights) for _ in range(source.randint(2, 6))]
        paragraphs.append(" ".join(sentences))
    return source.choice(["\n", "\n\n"]).join(paragraphs)


def _sentence(source: random.Random, choices: Sequence[str], weights: Sequence[float]) -> str:
    said = source.choices(choices, cum_weights=weights, k=source.randint(4, 12))
    said[0] = source.choice([*_NAMES, said[0].capitalize()])
    place = source.randrange(len(said))
    extra = source.random()
    if extra < 0.2:
        said[place] += source.choice(_ENDINGS)
    elif extra < 0.3:
        said[place] = str(source.randint(0, 2100))
    elif extra < 0.4:
        said[place] += ","
    sentence = " ".join(said) + source.choice("...!?")
    return f'"{sentence}"' if source.random() < 0.15 else sentence


def tangle(seed: int, length: int, alphabet: Sequence[str] = ("a", "b")) -> str:
    """`length` random picks from `alphabet`: few different ones make runs, overlaps and ties."""
    return "".join(random.Random(seed).choices(alphabet, k=length))


def cut(seed: int, text: str, longest: int) -> list[str]:
    """`text` in random pieces of at most `longest` characters, some of them empty."""
    source = random.Random(seed)
    found, start = [], 0
    while start < len(text):
        size = source.randint(0, longest)
        found.append(text[start : start + size])
        start += size
    return found
