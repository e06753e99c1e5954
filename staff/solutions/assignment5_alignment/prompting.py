"""What a model can do before it is trained: prompts from templates, right answers from a data set, and a first count."""

import re
from collections.abc import Callable

PLACE = "{question}"
CATEGORIES = ((1, 1), (1, 0), (0, 0))
_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?")


def format_prompt(template: str, question: str) -> str:
    """`template` with `question` wherever it says `{question}`; every other character of both stays as it is.

    Raises:
        ValueError: the template has no place for a question.
    """
    if PLACE not in template:
        raise ValueError(f"the template has no place for a question; expected {PLACE} somewhere in it")
    return template.replace(PLACE, question)


def extract_gsm8k_answer(answer: str) -> str | None:
    """The right answer in a solution of the data set GSM8K: the first number after the last `####`, or None.

    A number is digits, maybe with a minus before, a point and digits after, and commas between groups of three digits.
    It is returned as it is written, without the commas.
    """
    _, mark, end = answer.rpartition("####")
    number = _NUMBER.search(end) if mark else None
    return number[0].replace(",", "") if number else None


def reward_categories(
    responses: list[str], ground_truths: list[str], reward_fn: Callable[[str, str], dict[str, float]]
) -> tuple[int, int, int]:
    """How many responses have a format reward and an answer reward of (1, 1), of (1, 0) and of (0, 0).

    `reward_fn(response, ground_truth)` is called once for each response, and returns "reward", "format_reward" and
    "answer_reward".

    Raises:
        ValueError: there are not as many ground truths as responses, or a response has other rewards than these three.
    """
    if len(responses) != len(ground_truths):
        raise ValueError(f"{len(responses)} responses and {len(ground_truths)} ground truths; expected as many")
    counts = dict.fromkeys(CATEGORIES, 0)
    for response, truth in zip(responses, ground_truths, strict=True):
        rewards = reward_fn(response, truth)
        category = (rewards["format_reward"], rewards["answer_reward"])
        if category not in counts:
            raise ValueError(f"a response has the format and answer rewards {category}; expected one of {CATEGORIES}")
        counts[category] += 1
    right, formatted, neither = counts.values()
    return right, formatted, neither
