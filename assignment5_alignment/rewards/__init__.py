"""Rewards that a program can check: the form of a response, and whether its answer is right.

`r1_zero_reward` and `question_only_reward` take a response and the right answer; `grade` compares two answers exactly, as
numbers where both are numbers. `SymbolicGrader` compares formulas with the library math-verify, in a process that a clock
ends. Not covered: partial credit, and answers in words ("three").
"""

from assignment5_alignment.rewards.answers import grade
from assignment5_alignment.rewards.formats import boxed_answer, question_only_reward, r1_zero_reward, tagged_answer
from assignment5_alignment.rewards.symbolic import SymbolicGrader, SymbolicGraderMissingError

__all__ = [
    "SymbolicGrader",
    "SymbolicGraderMissingError",
    "boxed_answer",
    "grade",
    "question_only_reward",
    "r1_zero_reward",
    "tagged_answer",
]
