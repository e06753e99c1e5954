"""Tokenizers. `tokenizer` holds the arguments of get_tokenizer."""

from __future__ import annotations

import collections
import itertools
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assignment1_basics import adapters


def encode_texts(tokenizer: dict[str, Any], texts: list[str]) -> list[list[int]]:
    """The ids of each text, from one tokenizer."""
    made = adapters.get_tokenizer(**tokenizer)
    return [made.encode(text) for text in texts]


def arguments_after_encoding(tokenizer: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    """The arguments of get_tokenizer as they are once a tokenizer was made of them and used."""
    encode_texts(tokenizer, texts)
    return tokenizer


def encode_chunks(tokenizer: dict[str, Any], chunkings: list[list[str]]) -> list[list[int]]:
    """The ids that encode_iterable gives for each list of strings, which it reads as a generator."""
    made = adapters.get_tokenizer(**tokenizer)
    return [list(made.encode_iterable(chunk for chunk in chunks)) for chunks in chunkings]


def decode_ids(tokenizer: dict[str, Any], sequences: list[list[int]]) -> list[str]:
    """The text of each sequence of ids, from one tokenizer."""
    made = adapters.get_tokenizer(**tokenizer)
    return [made.decode(ids) for ids in sequences]


def encode_by_turns(
    first: dict[str, Any], second: dict[str, Any], texts: list[str]
) -> list[tuple[list[int], list[int]]]:
    """The ids of each text from two tokenizers that live side by side."""
    one, two = adapters.get_tokenizer(**first), adapters.get_tokenizer(**second)
    return [(one.encode(text), two.encode(text)) for text in texts]


def encode_streams_by_turns(
    tokenizer: dict[str, Any], first: list[str], second: list[str]
) -> tuple[list[int], list[int]]:
    """The ids of two streams that one tokenizer encodes at the same time, an id of each by turns."""
    made = adapters.get_tokenizer(**tokenizer)
    streams = itertools.zip_longest(made.encode_iterable(iter(first)), made.encode_iterable(iter(second)))
    one, two = zip(*streams, strict=True)
    return [number for number in one if number is not None], [number for number in two if number is not None]


def chunks_read_by_each_id(tokenizer: dict[str, Any], chunk: str, ids: int, limit: int) -> list[int]:
    """How many strings encode_iterable had read when each of its first ids came out.

    The source gives `chunk` again and again, and raises after `limit` strings.
    """
    read = 0

    def source() -> Iterator[str]:
        nonlocal read
        while read < limit:
            read += 1
            yield chunk
        raise RuntimeError(f"encode_iterable has read all {limit} strings of its source and not given {ids} ids")

    stream = iter(adapters.get_tokenizer(**tokenizer).encode_iterable(source()))
    return [read for _ in itertools.islice(stream, ids)]


def peak_memory_of_encoding(tokenizer: dict[str, Any], chunk: str, repeats: int) -> tuple[int, int]:
    """The peak of allocated bytes in each half of a stream of `repeats` equal strings."""
    half, peaks = repeats // 2, []

    def source() -> Iterator[str]:
        for number in range(repeats):
            if number == half:
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.reset_peak()
            yield chunk

    made = adapters.get_tokenizer(**tokenizer)
    tracemalloc.start()
    try:
        collections.deque(made.encode_iterable(source()), maxlen=0)
        return peaks[0], tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def encode_with_files(
    vocab_path: str, merges_path: str, special_tokens: list[str] | None, texts: list[str]
) -> list[list[int]]:
    """The ids of each text from a tokenizer made by from_files."""
    cls = type(adapters.get_tokenizer({byte: bytes([byte]) for byte in range(256)}, []))
    made = cls.from_files(vocab_path, merges_path, special_tokens)
    return [made.encode(text) for text in texts]


def saved_vocabulary(
    vocab: dict[int, bytes],
    merges: list[tuple[bytes, bytes]],
    as_path: bool = False,
    before: bytes | None = None,
) -> tuple[bytes, bytes]:
    """Save a vocabulary and its merges under paths given as `str` or, `as_path`, as Path; the two files.

    With `before`, both files are there already and hold it.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("vocab.json", "merges.txt")]
        for path in paths if before is not None else ():
            path.write_bytes(before)
        given = paths if as_path else [str(path) for path in paths]
        adapters.run_save_vocabulary(vocab, merges, *given)
        vocab_file, merges_file = (path.read_bytes() for path in paths)
        return vocab_file, merges_file
