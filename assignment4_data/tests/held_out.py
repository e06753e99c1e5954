"""A small web, a held-out target domain, and what tokens to train on must be: checks of `run_make_training_data`.

The target is encyclopaedic English that the web does not hold, except where it has leaked: some pages quote it.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

from assignment4_data import web
from assignment4_data.training import ByteTokenizer, documents_of, read_tokens
from assignment4_data.training.model import CONTEXT
from assignment4_data.training.script import validation_loss

WHO = "run_make_training_data"
STEPS = 200
"""Half of the steps of the real script: enough to tell good data from bad."""

MARGIN = 0.4
"""Nats a token by which the loss must be below that without a filter, and below that of a random choice."""

SHARED = 13


@dataclass(frozen=True)
class Domain:
    """WET files by name, the documents in them, and the held-out documents."""

    wets: dict[str, bytes]
    documents: list[web.Document]
    validation: list[str]


def domain(draw, folder, count: int, leaks: int) -> Domain:
    """A web of `count` pages in two files, of which `leaks` quote a held-out document."""
    documents = list(web.documents(draw.integer(0, 2**31), count))
    validation = new_prose(draw.integer(2**31, 2**32), grams((page.text for page in documents), SHARED))
    prose = [n for n, page in enumerate(documents) if (page.kind, page.language) == ("prose", "en")]
    for place, number in enumerate(prose[:: max(1, len(prose) // leaks)][:leaks]):
        quoted = max(validation[place % len(validation)].split("\n"), key=len)
        documents[number] = replace(documents[number], text=f"{documents[number].text}\n{quoted}")
    wets = {}
    for part, name in enumerate(("a.warc.wet.gz", "b.warc.wet.gz")):
        web.write_wet(folder / name, documents[part::2])
        wets[name] = (folder / name).read_bytes()
    return Domain(wets, documents, validation)


def new_prose(seed: int, known: set[tuple[str, ...]]) -> list[str]:
    """Reference prose of a web that has no run of words in common with `known`.

    A generated web has fewer sentences than the real one: by chance alone, most pages share one with some other page.
    """
    found = []
    for page in web.documents(seed, 200):
        if (page.kind, page.language, page.truth["quality"]) == ("prose", "en", "wiki"):
            told = [re.split(r"(?<=[.!?]) ", paragraph) for paragraph in page.truth["paragraphs"]]
            lines = [" ".join(s for s in sentences if not known & grams([s], SHARED)) for sentences in told]
            text = "\n".join(line for line in lines if line)
            if len(text.split()) >= 4 * SHARED and not known & grams([text], SHARED):
                found.append(text)
    return found[:12]


def tokens_of(check, result) -> np.ndarray:
    """The ids that the hand-in wrote, of the form that `tokenize_data` asks for."""
    content = result["tokens"]
    check.that(
        type(content) is bytes and len(content) > 2 * CONTEXT,
        f"{WHO} wrote no tokens to the file it was asked for, or too few to train on",
    )
    try:
        ids = read_tokens(content)
    except ValueError as error:
        check.that(False, f"{WHO} wrote a file that cannot be trained on: {error}")
    check.that(
        type(result["returned"]) is int and result["returned"] == len(ids),
        f"{WHO} returned {str(result['returned'])[:40]}; expected the number of ids in the file, {len(ids)}",
    )
    check.that(int(ids[-1]) == ByteTokenizer.eos_id, f"{WHO} did not close the last document by the end of text")
    return ids


def ids_of(documents: list[str]) -> np.ndarray:
    """Documents as the ids of a training."""
    tokenizer = ByteTokenizer()
    return np.array([number for text in documents for number in (*tokenizer.encode(text), tokenizer.eos_id)])


def loss_of(ids: np.ndarray, given: Domain, seed: int) -> float:
    """What the fixed model comes to on the held-out documents."""
    return validation_loss(ids, ids_of(given.validation), seed, STEPS)


def check_sources(check, ids: np.ndarray, given: Domain) -> None:
    """The documents are those of the web, and quote nothing that is held out."""
    known = grams((page.text for page in given.documents), 5)
    held_out = grams(given.validation, SHARED)
    texts = documents_of(ids)
    for text in texts:
        check.that(
            not held_out & grams([text], SHARED),
            f"{WHO} wrote a document that shares {SHARED} words in a row with a held-out one",
        )
    found = [gram for text in texts for gram in grams([text], 5)]
    strange = sum(gram not in known for gram in found)
    check.that(
        found and strange <= 0.1 * len(found),
        f"{WHO}: {strange} of {len(found)} runs of five words are in no WET file; expected the documents of these files",
    )


def check_better(check, loss: float, other: float, than: str) -> None:
    """The margin of the handout."""
    check.that(
        loss <= other - MARGIN,
        f"{WHO}: the fixed model comes to {loss:.3f} nats a token; expected at least {MARGIN} less than with {than}",
    )


def grams(texts, n: int) -> set[tuple[str, ...]]:
    """All runs of n words, in small letters and without punctuation."""
    found = set()
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        found.update(zip(*(words[start:] for start in range(n)), strict=False))
    return found
