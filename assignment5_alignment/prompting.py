"""What a model can do before it is trained: prompts from templates, right answers from a data set, and a first count."""

from collections.abc import Callable


def format_prompt(template: str, question: str) -> str:
    """`template` with `question` wherever it says `{question}`; every other character of both stays as it is.

    Raises:
        ValueError: the template has no place for a question.
    """
    raise NotImplementedError("prompting_baselines: write format_prompt in assignment5_alignment/prompting.py")


def extract_gsm8k_answer(answer: str) -> str | None:
    """The right answer in a solution of the data set GSM8K: the first number after the last `####`, or None.

    A number is digits, maybe with a minus before, a point and digits after, and commas between groups of three digits.
    It is returned as it is written, without the commas.
    """
    raise NotImplementedError("prompting_baselines: write extract_gsm8k_answer in assignment5_alignment/prompting.py")


def reward_categories(
    responses: list[str], ground_truths: list[str], reward_fn: Callable[[str, str], dict[str, float]]
) -> tuple[int, int, int]:
    """How many responses have a format reward and an answer reward of (1, 1), of (1, 0) and of (0, 0).

    `reward_fn(response, ground_truth)` is called once for each response, and returns "reward", "format_reward" and
    "answer_reward".

    Raises:
        ValueError: there are not as many ground truths as responses, or a response has other rewards than these three.
    """
    raise NotImplementedError("prompting_baselines: write reward_categories in assignment5_alignment/prompting.py")
