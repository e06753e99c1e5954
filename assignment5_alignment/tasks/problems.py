"""Four families of problems: the sum of two digits, a target made of three numbers, a word backwards, and digits backwards.

A prompt ends where the thinking begins; a good response closes it and answers between tags::

    7+5=<think>                         </think> <answer>12</answer>
    1,4,6=10?<think>                    </think> <answer>4x1+6</answer>
    abed?<think>                        </think> <answer>deba</answer>
    4719?<think>                        </think> <answer>9174</answer>

Of the last there are more than the task shows, and the leaderboard asks for the rest. Thinking is allowed, and worth nothing
by itself: a reward looks at the tags and at the answer.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Literal

from assignment5_alignment.tasks import countdown
from assignment5_alignment.tasks.responses import exact_reward

Name = Literal["addition", "countdown", "reversal", "digits"]
NAMES: tuple[Name, ...] = ("addition", "countdown", "reversal", "digits")
LETTERS, DIGITS = "abde", "123456789"
SHOWN = 1200
"""Problems with digits in the task, of 6480."""

SPLIT_SEED = 8
"""Which problems are held out is the same for everybody."""


@dataclass(frozen=True)
class Task:
    """Problems to learn from, problems to measure on, and the reward. No prompt is among both."""

    name: Name
    prompts: tuple[str, ...]
    ground_truths: tuple[str, ...]
    validation_prompts: tuple[str, ...]
    validation_truths: tuple[str, ...]
    reward_fn: Callable[[str, str], dict[str, float]]
    max_tokens: int


def task(name: Name) -> Task:
    """The task called `name`.

    Raises:
        ValueError: there is none of that name; the message names those that there are.
    """
    if name not in NAMES:
        raise ValueError(f"no task is called {name!r}; expected one of {', '.join(NAMES)}")
    families = {
        "addition": _additions,
        "countdown": countdown.problems,
        "reversal": partial(reversals, LETTERS),
        "digits": partial(reversals, DIGITS),
    }
    problems = families[name]()
    random.Random(SPLIT_SEED).shuffle(problems)
    if name == "digits":
        del problems[SHOWN:]
    held_out = len(problems) // 4
    validation, train = problems[:held_out], problems[held_out:]
    return Task(
        name,
        tuple(prompt for prompt, _ in train),
        tuple(truth for _, truth in train),
        tuple(prompt for prompt, _ in validation),
        tuple(truth for _, truth in validation),
        countdown.countdown_reward if name == "countdown" else exact_reward,
        max_tokens=12,
    )


def answers(name: Name, ground_truth: str) -> tuple[str, ...]:
    """Every right answer to the problem of the task `name` that has this ground truth."""
    return countdown.solutions(ground_truth) if name == "countdown" else (ground_truth,)


def _additions() -> list[tuple[str, str]]:
    return [(f"{a}+{b}=<think>", str(a + b)) for a, b in product(range(10), repeat=2)]


def reversals(characters: str) -> list[tuple[str, str]]:
    """Every prompt with four of the characters that are not the same backwards, and its answer."""
    words = ["".join(letters) for letters in product(characters, repeat=4)]
    return [(f"{word}?<think>", word[::-1]) for word in words if word != word[::-1]]
