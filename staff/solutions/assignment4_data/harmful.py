"""Pages that a model should not learn from."""

from functools import cache

import fasttext

from assignment4_data.models import path

LABEL = "__label__"


def classify_nsfw(text: str) -> tuple[str, float]:
    """ "nsfw" or "non-nsfw", and the probability of that label."""
    return _classify("nsfw", text)


def classify_toxic_speech(text: str) -> tuple[str, float]:
    """ "toxic" or "non-toxic", and the probability of that label."""
    return _classify("toxic", text)


def _classify(name: str, text: str) -> tuple[str, float]:
    # The model takes one line at a time, and its softmax table may end a little above 1.
    labels, scores = _model(name).predict(text.replace("\n", " "))
    return labels[0].removeprefix(LABEL), min(1.0, float(scores[0]))


@cache
def _model(name: str) -> fasttext.FastText._FastText:
    return fasttext.load_model(str(path(name)))
