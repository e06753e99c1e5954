"""Pages that a model should not learn from."""


def classify_nsfw(text: str) -> tuple[str, float]:
    """ "nsfw" or "non-nsfw", and the probability of that label."""
    raise NotImplementedError("harmful_content: write classify_nsfw in assignment4_data/harmful.py")


def classify_toxic_speech(text: str) -> tuple[str, float]:
    """ "toxic" or "non-toxic", and the probability of that label."""
    raise NotImplementedError("harmful_content: write classify_toxic_speech in assignment4_data/harmful.py")
