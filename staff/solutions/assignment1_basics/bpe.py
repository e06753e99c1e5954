"""Training a byte-level byte-pair-encoding (BPE) vocabulary.

Sennrich et al. 2016, on bytes as in Radford et al. 2019. First the pre-tokens of the corpus are counted, by
all cores. Then pairs are merged, and each merge touches only the pre-tokens that contain its pair.
"""

import heapq
import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from assignment1_basics.parallel import available_cores, ordered_map
from assignment1_basics.pretokenization import SpecialTokens, file_chunks, pretokens

# Starting processes takes longer than counting the pre-tokens of a file smaller than this.
PARALLEL_FROM_BYTES = 1 << 22

INVERTED = bytes(range(255, -1, -1))


def train_bpe(
    input_path: str | os.PathLike[str], vocab_size: int, special_tokens: list[str], **kwargs: Any
) -> tuple[dict[int, bytes], list[tuple[bytes, bytes]]]:
    """Learn (vocab, merges) from the UTF-8 text file `input_path`.

    Ids: the 256 bytes, the special tokens, one for each merge. vocab_size is a maximum: a corpus without a
    pair left gives fewer, and bytes and special tokens are in the vocabulary even if they are more. Bytes
    that are not UTF-8 count as U+FFFD. The keyword `processes` is how many count the pre-tokens (one a core).
    """
    specials = SpecialTokens(special_tokens)
    large = Path(input_path).stat().st_size >= PARALLEL_FROM_BYTES
    processes = kwargs.get("processes") or (available_cores() if large else 1)
    counts = count_pretokens(input_path, specials, processes)

    tokens = [bytes([byte]) for byte in range(256)]
    tokens += [special.encode() for special in specials.tokens]
    merges = learn_merges(counts, vocab_size - len(tokens))
    tokens += [left + right for left, right in merges]
    return dict(enumerate(tokens)), merges


def count_pretokens(input_path: str | os.PathLike[str], specials: SpecialTokens, processes: int) -> Counter[str]:
    """How often each pre-token occurs in the file. Special tokens cut the text and are not counted."""
    totals: Counter[str] = Counter()
    blocks = specials.blocks(file_chunks(input_path))
    for counts in ordered_map(partial(_count_block, specials), blocks, processes):
        totals.update(counts)
    return totals


def _count_block(specials: SpecialTokens, block: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in specials.ordinary(block):
        counts.update(pretokens(text))
    return counts


def learn_merges(pretoken_counts: Mapping[str, int], max_merges: int) -> list[tuple[bytes, bytes]]:
    """The merges, in order: each time the most frequent pair, and of equally frequent ones the greatest."""
    corpus = PairedCorpus(pretoken_counts)
    merges: list[tuple[bytes, bytes]] = []
    while len(merges) < max_merges and (pair := corpus.most_frequent_pair()):
        merges.append(corpus.merge(pair))
    return merges


class PairedCorpus:
    """The distinct pre-tokens, each a sequence of tokens, and the pairs of neighbours in them.

    A token is written as one character, a single byte as the character of its code: a pre-token is then a
    short string, a pair two characters of it, and merging is `str.replace`, from left to right without
    overlaps. Merges that give the same bytes give the same token.
    """

    def __init__(self, pretoken_counts: Mapping[str, int]) -> None:
        self.words = [pretoken.encode().decode("latin-1") for pretoken in pretoken_counts]
        self.frequencies = list(pretoken_counts.values())
        self.bytes_of = {chr(byte): bytes([byte]) for byte in range(256)}
        self.token_of = {token: character for character, token in self.bytes_of.items()}
        self.order = {character: _descending(token) for character, token in self.bytes_of.items()}

        self.pair_counts: defaultdict[str, int] = defaultdict(int)
        # May name a word more than once, and words that no longer contain the pair.
        self.words_with: defaultdict[str, list[int]] = defaultdict(list)
        for index, (word, frequency) in enumerate(zip(self.words, self.frequencies, strict=True)):
            for pair in map(str.__add__, word, word[1:]):
                self.pair_counts[pair] += frequency
                self.words_with[pair].append(index)
        self.heap = [self._entry(pair) for pair in self.pair_counts]
        heapq.heapify(self.heap)

    def _entry(self, pair: str) -> tuple[int, str, str, str]:
        """What the heap orders a pair by: it takes the least first."""
        return -self.pair_counts[pair], self.order[pair[0]], self.order[pair[1]], pair

    def most_frequent_pair(self) -> str | None:
        """Take out the best pair; None if no pair is left.

        A pair whose count has grown has a new entry beside its old ones; one whose count has fallen gets its
        new entry only here, when the old one comes up.
        """
        while self.heap:
            negative_count, _, _, pair = heapq.heappop(self.heap)
            count = self.pair_counts.get(pair, 0)
            if count and count == -negative_count:
                return pair
            if count:
                heapq.heappush(self.heap, self._entry(pair))
        return None

    def merge(self, pair: str) -> tuple[bytes, bytes]:
        """Make `pair` one token everywhere, and return the bytes of its two."""
        left, right = pair[0], pair[1]
        merged = self._token(self.bytes_of[left] + self.bytes_of[right])
        pair_counts, words_with = self.pair_counts, self.words_with
        grown = set()
        for index in words_with.pop(pair):
            word, frequency = self.words[index], self.frequencies[index]
            end = -1  # of the last occurrence
            start = word.find(pair)
            while start >= 0:
                if start > 0:
                    # Directly after another occurrence the neighbour is already the new token, and the pair
                    # taken back here is the one that occurrence gave its right neighbour.
                    before = merged if start == end else word[start - 1]
                    pair_counts[before + left] -= frequency
                    pair_counts[before + merged] += frequency
                    words_with[before + merged].append(index)
                    grown.add(before + merged)
                end = start + 2
                if end < len(word):
                    after = word[end]
                    pair_counts[right + after] -= frequency
                    pair_counts[merged + after] += frequency
                    words_with[merged + after].append(index)
                    grown.add(merged + after)
                start = word.find(pair, end)
            self.words[index] = word.replace(pair, merged)
        del pair_counts[pair]
        for grown_pair in grown:
            heapq.heappush(self.heap, self._entry(grown_pair))
        return self.bytes_of[left], self.bytes_of[right]

    def _token(self, token: bytes) -> str:
        if token not in self.token_of:
            character = chr(len(self.bytes_of))
            self.bytes_of[character], self.token_of[token] = token, character
            self.order[character] = _descending(token)
        return self.token_of[token]


def _descending(token: bytes) -> str:
    """A string that sorts the other way round than `token`: its bytes inverted, then one beyond any byte.

    That last one is for two tokens of which one begins with the other: the longer is the greater.
    """
    return token.translate(INVERTED).decode("latin-1") + "\u0100"
