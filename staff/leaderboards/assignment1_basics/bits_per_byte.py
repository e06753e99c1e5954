"""Bits per byte of hidden text, from logits that the entry gives for tokens that it is given.

The text is stories of the course's own grammar, drawn from the leaderboard's secret seed. The entry cuts it into tokens, in
a process of its own; the tokens' bytes must be the text's. Their probabilities are computed here, from the logits, so they
sum to one. By Kraft's inequality such a code is no shorter than the text deserves, whatever the tokens are; so the choice
of a tokenizer is free, and only the model's sight has to be watched:

- what it says with a whole window before it must be what it says in another process of the tokens so far, alone;
- what it says of a window must not depend on the windows before it, nor on those beside it.

Both are held on tokens drawn at random, more tightly on average than the noise of the track.

The floor: a story's choices are worth 62 bits (the sum of the base-2 logarithms of the numbers of alternatives), its text
takes 783 bytes on average, and the two cuts into paragraphs have no order: 0.078 less 0.001, and a little for
choices that give the same text.
"""

import importlib.util
import math
import statistics
from dataclasses import dataclass

import torch
from torch import Tensor

from grader.leaderboard.case import Case, Measured, Refused
from grader.leaderboard.log import claimed
from grader.testing.draw import Draw
from grader.testing.proxy import Functions

MOST_CONTEXT, MOST_TOKENS = 1024, 65_536
CALL_BYTES = 32 * 2**20
"""Of logits in one call."""
EACH, MEAN = 0.05, 0.001
"""Nats by which the log-probability of a token may differ between two ways to ask: each, and by how much the mean may be
better. Rounding in another order moves single-precision logits by 1e-5 or so."""
REPEATED = 6
SLACK = 1.02
"""By so much a run may miss its end."""


@dataclass(frozen=True)
class Window:
    """Tokens in a row, of one document; `sight` is how many of them an audit shows."""

    document: int
    tokens: Tensor
    sight: int


def verify(case: Case) -> Measured:
    """Measure, and audit what was measured."""
    texts = documents(case)
    seconds = claimed(case, "wall_s", "seconds of training", case.track.budget_seconds, SLACK)
    with case.worker() as worker:
        with worker.fresh() as drivers:
            vocabulary, context = tokenizer_of(drivers)
            encoded = encode(drivers, texts, vocabulary)
        windows = cut(encoded, context, case.draw("sight"))
        audited = [w for w in shuffled(windows, case.draw("audited")) if len(w.tokens) > 1][: case.setting("audited")]
        with worker.fresh() as drivers:
            short = [chances(drivers, w.tokens[None, : w.sight], len(vocabulary))[0, -1] for w in audited]
        with worker.fresh() as drivers:
            whole = scored(drivers, windows, len(vocabulary), {id(w) for w in audited})
        with worker.fresh() as drivers:
            again = [chances(drivers, w.tokens[None], len(vocabulary))[0] for w in reversed(audited[:REPEATED])]
    forgetful(
        [(whole.audited[id(w)], other) for w, other in zip(reversed(audited[:REPEATED]), again, strict=True)], audited
    )
    sightless([(w, whole.audited[id(w)][w.sight - 1], alone) for w, alone in zip(audited, short, strict=True)])
    bits = [0.0] * len(texts)
    for window, nats in zip(windows, whole.nats, strict=True):
        bits[window.document] += nats / math.log(2) + math.log2(len(vocabulary))
    sizes = [len(text.encode()) for text in texts]
    each = [b / size for b, size in zip(bits, sizes, strict=True)]
    return Measured(
        score=sum(bits) / sum(sizes),
        spread=statistics.stdev(each) / math.sqrt(len(each)),
        measurements={
            "bytes of hidden text": float(sum(sizes)),
            "bytes a token": sum(sizes) / sum(map(len, encoded)),
            "tokens in the vocabulary": float(len(vocabulary)),
            "places audited": float(len(audited)),
            "seconds of training, as claimed": seconds,
        },
        notes=("time and data of the training are as the entrant tells; a checkpoint does not show them",),
    )


