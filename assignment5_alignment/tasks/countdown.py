"""Countdown: three numbers and a target; wanted is an expression of these numbers, each used once, with that value.

    1,4,6=10?<think>                    </think> <answer>4x1+6</answer>

Most problems have several right answers, so nothing can be compared with one text: the ground truth is one of them, from
which the reward reads which numbers and which value are wanted.
"""

import random
from functools import cache
from itertools import combinations, permutations, product

from assignment5_alignment.tasks.expressions import OPERATORS, read
from assignment5_alignment.tasks.responses import answer_of, rewards

LARGEST = 6
HOW_MANY = 3


def problems() -> list[tuple[str, str]]:
    """(prompt, ground truth) of every set of different numbers and every whole target above 0 that can be had of it."""
    found = {}
    for numbers in combinations(range(1, LARGEST + 1), HOW_MANY):
        for text in _written(numbers):
            target = read(text).value
            if target > 0 and target.denominator == 1:
                prompt = f"{','.join(map(str, numbers))}={target}?<think>"
                found.setdefault(prompt, text)
    return list(found.items())


def countdown_reward(response: str, ground_truth: str) -> dict[str, float]:
    """1 for the form; 1 for an answer that uses the truth's numbers, each once, and has exactly its value.

    Raises:
        ValueError: the ground truth is no expression.
    """
    wanted = read(ground_truth)
    if wanted is None:
        raise ValueError(f"the ground truth {ground_truth!r} is no expression")
    answer = answer_of(response)
    got = None if answer is None else read(answer)
    right = got is not None and (sorted(got.numbers), got.value) == (sorted(wanted.numbers), wanted.value)
    return rewards(formed=answer is not None, right=right)


@cache
def solutions(ground_truth: str) -> tuple[str, ...]:
    """Every right answer to the problem of this ground truth, in a fixed order."""
    wanted = read(ground_truth)
    return tuple(text for text in _written(wanted.numbers) if read(text).value == wanted.value)


def guess(ground_truth: str, chance: random.Random) -> str:
    """The numbers in any order with any operators between them; by chance it may be right."""
    numbers = read(ground_truth).numbers
    shuffled = chance.sample(numbers, len(numbers))
    return str(shuffled[0]) + "".join(f"{chance.choice(OPERATORS)}{number}" for number in shuffled[1:])


def _written(numbers: tuple[int, ...]) -> list[str]:
    """Every expression that uses all of `numbers` once. None of them is 0, so each has a value."""
    return [
        str(order[0]) + "".join(operator + str(number) for operator, number in zip(operators, order[1:], strict=True))
        for order in permutations(sorted(numbers))
        for operators in product(OPERATORS, repeat=len(numbers) - 1)
    ]
