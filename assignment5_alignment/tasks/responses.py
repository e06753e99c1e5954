"""What a response of a toy task looks like, and the reward of those whose answer is spelled in one way.

A prompt ends where the thinking begins; a good response closes it and answers between tags::

    7+5=<think>                         </think> <answer>12</answer>

Thinking is allowed, and worth nothing by itself: a reward looks at the tags and at the answer.
"""

import re

STOP = "</answer>"

_RESPONSE = re.compile(r"[^<]*</think> <answer>([^<]*)</answer>")


def answer_of(response: str) -> str | None:
    """What stands between the tags of a response that is nothing but thinking, its end, one space and an answer."""
    match = _RESPONSE.fullmatch(response)
    return None if match is None else match[1]


def exact_reward(response: str, ground_truth: str) -> dict[str, float]:
    """1 for the form, 1 for the answer as it is spelled, and as the whole reward 1 for both."""
    answer = answer_of(response)
    return rewards(formed=answer is not None, right=answer == ground_truth)


def rewards(formed: bool, right: bool) -> dict[str, float]:
    """The three rewards of a response; a right answer is in the right form."""
    return {"reward": float(right), "format_reward": float(formed), "answer_reward": float(right)}
