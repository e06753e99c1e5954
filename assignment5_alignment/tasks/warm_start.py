"""Makes the policies that learning starts from: trained on responses of which most are wrong in one way or another.

A right answer is by far more frequent than any wrong one, so such a policy "knows" it and yet says it seldom: what is left to
reinforcement learning is to tell which of its own answers were good. Not covered: the same bytes on every machine; the
order of sums in a matrix product differs between processors. A test says how good the stored ones are.
"""

import random
from collections.abc import Callable
from functools import cache

import torch
from torch.nn import functional as F
from transformers import GPT2LMHeadModel

from assignment5_alignment.tasks import countdown
from assignment5_alignment.tasks.policy import new_policy
from assignment5_alignment.tasks.problems import DIGITS, LETTERS, Name, Task, answers, task
from assignment5_alignment.tasks.vocabulary import ids_of

BATCH, PEAK_RATE = 128, 5e-3
RIGHT = {"addition": 0.5, "countdown": 0.5, "reversal": 0.35, "digits": 0.4}
"""The share of right answers among the responses that it is trained on; the rest are of the same form, and wrong."""

STEPS = {"addition": 900, "countdown": 1600, "reversal": 700, "digits": 500}
BROKEN = 0.2
"""The share of responses whose form earns nothing."""


def warm_start(name: Name, seed: int, progress: Callable[[int], None] = lambda step: None) -> GPT2LMHeadModel:
    """A new policy for the task `name`, trained on all of its problems; `progress` is called with each step's number."""
    problems, chance, encode = task(name), random.Random(seed), cache(ids_of)
    pairs = list(zip(problems.prompts, problems.ground_truths, strict=True))
    pairs += list(zip(problems.validation_prompts, problems.validation_truths, strict=True))
    policy = new_policy(seed).train()
    optimizer = torch.optim.AdamW(policy.parameters(), lr=PEAK_RATE, weight_decay=0.01)
    steps = STEPS[name]
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = PEAK_RATE * min(step / 50, (steps - step + 1) / steps)
        chosen = [chance.choice(pairs) for _ in range(BATCH)]
        rows = [(encode(p), encode(response_to(problems, t, chance))) for p, t in chosen]
        loss = _loss(policy, rows)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        progress(step)
    return policy.eval()


def response_to(problems: Task, truth: str, chance: random.Random) -> str:
    """A response of the kind that the policy learns from."""
    name = problems.name
    right = chance.random() < RIGHT[name]
    answer = right_answer(name, truth, chance) if right else wrong_answer(name, truth, chance)
    if chance.random() >= BROKEN:
        return f"</think> <answer>{answer}</answer>"
    return chance.choice(
        [f"<answer>{answer}</answer>", f"</think><answer>{answer}</answer>", f"</think> {answer}</answer>"]
    )


def right_answer(name: Name, truth: str, chance: random.Random) -> str:
    """One of the right answers; nothing is drawn where there is one alone."""
    right = answers(name, truth)
    return right[0] if len(right) == 1 else chance.choice(right)


def wrong_answer(name: Name, truth: str, chance: random.Random) -> str:
    """One of the same form that is drawn without a look at the problem; by chance it may be right."""
    if name == "addition":
        return str(chance.randrange(19))
    if name == "countdown":
        return countdown.guess(truth, chance)
    return "".join(chance.choice(LETTERS if name == "reversal" else DIGITS) for _ in truth)


def _loss(policy: GPT2LMHeadModel, rows: list[tuple[list[int], list[int]]]) -> torch.Tensor:
    """The mean over rows of the loss of a response's tokens, given the prompt's."""
    longest = max(len(prompt) + len(response) for prompt, response in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.int64)
    labels = torch.full_like(ids, -100)
    for number, (prompt, response) in enumerate(rows):
        whole = torch.tensor(prompt + response)
        ids[number, : len(whole)] = whole
        labels[number, len(prompt) : len(whole)] = whole[len(prompt) :]
    logits = policy(input_ids=ids[:, :-1]).logits
    return F.cross_entropy(logits.transpose(1, 2), labels[:, 1:], ignore_index=-100)
