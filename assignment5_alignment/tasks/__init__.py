"""Toy tasks with rewards that can be checked: what reinforcement learning needs, small enough for one processor.

A task gives prompts, true answers and a reward; a small policy that was trained on answers of which many are wrong is
where learning starts. `task("addition")`, `tokenizer()`, `start("addition")`. Not covered: problems that are
hard for anybody; what is to be seen here is whether a training loop learns.
"""

from assignment5_alignment.tasks.policy import new_policy, policy_of, start, start_weights, weights_of
from assignment5_alignment.tasks.problems import NAMES, Name, Task, answers, task
from assignment5_alignment.tasks.responses import STOP
from assignment5_alignment.tasks.vocabulary import ids_of, tokenizer

__all__ = [
    "NAMES",
    "STOP",
    "Name",
    "Task",
    "answers",
    "ids_of",
    "new_policy",
    "policy_of",
    "start",
    "start_weights",
    "task",
    "tokenizer",
    "weights_of",
]