def documents(case: Case) -> list[str]:
    """Hidden stories: of the course's generator, which is read from the staff's copy of it."""
    spec = importlib.util.spec_from_file_location("staff_copy_of_corpus", case.course.folder / "corpus.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(case.course.folder / "corpus.py")
    corpus = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(corpus)
    source = case.draw("stories")
    # A seed a story: the state of the generator could be worked out from a few hundred of its numbers.
    return [next(corpus.stories(1, source.integer(0, 2**62))) for _ in range(case.setting("documents"))]


def tokenizer_of(drivers: Functions) -> tuple[list[bytes], int]:
    """The vocabulary and the longest window."""
    vocabulary, context = drivers.leaderboard_vocabulary(), drivers.leaderboard_context_length()
    if not 2 <= len(vocabulary) <= MOST_TOKENS:
        raise Refused(f"the vocabulary has {len(vocabulary)} tokens; expected 2 to {MOST_TOKENS}")
    if not 1 <= context <= MOST_CONTEXT:
        raise Refused(f"context_length is {context}; expected 1 to {MOST_CONTEXT}")
    return vocabulary, context


def encode(drivers: Functions, texts: list[str], vocabulary: list[bytes]) -> list[list[int]]:
    """The tokens of each text, which say what the text says."""
    encoded = drivers.leaderboard_encode(texts)
    if len(encoded) != len(texts):
        raise Refused(f"encode gave tokens of {len(encoded)} texts for {len(texts)}")
    for text, tokens in zip(texts, encoded, strict=True):
        if not all(0 <= token < len(vocabulary) for token in tokens):
            raise Refused(f"encode gave ids that are none; expected ids from 0 to {len(vocabulary) - 1}")
        if b"".join(vocabulary[token] for token in tokens) != text.encode():
            raise Refused("encode loses text: the bytes of its tokens are not those of the text that was encoded")
    return encoded


def cut(encoded: list[list[int]], context: int, draw: Draw) -> list[Window]:
    """Windows side by side, no token in two of them."""
    windows = []
    for number, tokens in enumerate(encoded):
        for start in range(0, len(tokens), context):
            part = torch.tensor(tokens[start : start + context])
            windows.append(Window(number, part, draw.integer(1, max(2, len(part)))))
    return windows


def shuffled(windows: list[Window], draw: Draw) -> list[Window]:
    """In an order that nobody can foresee."""
    return [windows[number] for number in draw.permutation(len(windows)).tolist()]


def chances(drivers: Functions, tokens: Tensor, vocabulary: int) -> Tensor:
    """Log-probabilities in nats, [batch, time, vocabulary], normalised here."""
    logits = drivers.leaderboard_logits(tokens)
    if tuple(logits.shape) != (*tokens.shape, vocabulary):
        raise Refused(f"logits have the shape {tuple(logits.shape)}; expected {(*tokens.shape, vocabulary)}")
    if not bool(torch.isfinite(logits).all()):
        raise Refused("logits are not finite; expected numbers, of which the trusted side makes probabilities")
    return logits.double().log_softmax(-1)


@dataclass(frozen=True)
class Scored:
    """Nats of each window, its first token left out; of those that are audited all log-probabilities."""

    nats: list[float]
    audited: dict[int, Tensor]


def scored(drivers: Functions, windows: list[Window], vocabulary: int, audited: set[int]) -> Scored:
    """Every window's nats, windows of one length in batches."""
    nats, kept = [0.0] * len(windows), {}
    by_length: dict[int, list[int]] = {}
    for number, window in enumerate(windows):
        by_length.setdefault(len(window.tokens), []).append(number)
    for length, numbers in by_length.items():
        rows = max(1, CALL_BYTES // (4 * length * vocabulary))
        for start in range(0, len(numbers), rows):
            chosen = numbers[start : start + rows]
            tokens = torch.stack([windows[number].tokens for number in chosen])
            for number, row, ids in zip(chosen, chances(drivers, tokens, vocabulary), tokens, strict=True):
                nats[number] = -row[:-1].gather(1, ids[1:, None]).sum().item()
                if id(windows[number]) in audited:
                    kept[id(windows[number])] = row
    return Scored(nats, kept)


def forgetful(pairs: list[tuple[Tensor, Tensor]], audited: list[Window]) -> None:
    """Refuse an entry that says something else when asked alone, in another order."""
    for (first, second), window in zip(pairs, reversed(audited[: len(pairs)]), strict=True):
        ids = window.tokens[1:, None]
        if float((first[:-1].gather(1, ids) - second[:-1].gather(1, ids)).abs().max()) > EACH:
            raise Refused(
                "the same tokens got other logits when asked for again, alone and in another order; "
                "expected a model that neither draws at random nor learns from the text it is measured on"
            )


def sightless(pairs: list[tuple[Window, Tensor, Tensor]]) -> None:
    """Refuse an entry that knows more of the next token when the window goes on."""
    gains = [float(whole[token] - alone[token]) for w, whole, alone in pairs for token in [int(w.tokens[w.sight])]]
    apart = sum(abs(gain) > EACH for gain in gains)
    if apart or statistics.fmean(gains) > MEAN:
        raise Refused(
            f"at {apart or 'some'} of {len(gains)} places the logits were others when the tokens after the place were there, too; "
            "expected a model that sees only what comes before"
        )
