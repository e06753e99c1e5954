"""Byte-pair encoding written to be obviously right: recount all for each merge, try every merge.

Verifies what a student's trainer and tokenizer return, and is the yardstick of their speed. Not covered:
files (text comes as `str`), and encoding with merges of which two make the same bytes.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import regex

PRETOKEN = regex.compile(r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")

Pair = tuple[bytes, bytes]
Word = tuple[bytes, ...]


def pieces(text: str, special_tokens: Sequence[str]) -> list[str]:
    """`text` cut at its special tokens, the longest where two match at one place; they are pieces, too."""
    if not special_tokens:
        return [text]
    longest_first = sorted(special_tokens, key=len, reverse=True)
    return regex.split("(" + "|".join(map(regex.escape, longest_first)) + ")", text)


def word(pretoken: str) -> Word:
    """The single bytes of a pre-token, with which training and encoding begin."""
    return tuple(bytes([byte]) for byte in pretoken.encode())


def merged(tokens: Word, pair: Pair) -> Word:
    """`tokens` with every occurrence of `pair`, from the left, made one token."""
    result: list[bytes] = []
    for token in tokens:
        if result and result[-1] == pair[0] and token == pair[1]:
            result[-1] += token  # longer than pair[0] now, so it is no left half for the next token
        else:
            result.append(token)
    return tuple(result)


def pair_counts(counts: Mapping[Word, int]) -> Counter[Pair]:
    """How often two tokens are neighbours, over all words."""
    pairs: Counter[Pair] = Counter()
    for tokens, count in counts.items():
        for pair in itertools.pairwise(tokens):
            pairs[pair] += count
    return pairs


def train(text: str, vocab_size: int, special_tokens: Sequence[str]) -> list[Pair]:
    """The merges, in order: the most frequent pair each time, of equally frequent ones the greatest."""
    pretokens: Counter[str] = Counter()
    for piece in pieces(text, special_tokens):
        if piece not in special_tokens:
            pretokens.update(PRETOKEN.findall(piece))
    counts = Counter({word(pretoken): count for pretoken, count in pretokens.items()})
    merges: list[Pair] = []
    while len(merges) < vocab_size - 256 - len(special_tokens):
        pairs = pair_counts(counts)
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        renewed: Counter[Word] = Counter()
        for tokens, count in counts.items():
            renewed[merged(tokens, best)] += count
        counts = renewed
    return merges


def comparable(found: Sequence[Pair], expected: Sequence[Pair]) -> tuple[Sequence[Pair], Sequence[Pair]]:
    """Both lists as far as the specification decides them.

    Where two merges give the same bytes, a trainer may go on with one token or with two, and what follows differs:
    the lists end with the first merge that gives bytes which were a token before.
    """
    known: set[bytes] = set()
    for place, pair in enumerate(expected):
        if b"".join(pair) in known:
            return found[: place + 1], expected[: place + 1]
        known.add(b"".join(pair))
    return found, expected


def vocabulary(merges: Iterable[Pair], special_tokens: Sequence[str] = ()) -> dict[int, bytes]:
    """The usual numbering: special tokens, the 256 bytes, then one id a merge."""
    entries = [token.encode() for token in special_tokens]
    entries += [bytes([byte]) for byte in range(256)]
    entries += [left + right for left, right in merges]
    return dict(enumerate(entries))


def encode(
    text: str, vocab: Mapping[int, bytes], merges: Sequence[Pair], special_tokens: Sequence[str] = ()
) -> list[int]:
    """The ids of `text`: each merge, in the order of their making, applied wherever it fits."""
    ids = {token: number for number, token in vocab.items()}
    result: list[int] = []
    for piece in pieces(text, special_tokens):
        if piece in special_tokens:
            result.append(ids[piece.encode()])
            continue
        for pretoken in PRETOKEN.findall(piece):
            tokens = word(pretoken)
            for pair in merges:
                if len(tokens) == 1:
                    break
                tokens = merged(tokens, pair)
            result += (ids[token] for token in tokens)
    return result
