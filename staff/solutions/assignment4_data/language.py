"""The main language of a text."""

from functools import cache

import fasttext

from assignment4_data.models import path

LABEL = "__label__"


def identify_language(text: str) -> tuple[str, float]:
    """The code of the main language of `text`, such as "en" or "zh", and how sure that is, from 0 to 1."""
    # The model takes one line at a time, and its softmax table may end a little above 1.
    labels, scores = _model().predict(text.replace("\n", " "))
    return labels[0].removeprefix(LABEL), min(1.0, float(scores[0]))


@cache
def _model() -> fasttext.FastText._FastText:
    return fasttext.load_model(str(path("language")))
