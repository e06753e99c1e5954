"""The answer that is meant, out of what a model wrote."""

import re
from typing import Any

_ALONE = r"(?!\w|['’]\w)"
_NUMBER = re.compile(r"(?:(?<![\w)\]}])-)?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?")


def parse_mmlu_response(mmlu_example: dict[str, Any], model_output: str) -> str | None:
    """The letter that `model_output` gives as its answer to a question with choices, or None.

    `mmlu_example["options"]` are the choices; the first is A, the second B, and so on. Only their letters count, only as
    capitals, and only where neither a letter or digit follows, nor an apostrophe and then a letter. The answer is, in this order:

    1. the letter of the last place that says "answer is" or "answer:", in whichever case, and then, after nothing but
       white space, brackets, quotes, colons and asterisks, the letter;
    2. the letter, where the output has nothing else but white space and the marks ( ) [ ] " ' * . :
    3. the letter at the beginning, after nothing but white space, brackets and asterisks, where ), ], . or : follows.
    """
    letters = f"[{''.join(chr(ord('A') + place) for place in range(len(mmlu_example['options'])))}]"
    said = re.findall(rf"(?i:answer is|answer:)[\s()\[\]\"':*]*({letters}){_ALONE}", model_output)
    if said:
        return said[-1]
    only = re.fullmatch(rf"[\s()\[\]\"'*.:]*({letters})[\s()\[\]\"'*.:]*", model_output)
    first = re.match(rf"[\s()\[\]*]*({letters})[)\].:]", model_output)
    found = only or first
    return found[1] if found else None


def parse_gsm8k_response(model_output: str) -> str | None:
    """The last number in `model_output`, as it is written there but without its commas; None where there is none.

    A number is digits, maybe with commas between groups of three, and maybe a point with digits after it. A minus before it
    belongs to it, unless a letter, a digit or a closing bracket stands before the minus.
    """
    numbers = _NUMBER.findall(model_output)
    return numbers[-1].replace(",", "") if numbers else None
