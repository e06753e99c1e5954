"""Texts to measure with: generated stories, made once a run and kept in its folder.

`plain` stories choose from few words, as stories for children do: nearly every word is one token of the vocabulary.
`rich` ones choose from twenty thousand, as the web does.
"""

from pathlib import Path

from assignment1_basics.tests.story_corpus import END, stories

SEED = 336
KINDS = {"plain": 1_500, "rich": 20_000}
SPECIAL_TOKENS = [END]


def story_file(folder: Path, characters: int, kind: str) -> Path:
    """A file of at least so many characters."""
    path = folder / f"stories_{kind}_{characters}.txt"
    if not path.is_file():
        text = stories(SEED, characters, lexicon=KINDS[kind])
        path.write_text(text, encoding="utf-8", newline="\n")
    return path
