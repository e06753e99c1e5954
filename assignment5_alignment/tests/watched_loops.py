"""What the drivers of training loops report, read without trust: a value of another form is the hand-in's failure."""

from typing import Any

import torch
from torch import Tensor

from assignment5_alignment import tasks
from assignment5_alignment.tests.rehearsal import scored

RTOL = 5e-3
"""Of weights that have changed, by their root mean square: room for a step of the hand-in's that is made in float32."""


def toy_weights(draw) -> dict[str, Tensor]:
    """A policy that is drawn, in float64: the start of a toy task, and noise on every parameter.

    A few updates make a thousand times more of each rounding; those of float32 would need a tolerance that hides mistakes.
    """
    return {
        name: tensor.double() + draw.normal(*tensor.shape, scale=0.02, dtype=torch.float64)
        for name, tensor in tasks.start_weights("reversal").items()
    }


def words(draw, count: int) -> list[str]:
    """Different words of the reversal task."""
    problems = tasks.task("reversal").prompts
    return [problems[number].partition("?")[0] for number in draw.permutation(len(problems)).tolist()[:count]]


def response(answer: str) -> str:
    """A response of the right form."""
    return f"</think> <answer>{answer}</answer>"


def check_history(check, who: str, returned: Any, keys: tuple[str, ...], count: int) -> None:
    """A list of dicts with these numbers."""
    check.that(
        isinstance(returned, list) and len(returned) == count,
        f"{who} returned {_form(returned)}; expected a list of {count} dicts",
    )
    for entry in returned:
        check.that(isinstance(entry, dict), f"{who} returned a list with {_form(entry)} in it; expected dicts")
        for key in keys:
            check.that(
                type(entry[key]) in (float, int), f"{who} returned {_form(entry[key])} as {key!r}; expected a float"
            )


def check_numbers(check, who: str, returned: list[dict], key: str, expected: list[float]) -> None:
    """The numbers called `key`, one after another."""
    got = torch.tensor([float(entry[key]) for entry in returned], dtype=torch.float64)
    want = torch.tensor(expected, dtype=torch.float64)
    check.close(got, want, rtol=RTOL, who=f"{who}, {key!r} of its history,", constant=True)


def check_weights(check, who: str, report: dict, before: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    """The change of all parameters together."""
    check_change(check, f"{who}: the change of the policy's parameters", who, report["weights"], before, expected)


def check_change(
    check, what: str, who: str, weights: Any, before: dict[str, Tensor], expected: dict[str, Tensor]
) -> None:
    """From `before` to `weights` as to `expected`; where nothing was to be learned, not at all."""
    got, start = flat(check, who, weights, before), torch.cat([before[n].double().flatten() for n in before])
    want = torch.cat([expected[name].detach().double().flatten() for name in before]) - start
    if bool(want.any()):
        check.close(got - start, want, rtol=RTOL, who=what)
    else:
        check.that(torch.equal(got, start), f"{what}: there is one; expected none, as there was nothing to learn")


def check_untouched(check, who: str, what: str, weights: Any, before: dict[str, Tensor]) -> None:
    """Every bit as it was."""
    flat(check, who, weights, before)
    same = all(torch.equal(weights[name], before[name]) for name in before)
    check.that(same, f"{who} changed {what}; expected it to stay as it was")


def flat(check, who: str, weights: Any, like: dict[str, Tensor]) -> Tensor:
    """All parameters in a row, float64."""
    check.that(isinstance(weights, dict), f"{who}: {_form(weights)} for weights; expected a dict")
    for name, tensor in like.items():
        check.that(
            isinstance(weights.get(name), Tensor)
            and (weights[name].shape, weights[name].dtype) == (tensor.shape, tensor.dtype),
            f"{who} left {_form(weights.get(name))} as the parameter {name}; expected shape {tuple(tensor.shape)}",
        )
    return torch.cat([weights[name].detach().double().flatten() for name in like])


def batches_of(check, who: str, report: dict, prompts: list[str], gradient: bool) -> list[tuple[int, list[int]]]:
    """(updates until then, the numbers of the prompts in it) of every batch that went through the policy."""
    found = []
    check.that(isinstance(report["batches"], list), f"{who}: the batches are {_form(report['batches'])}")
    known = {tuple(tasks.ids_of(prompt)): number for number, prompt in enumerate(prompts)}
    length = len(tasks.ids_of(prompts[0]))
    for batch in report["batches"]:
        check.that(isinstance(batch, dict) and isinstance(batch["ids"], Tensor), f"{who}: a batch is {_form(batch)}")
        ids = batch["ids"]
        check.that(
            ids.dim() == 2 and ids.shape[1] >= length and type(batch["updates"]) is int,
            f"{who} called the policy with token ids of shape {tuple(ids.shape)}; expected rows that begin with a prompt",
        )
        rows = [known.get(tuple(row[:length])) for row in ids.tolist()]
        check.that(None not in rows, f"{who} called the policy with a row that begins with no prompt that it was given")
        if batch["gradient"] is gradient:
            found.append((batch["updates"], rows))
    return found


def accuracy(weights: dict[str, Tensor], name: str = "addition") -> float:
    """The mean probability, over the held-out problems, of a right answer without any thinking."""
    task = tasks.task(name)
    rows = [
        (prompt, response(answer))
        for prompt, truth in zip(task.validation_prompts, task.validation_truths, strict=True)
        for answer in tasks.answers(name, truth)
    ]
    with torch.no_grad():
        found = scored({key: tensor.double() for key, tensor in weights.items()}, rows)
    return float(found.log_probs.sum(1).exp().sum()) / len(task.validation_prompts)


def check_gain(check, who: str, accuracies: list[float], start: float, gain: float) -> None:
    """The mean over the seeds is `gain` above the start."""
    mean = sum(accuracies) / len(accuracies)
    seeds = ", ".join(f"{value:.2f}" for value in accuracies)
    check.that(
        mean >= start + gain,
        f"{who}: the policies answer {mean:.2f} of the held-out problems in the mean ({seeds}), the start "
        f"{start:.2f}; expected {gain:.2f} more",
    )


def _form(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of length {len(value)}"
    return f"a {type(value).__name__}"
