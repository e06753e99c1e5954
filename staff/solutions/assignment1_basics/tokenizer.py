"""Encoding text into token ids with a trained BPE vocabulary, and decoding ids into text."""

import heapq
import json
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from assignment1_basics.parallel import available_cores, ordered_map
from assignment1_basics.pretokenization import SpecialTokens, file_chunks, pretokens

CACHED_PRETOKENS = 1 << 16
LONGEST_CACHED = 64  # characters

# In pre-tokens of up to this many bytes, looking at all pairs for the next merge beats keeping a heap.
SHORT_PRETOKEN = 128


class Tokenizer:
    """A byte-level BPE tokenizer.

    vocab: the bytes of every id; the ids need not be consecutive.
    merges: pairs of tokens in the order they were made, which is the order in which encoding applies them.
    special_tokens: strings that are never split, the longest first where two match at one place. One whose
    UTF-8 bytes are not in `vocab` gets the id after the greatest so far. The `vocab` passed in is not
    changed.
    """

    def __init__(
        self,
        vocab: dict[int, bytes],
        merges: list[tuple[bytes, bytes]],
        special_tokens: list[str] | None = None,
    ) -> None:
        self.vocab = dict(vocab)
        self.merges = list(merges)
        self._specials = SpecialTokens(special_tokens or [])

        ids = {token: token_id for token_id, token in self.vocab.items()}
        for special in self._specials.tokens:
            if special.encode() not in ids:
                new_id = max(self.vocab, default=-1) + 1
                self.vocab[new_id] = special.encode()
                ids[special.encode()] = new_id
        self._special_ids = {special: ids[special.encode()] for special in self._specials.tokens}
        self._byte_ids = {byte: ids[bytes([byte])] for byte in range(256) if bytes([byte]) in ids}

        # A merge is known by its rank, its place in the order; of a pair listed twice the first place counts.
        self._rank: dict[tuple[int, int], int] = {}
        self._merged_id: list[int] = []
        for rank, (left, right) in enumerate(self.merges):
            if not {left, right, left + right} <= ids.keys():
                raise ValueError(f"merge {rank} is {left!r} + {right!r}; expected these and their sum in vocab")
            self._rank.setdefault((ids[left], ids[right]), rank)
            self._merged_id.append(ids[left + right])
        self._cache = PretokenCache(self._encode_pretoken)

    @classmethod
    def from_files(
        cls,
        vocab_filepath: str | os.PathLike[str],
        merges_filepath: str | os.PathLike[str],
        special_tokens: list[str] | None = None,
    ) -> Self:
        """A tokenizer from a vocabulary (JSON) and merges (text) in the format published with GPT-2."""
        byte_of = {character: byte for byte, character in enumerate(printable_bytes())}

        def token(written: str) -> bytes:
            return bytes(byte_of[character] for character in written)

        vocab = json.loads(Path(vocab_filepath).read_text(encoding="utf-8"))
        lines = Path(merges_filepath).read_text(encoding="utf-8").splitlines()
        if lines and lines[0].startswith("#version"):
            del lines[0]
        merges = [line.split(" ") for line in lines if line]
        return cls(
            {token_id: token(written) for written, token_id in vocab.items()},
            [(token(left), token(right)) for left, right in merges],
            special_tokens,
        )

    def encode(self, text: str) -> list[int]:
        """The ids of `text`, cut at special tokens and into pre-tokens as in training."""
        ids: list[int] = []
        for index, piece in enumerate(self._specials.split(text)):
            if index % 2:
                ids.append(self._special_ids[piece])
            else:
                ids.extend(chain.from_iterable(map(self._cache.__getitem__, pretokens(piece))))
        return ids

    def encode_iterable(self, iterable: Iterable[str]) -> Iterator[int]:
        """The ids of the joined strings, one by one and in constant memory, wherever the text is cut."""
        for block in self._specials.blocks(iterable):
            yield from self.encode(block)

    def encode_file(
        self, path: str | os.PathLike[str], processes: int | None = None
    ) -> Iterator[npt.NDArray[np.unsignedinteger]]:
        """The ids of a UTF-8 file, a block at a time, in the smallest unsigned type that holds all ids.

        Blocks are encoded by that many `processes` (one for each core if not given), in constant memory.
        """
        encode = partial(_encode_block, self, np.min_scalar_type(max(self.vocab)))
        blocks = self._specials.blocks(file_chunks(path))
        yield from ordered_map(encode, blocks, processes or available_cores())

    def decode(self, ids: list[int]) -> str:
        """The text of `ids`. Bytes that are not UTF-8 once all tokens are joined become U+FFFD."""
        return b"".join(map(self.vocab.__getitem__, ids)).decode("utf-8", errors="replace")

    def _encode_pretoken(self, pretoken: str) -> list[int]:
        try:
            ids = [self._byte_ids[byte] for byte in pretoken.encode()]
        except KeyError as error:
            raise ValueError(f"the vocabulary has no token for the byte {error} of {pretoken!r}") from None
        return self._merge_short(ids) if len(ids) <= SHORT_PRETOKEN else self._merge_long(ids)

    def _merge_short(self, ids: list[int]) -> list[int]:
        """Apply the merge that was made first, at its leftmost place, until none applies."""
        rank_of, none = self._rank.get, len(self._merged_id)
        ranks = [rank_of(pair, none) for pair in pairwise(ids)]  # of the pair that begins at each place
        while ranks and (rank := min(ranks)) < none:
            place = ranks.index(rank)
            ids[place] = self._merged_id[rank]
            del ids[place + 1], ranks[place]
            if place > 0:
                ranks[place - 1] = rank_of((ids[place - 1], ids[place]), none)
            if place < len(ranks):
                ranks[place] = rank_of((ids[place], ids[place + 1]), none)
        return ids

    def _merge_long(self, ids: list[int]) -> list[int]:
        """The same in n log n steps: the places wait in a heap, and a linked list says what follows what."""
        rank_of, none, end = self._rank.get, len(self._merged_id), len(ids)
        following = list(range(1, end + 1))
        preceding = list(range(-1, end - 1))
        heap: list[tuple[int, int]] = []  # (rank, place); out of date where the pair there is another by now

        def rank_at(place: int) -> int:
            if place < 0 or following[place] >= end:
                return none
            return rank_of((ids[place], ids[following[place]]), none)

        for place in range(end):
            if rank_at(place) < none:
                heap.append((rank_at(place), place))
        heapq.heapify(heap)
        gone = -1  # no pair holds this id
        while heap:
            rank, place = heapq.heappop(heap)
            if rank_at(place) != rank:
                continue
            absorbed = following[place]
            ids[place], ids[absorbed] = self._merged_id[rank], gone
            following[place] = following[absorbed]
            if following[place] < end:
                preceding[following[place]] = place
            for changed in (preceding[place], place):
                if rank_at(changed) < none:
                    heapq.heappush(heap, (rank_at(changed), changed))
        return [token_id for token_id in ids if token_id != gone]

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """Pickled as the arguments it was made from, for processes that are spawned."""
        return type(self), (self.vocab, self.merges, self._specials.tokens)


class PretokenCache(dict[str, list[int]]):
    """The ids of pre-tokens met before. A hit runs no Python: `__missing__` is called only without one.

    Full, it begins anew; long pre-tokens, which hardly come twice, are not kept. Both bound its memory.
    """

    def __init__(self, encode: Callable[[str], list[int]]) -> None:
        self._encode = encode

    def __missing__(self, pretoken: str) -> list[int]:
        ids = self._encode(pretoken)
        if len(pretoken) <= LONGEST_CACHED:
            if len(self) >= CACHED_PRETOKENS:
                self.clear()
            self[pretoken] = ids
        return ids


def _encode_block(tokenizer: Tokenizer, dtype: npt.DTypeLike, block: str) -> npt.NDArray[np.unsignedinteger]:
    return np.array(tokenizer.encode(block), dtype=dtype)


def printable_bytes() -> str:
    """The character that stands for each byte in GPT-2's files.

    The printable characters of Latin-1 stand for themselves; the other bytes, in order, are U+0100 and so on.
    """
    themselves = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    substitutes = iter(range(0x100, 0x200))
    return "".join(chr(byte if byte in themselves else next(substitutes)) for byte in range(256))
