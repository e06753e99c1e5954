"""What is to be kept of generations, put together once more; and generations to keep."""

import math

import torch

WHO = "run_log_generations"
REWARDS = ("reward", "format_reward", "answer_reward")
MEANS = ("mean_reward", "mean_length", "mean_length_correct", "mean_length_incorrect", "mean_token_entropy")


def drawn(draw, rows, right=0.5):
    """Arguments of the driver: responses of drawn lengths, whose padding has entropies of nonsense."""
    lengths = [draw.integer(1, 9) for _ in range(rows)]
    longest = max(lengths) + draw.integer(0, 3)
    entropies = draw.uniform(rows, longest, low=0.1, high=4.0)
    for row, length in enumerate(lengths):
        entropies[row, length:] = math.nan if row % 2 else 1e6
    responses, truths = [f"response {row}" for row in range(rows)], [f"truth {row}" for row in range(rows)]
    answers = [float(draw.number(0, 1) < right) for _ in range(rows)]
    table = [
        (response, truth, draw.number(-1, 1), float(draw.number(0, 1) < 0.7), answer)
        for response, truth, answer in zip(responses, truths, answers, strict=True)
    ]
    return [f"prompt {row}" for row in range(rows)], responses, truths, table, entropies, lengths


def mean(values):
    """None of nothing."""
    return math.fsum(values) / len(values) if values else None


def known(prompts, responses, truths, table, entropies, lengths):
    """Examples, and the five means."""
    rewards = {(response, truth): values for response, truth, *values in table}
    examples, own = [], [entropies[row, :length].double().tolist() for row, length in enumerate(lengths)]
    for row, length in enumerate(lengths):
        example = {"prompt": prompts[row], "response": responses[row], "ground_truth": truths[row], "length": length}
        example |= dict(zip(REWARDS, rewards[responses[row], truths[row]], strict=True))
        examples.append(example | {"mean_token_entropy": mean(own[row])})
    right = [example["answer_reward"] == 1 for example in examples]
    return examples, {
        "mean_reward": mean([example["reward"] for example in examples]),
        "mean_length": mean(lengths),
        "mean_length_correct": mean([length for length, fine in zip(lengths, right, strict=True) if fine]),
        "mean_length_incorrect": mean([length for length, fine in zip(lengths, right, strict=True) if not fine]),
        "mean_token_entropy": mean([value for row in own for value in row]),
    }


def check_number(check, got, expected, who, hint=""):
    """A number near the expected one, or None where that is None."""
    if expected is None:
        check.equal(got, None, who=who, hint=hint or "a mean of nothing is None")
    elif expected == 0:
        fine = type(got) in (int, float) and abs(got) < 1e-9
        check.that(fine, f"{who} is not what it should be. {hint}")
    else:
        check.close(got, expected, rtol=1e-4, who=who, hint=hint)


def check_log(drivers, check, arguments, hint=""):
    """Everything that was asked to be kept is there and right; more may be kept."""
    examples, means = known(*arguments)
    found = drivers.log_generations(*arguments)
    got = found["returned"]
    check.that(isinstance(got, dict), f"{WHO} returned a {type(got).__name__}; expected a dict")
    check.that(
        isinstance(got["examples"], list) and len(got["examples"]) == len(examples),
        f"{WHO} returned examples that are no list of {len(examples)}",
    )
    for place, (one, right) in enumerate(zip(got["examples"], examples, strict=True)):
        check.that(isinstance(one, dict), f"{WHO} returned example {place} as {type(one).__name__}; expected a dict")
        for key in ("prompt", "response", "ground_truth", "length"):
            check.equal(one[key], right[key], who=f"{WHO}, {key} of example {place},", hint=hint)
        for key in (*REWARDS, "mean_token_entropy"):
            check_number(check, one[key], right[key], f"{WHO}, {key} of example {place},", hint)
    for key in MEANS:
        check_number(check, got[key], means[key], f"{WHO}, {key},", hint)
    pairs = sorted(map(list, zip(arguments[1], arguments[2], strict=True)))
    fits = isinstance(found["calls"], list) and sorted(found["calls"]) == pairs
    check.that(fits, f"{WHO} asked for other rewards than one of each response with its own truth")


def without_rows():
    """No generations at all."""
    return [], [], [], [], torch.zeros(0, 5), []
