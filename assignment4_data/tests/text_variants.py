"""The same words, written differently: a pair of texts for each thing that a comparison must not look at."""

import unicodedata

MARKED = str.maketrans("aeiou", "áëîõů")
ENDS = ".", ",", "!", "?", ";", ":", ")", '"'
OTHER_ENDS = "…", "”", "»", "、", "。", "؟", "‽", "–"
SPACES = "  ", "\t", "\n", " \u00a0", "\u3000", "\n\n\n", " \t "


def variant(kind, words):
    """(one way to write the words, another way); no word is the same in both, unless it is space that differs."""
    plain, marked = " ".join(words), " ".join(words).translate(MARKED)
    variants = {
        "capitals": (plain, plain.upper()),
        "capitals of other scripts": (marked, marked.upper()),
        "accents": (plain, unicodedata.normalize("NFC", marked)),
        "accents that are characters of their own": (plain, unicodedata.normalize("NFD", marked)),
        "composed and decomposed accents": tuple(unicodedata.normalize(form, marked) for form in ("NFC", "NFD")),
        "punctuation": (plain, _ended(words, ENDS)),
        "punctuation of other scripts": (plain, _ended(words, OTHER_ENDS)),
        "quotation marks around words": (" ".join(f"“{word}”" for word in words), plain),
        "dashes between words": (" — ".join(words), " - ".join(words)),
        "white space": (plain, "\n " + _joined(words, SPACES) + "\t\n"),
        "carriage returns": (plain, "\r\n " + _joined(words, ("\r\n", *SPACES)) + "\t\r\n"),
        "marks, capitals and space": (plain, _joined(_ended(words, ENDS).title().split(" "), SPACES)),
        "everything at once": (plain, _joined(_ended(words, OTHER_ENDS).title().translate(MARKED).split(" "), SPACES)),
    }
    return variants[kind]


KINDS = ("capitals", "capitals of other scripts", "accents", "punctuation", "white space", "marks, capitals and space")
OPEN_KINDS = (
    "carriage returns", "accents that are characters of their own", "composed and decomposed accents",
    "punctuation of other scripts", "quotation marks around words", "dashes between words", "everything at once",
)  # fmt: skip
"""What the public course's handout leaves open: which marks are punctuation, in which order the steps are taken, and how
lines end (who reads text and writes it has changed the ends)."""


def _ended(words, ends):
    return " ".join(word + ends[place % len(ends)] for place, word in enumerate(words))


def _joined(words, spaces):
    return "".join(word + spaces[place % len(spaces)] for place, word in enumerate(words)).strip()
