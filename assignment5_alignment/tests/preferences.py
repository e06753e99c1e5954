"""Comparisons to learn from, trainings on them rehearsed, and how often a policy prefers what was preferred."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from assignment5_alignment import models
from assignment5_alignment.tests.instructions import pieces
from assignment5_alignment.tests.rehearsal import Rehearsal
from assignment5_alignment.tests.small_gpt2 import logits
from assignment5_alignment.tests.watched_loops import check_history, check_numbers, check_untouched, check_weights

WHO = "run_dpo"
HEADS = 2
TOKENIZER = "tiny-qwen-like"
Pair = tuple[str, str, str]

TOPICS = (
    "rivers", "birds", "numbers", "the sky", "stones", "a garden", "trees", "the sea", "bread", "a house",
    "rain", "a street", "music", "maps", "winter", "the sun", "ships", "a clock", "horses", "paper",
)  # fmt: skip
KIND = ("Gladly: {} are worth a closer look.", "With pleasure. Let us begin with {}.", "Of course, here is more on {}.")
CURT = ("No. Read about {} yourself.", "That is enough of {}.", "Nobody asks about {} any more.")
ASKED = ("Tell me about {}.", "What do you know of {}?", "Write a line on {}.")


@dataclass(frozen=True)
class Comparisons:
    """A policy, the reference it must not stray from, and pairs."""

    weights: dict[str, Tensor]
    reference: dict[str, Tensor]
    pairs: list[Pair]


def pairs_on(draw, topics: list[str]) -> list[Pair]:
    """One comparison a topic: a kind response was preferred to a curt one."""
    return [
        (draw.choice(ASKED).format(topic), draw.choice(KIND).format(topic), draw.choice(CURT).format(topic))
        for topic in topics
    ]


def comparisons(draw, count: int) -> Comparisons:
    """`count` pairs, and a policy that is some way off its reference, both in float64."""
    reference = {name: tensor.double() for name, tensor in models.weights("tiny-gpt2").items()}
    weights = {
        name: tensor + draw.normal(*tensor.shape, scale=0.03, dtype=torch.float64) for name, tensor in reference.items()
    }
    topics = [TOPICS[number] for number in draw.permutation(len(TOPICS)).tolist()[:count]]
    return Comparisons(weights, reference, pairs_on(draw, topics))


def margins(weights: Mapping[str, Tensor], pairs: list[Pair]) -> Tensor:
    """Log-probability of the preferred response less that of the other, for each pair."""
    rows = pieces(TOKENIZER, [(prompt, response) for prompt, *both in pairs for response in both])
    ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
        mask[number, 1 : len(row)] = 1
    log_probs = logits(weights, ids[:, :-1], HEADS).log_softmax(dim=-1)
    sums = (log_probs.gather(-1, ids[:, 1:, None]).squeeze(-1) * mask[:, 1:]).sum(dim=1)
    return sums[::2] - sums[1::2]


def check_training(
    check, report: dict, given: Comparisons, batches: list[list[Pair]], beta: float, rate: float, norm: float
):
    """Losses, the policy's parameters and the reference's after updates on these batches."""
    reference = {name: tensor.double() for name, tensor in given.reference.items()}
    rehearsal = Rehearsal(given.weights, rate, norm)
    losses = []
    for batch in batches:
        with torch.no_grad():
            before = margins(reference, batch)
        losses.append(rehearsal.update(-F.logsigmoid(beta * (margins(rehearsal.weights, batch) - before)).mean()))
    check_untouched(check, WHO, "the reference model", report["reference"], given.reference)
    check_history(check, WHO, report["returned"], ("loss",), len(losses))
    check_numbers(check, WHO, report["returned"], "loss", losses)
    check_weights(check, WHO, report, given.weights, rehearsal.weights)


def pair_numbers(check, report: dict, pairs: list[Pair]) -> list[list[int]]:
    """Which comparisons each update was made of, read from what went through the policy with a gradient."""
    rows = pieces(TOKENIZER, [(prompt, response) for prompt, *both in pairs for response in both])
    known = {tuple(row[:-1]): number // 2 for number, row in enumerate(rows)}
    known |= {tuple(row): number // 2 for number, row in enumerate(rows)}
    found: dict[int, set[int]] = {}
    check.that(isinstance(report["batches"], list), f"{WHO}: what went through the policy is no list")
    for batch in report["batches"]:
        good = (
            isinstance(batch, dict)
            and isinstance(batch["ids"], Tensor)
            and batch["ids"].dim() == 2
            and type(batch["updates"]) is int
        )
        check.that(good, f"{WHO} called the policy with something else than rows of token ids")
        for row in batch["ids"].tolist() if batch["gradient"] is True else ():
            while row and tuple(row) not in known:
                row = row[:-1]  # padding
            check.that(bool(row), f"{WHO} called the policy with a row that is neither response of a comparison")
            found.setdefault(batch["updates"], set()).add(known[tuple(row)])
    return [sorted(numbers) for _, numbers in sorted(found.items())]
