"""Python source as a string of one character a token: what stays when names, comments and layout change.

copydetect has a filter of its own. This one differs in what matters here: docstrings and the texts of numbers go, a
keyword weighs as much as a name (so a window of k is k tokens, not k letters), and each token knows its line, where
copydetect's offsets are wrong after a class's name.
"""

import builtins
import keyword
from collections.abc import Iterator

from pygments import token
from pygments.lexers import PythonLexer

NAME, NUMBER, STRING, UNKNOWN = "V", "N", "S", "E"
WORDS = {
    word: chr(0x100 + at)
    for at, word in enumerate(sorted({*keyword.kwlist, *(name for name in dir(builtins) if name.islower())}))
}
"""Words that keep their identity, each as one character: no renaming changes them."""

PASSED_OVER = (token.Text, token.Comment, token.String.Doc)


def tokenized(code: str) -> tuple[str, list[int]]:
    """The tokens of `code`, and the line, from 1, that each begins on. Whatever `code` is, there is an answer."""
    tokens: list[str] = []
    lines: list[int] = []
    in_string = False
    for kind, text, line in _lexed(code):
        one = _character(kind, text)
        string, in_string = in_string, one == STRING
        if one and not (string and in_string):  # a string is many tokens to pygments: prefix, quotes, escapes
            tokens.append(one)
            lines += [line] * len(one)
    return "".join(tokens), lines


def split_lines(code: str) -> list[str]:
    """The lines of `code`, counted as `tokenized` counts them."""
    return code.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _lexed(code: str) -> Iterator[tuple[object, str, int]]:
    line = 1
    for _, kind, text in PythonLexer().get_tokens_unprocessed("\n".join(split_lines(code))):
        yield kind, text, line
        line += text.count("\n")


def _character(kind: object, text: str) -> str:
    if text == ";" or any(kind in passed for passed in PASSED_OVER):  # a semicolon is a line's end, and those go
        return ""
    if kind in token.Name.Builtin.Pseudo:  # self, cls: names like others
        return NAME
    if kind in token.Keyword or kind in token.Operator.Word or kind in token.Name.Builtin:
        return WORDS.get(text, NAME)
    if kind in token.Name:
        return NAME
    if kind in token.Number:
        return NUMBER
    if kind in token.String:
        return STRING
    return UNKNOWN if kind in token.Error else text
