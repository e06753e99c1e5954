"""Two forms of a response: thoughts and an answer in tags, and an answer in a box."""

import re
from collections.abc import Callable

from assignment5_alignment.rewards.answers import grade

Equal = Callable[[str, str], bool]
"""Whether an answer is the right one: `grade`, or the method `equal` of a `SymbolicGrader`."""

_STRICT = re.compile(
    r"(?:(?!</think>|</?answer>).)*</think> <answer>((?:(?!</think>|</?answer>).)*)</answer>\s*", re.DOTALL
)
_BETWEEN = re.compile(r"</think>\s*<answer>")


def r1_zero_reward(
    response: str, ground_truth: str, lenient_tags: bool = False, equal: Equal = grade
) -> dict[str, float]:
    """Rewards of a response that is to think first, and then answer in tags; see `tagged_answer` for its form."""
    return _rewards(tagged_answer(response, lenient_tags), ground_truth, equal)


def question_only_reward(response: str, ground_truth: str, equal: Equal = grade) -> dict[str, float]:
    """Rewards of a response that is to have its answer in a box; see `boxed_answer`."""
    return _rewards(boxed_answer(response), ground_truth, equal)


def tagged_answer(response: str, lenient: bool = False) -> str | None:
    """What stands in the answer tags; None where the response has another form.

    The form is `… </think> <answer>…</answer>`: one space between the tags, each tag once, so that nobody answers twice, and
    nothing but white space at the end. The lenient form has any white space there, takes the first answer, and lets text
    follow. A `\\boxed{}` around all of the answer is taken off.
    """
    answer = _between_tags(response) if lenient else _strictly_between_tags(response)
    if answer is not None and answer.startswith(r"\boxed{") and answer.endswith("}"):
        return boxed_answer(answer)
    return answer


def _strictly_between_tags(response: str) -> str | None:
    match = _STRICT.fullmatch(response)
    return match and match[1].strip()


def _between_tags(response: str) -> str | None:
    """By search, not by one pattern: that would look for the end anew from every beginning."""
    begin = _BETWEEN.search(response)
    end = response.find("</answer>", begin.end()) if begin else -1
    return response[begin.end() : end].strip() if begin and end >= 0 else None


def boxed_answer(response: str) -> str | None:
    """What stands in the last `\\boxed{…}`, braces within it among it; None where there is none, or it is never closed."""
    start = response.rfind(r"\boxed{")
    if start < 0:
        return None
    start += len(r"\boxed{")
    depth = 1
    for place in range(start, len(response)):
        depth += {"{": 1, "}": -1}.get(response[place], 0)
        if not depth:
            return response[start:place].strip()
    return None


def _rewards(answer: str | None, ground_truth: str, equal: Equal) -> dict[str, float]:
    right = float(answer is not None and equal(answer, ground_truth))
    return {"reward": right, "format_reward": float(answer is not None), "answer_reward": right}
