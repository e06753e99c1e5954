"""Examples to fine-tune on, runs of `run_sft` on them, and what such a run must be."""

from dataclasses import dataclass

from torch import Tensor

from assignment5_alignment.tests.rehearsal import Rehearsal, Row, sft_loss
from assignment5_alignment.tests.watched_loops import (
    batches_of,
    check_history,
    check_numbers,
    check_weights,
    response,
    toy_weights,
    words,
)

WHO = "run_sft"
RATE = 0.1
UNCLIPPED = 1e6


@dataclass(frozen=True)
class Examples:
    """Prompts, responses of several lengths, and the policy that is to learn them."""

    weights: dict[str, Tensor]
    prompts: list[str]
    responses: list[str]

    def rows(self, numbers: list[int]) -> list[Row]:
        """The examples with these numbers."""
        return [(self.prompts[number], self.responses[number]) for number in numbers]


def examples(draw, count: int) -> Examples:
    """`count` words backwards, some of them only in part."""
    chosen = words(draw, count)
    answers = [word[::-1][: draw.integer(1, 5)] for word in chosen]
    return Examples(toy_weights(draw), [f"{word}?<think>" for word in chosen], [response(answer) for answer in answers])


def run(drivers, given: Examples, batch_size: int, epochs: int, max_grad_norm: float, seed: int) -> dict:
    """The hand-in on these examples."""
    return drivers.sft_run(given.weights, given.prompts, given.responses, RATE, batch_size, epochs, max_grad_norm, seed)


def orders_of(check, report: dict, given: Examples, batch_size: int, epochs: int) -> list[list[int]]:
    """The examples of each epoch in the order in which they were used, each epoch being one of all of them."""
    count = len(given.prompts)
    updates = -(-count // batch_size)
    seen: dict[int, list[int]] = {}
    for place, rows in batches_of(check, WHO, report, given.prompts, gradient=True):
        seen.setdefault(place, []).extend(rows)
    check.that(
        report["updates"] == updates * epochs,
        f"{WHO} updated the policy {report['updates']} times for {count} examples, batches of {batch_size} and {epochs} "
        f"epochs; expected {updates * epochs}",
    )
    sizes = [min(batch_size, count - begin) for begin in range(0, count, batch_size)] * epochs
    check.that(
        [len(seen.get(place, [])) for place in range(updates * epochs)] == sizes,
        f"{WHO} made updates of other batches than of {batch_size} examples, and what is left at the end of an epoch",
    )
    orders = [
        [number for place in range(epoch * updates, (epoch + 1) * updates) for number in seen[place]]
        for epoch in range(epochs)
    ]
    for order in orders:
        check.that(sorted(order) == list(range(count)), f"{WHO} did not use every example once in an epoch")
    return orders


def check_training(check, report: dict, given: Examples, orders: list[list[int]], batch_size: int, norm: float) -> None:
    """Losses and parameters are those of a training on the examples in these orders."""
    rehearsal = Rehearsal(given.weights, RATE, norm)
    losses = []
    for order in orders:
        for begin in range(0, len(order), batch_size):
            scores = rehearsal.score(given.rows(order[begin : begin + batch_size]))
            losses.append(rehearsal.update(sft_loss(scores)))
    check_history(check, WHO, report["returned"], ("loss",), len(losses))
    check_numbers(check, WHO, report["returned"], "loss", losses)
    check_weights(check, WHO, report, given.weights, rehearsal.weights)
