"""The answer that is meant, out of what a model wrote."""

from typing import Any


def parse_mmlu_response(mmlu_example: dict[str, Any], model_output: str) -> str | None:
    """The letter that `model_output` gives as its answer to a question with choices, or None.

    `mmlu_example["options"]` are the choices; the first is A, the second B, and so on. Only their letters count, only as
    capitals, and only where neither a letter or digit follows, nor an apostrophe and then a letter. The answer is, in this order:

    1. the letter of the last place that says "answer is" or "answer:", in whichever case, and then, after nothing but
       white space, brackets, quotes, colons and asterisks, the letter;
    2. the letter, where the output has nothing else but white space and the marks ( ) [ ] " ' * . :
    3. the letter at the beginning, after nothing but white space, brackets and asterisks, where ), ], . or : follows.
    """
    raise NotImplementedError("mmlu_baseline: write parse_mmlu_response in assignment5_alignment/parsing.py")


def parse_gsm8k_response(model_output: str) -> str | None:
    """The last number in `model_output`, as it is written there but without its commas; None where there is none.

    A number is digits, maybe with commas between groups of three, and maybe a point with digits after it. A minus before it
    belongs to it, unless a letter, a digit or a closing bracket stands before the minus.
    """
    raise NotImplementedError("gsm8k_baseline: write parse_gsm8k_response in assignment5_alignment/parsing.py")
