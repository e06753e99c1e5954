"""What is in a crawl, looked at before anything is filtered."""

import os
from typing import Any

from assignment4_data.archives import iter_warc
from assignment4_data.harmful import classify_nsfw, classify_toxic_speech
from assignment4_data.language import identify_language
from assignment4_data.quality import classify_quality


def look_at_cc(path: os.PathLike) -> list[dict[str, Any]]:
    """What is said of each HTML response in the WARC file at `path`, in order."""
    return [_look(uri, text) for uri, text in iter_warc(path)]


def _look(uri: str, text: str) -> dict[str, Any]:
    language, _ = identify_language(text)
    # The other classifiers have learnt English: elsewhere what they say means nothing.
    known = language == "en"
    return {
        "uri": uri,
        "language": language,
        "words": len(text.split()),
        "nsfw": known and classify_nsfw(text)[0] == "nsfw",
        "toxic": known and classify_toxic_speech(text)[0] == "toxic",
        "wiki": known and classify_quality(text)[0] == "wiki",
    }
