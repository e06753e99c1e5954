"""BPE training in other circumstances than this process."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from assignment1_basics import adapters


def train_bpe_in_a_new_process(
    input_path: str, vocab_size: int, special_tokens: list[str], hash_seed: int
) -> tuple[dict[int, bytes], list[tuple[bytes, bytes]]]:
    """Train in a new interpreter, in which sets and dicts of strings hash by `hash_seed`."""
    with _environment("PYTHONHASHSEED", str(hash_seed)):
        pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        with pool:
            return pool.submit(adapters.run_train_bpe, input_path, vocab_size, special_tokens).result()


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def train_bpe_where_processes_are_spawned(
    input_path: str, vocab_size: int, special_tokens: list[str]
) -> tuple[dict[int, bytes], list[tuple[bytes, bytes]]]:
    """Train while new processes inherit nothing, which is how macOS and Windows start them."""
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("spawn", force=True)
    try:
        return adapters.run_train_bpe(input_path, vocab_size, special_tokens)
    finally:
        multiprocessing.set_start_method(before, force=True)
