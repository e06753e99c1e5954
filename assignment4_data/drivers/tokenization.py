"""Tokenizing a corpus: a tokenizer cannot travel, so it is made here of a table that can."""

from typing import Any

from assignment4_data import adapters
from assignment4_data.drivers.folders import contents, workplace

FILE = "corpus.bin"


class _ByteTokenizer:
    """Every byte of a text is one token; which ids the bytes have, the test says."""

    def __init__(self, ids: list[int], eos_id: int) -> None:
        self._ids = ids
        self.eos_id = eos_id

    def encode(self, text: str) -> list[int]:
        return [self._ids[byte] for byte in text.encode()]


def tokenize_corpus(documents: list[str], ids: list[int], eos_id: int, older: bytes | None) -> dict[str, Any]:
    """`run_tokenize_corpus` with a tokenizer that gives byte b the id ids[b], where a file `older` may be in its place.

    Returns:
        {"returned": what it returned, "refused": whether it raised ValueError, "files": the content of every file that
        lies in the folder afterwards, by name}; the path that was asked for is `corpus.bin`.
    """
    with workplace({} if older is None else {FILE: older}) as place:
        try:
            returned = adapters.run_tokenize_corpus(documents, _ByteTokenizer(ids, eos_id), place / FILE)
        except ValueError:
            return {"returned": None, "refused": True, "files": contents(place)}
        return {"returned": returned, "refused": False, "files": contents(place)}
