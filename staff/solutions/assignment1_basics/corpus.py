"""Stories from a grammar: a corpus to train on where there is none. Given code, nothing to write here.

`python -m assignment1_basics.corpus --out stories.txt --characters 2000000 --seed 1`

A story keeps to its hero, whose name is made up for it, and to the thing that was lost, so a model has something to
remember over a hundred tokens; its sentences vary, so there is something to learn between letters and plot. The text
is a function of the seed alone. Not covered: surprise. For real text see the handout.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

END = "<|endoftext|>"

ONSETS = (*"BDFGKLMNPRSTVW", "Br", "Dr", "Fl", "Gr", "Pl", "St", "Tr")
MIDDLES = ("ala", "ami", "eno", "ero", "iba", "ilo", "ora", "osti", "umo", "uni", "embe", "inda")
ENDINGS = ("", "n", "l", "r", "s", "ra", "lin", "do", "ka", "mis")
BEASTS = ("an old badger", "a grey heron", "a small fox", "a sleepy owl", "a quick otter", "a kind goose")
PLACES = ("by the river", "in the green valley", "under the tall pines", "at the edge of the moor", "near the old mill")
COLOURS = ("red", "blue", "grey", "yellow", "silver", "wooden", "tiny", "heavy", "broken", "shiny", "striped", "old")
THINGS = (
    *("lantern", "kite", "bell", "boat", "scarf", "cup", "drum", "key", "ladder", "basket", "whistle", "button"),
    *("hat", "spoon", "wheel", "ribbon", "marble", "candle", "flute", "glove", "ring", "book", "rope", "ball"),
)
HIDING = ("under a flat stone", "in a hollow tree", "behind the barn", "between two roots", "on top of the gate")
WEATHER = (
    "The sun was warm",
    "It rained a little",
    "Snow lay on the hills",
    "The wind was loud",
    "Fog hung over the grass",
)
WORK = ("picked berries", "carried water", "counted clouds", "mended a fence", "baked bread", "swept the yard")
FEELINGS = ("sad", "worried", "angry", "tired", "lost")
JOYS = ("laughed", "danced", "sang a song", "jumped up and down", "clapped")
LESSONS = (
    "it is good to ask for help",
    "a friend sees what we do not",
    "those who look slowly find more",
    "what we share is never lost",
)


def story(source: random.Random) -> str:
    """One story: a thing is lost, somebody helps, it is found."""
    hero = "".join(source.choice(part) for part in (ONSETS, MIDDLES, ENDINGS))
    (she, her), beast = source.choice((("she", "her"), ("he", "his"))), source.choice(BEASTS)
    place, hidden = source.choice(PLACES), source.choice(HIDING)
    thing = f"{source.choice(COLOURS)} {source.choice(THINGS)}"
    short = beast.split()[-1]
    feeling, joy = source.choice(FEELINGS), source.choice(JOYS)
    sentences = [
        source.choice(
            (
                f"Once there was a child called {hero} who lived {place}.",
                f"{hero} lived {place}.",
                f"Long ago, {place}, there lived a child whose name was {hero}.",
            )
        ),
        f"{she.capitalize()} had {_article(thing)} {thing}, and {she} loved it more than anything.",
        *(
            f"{source.choice(('Every day', 'In the morning', 'After lunch'))} {hero} {work}."
            for work in source.sample(WORK, source.randint(0, 2))
        ),
        f"{source.choice(WEATHER)}, and {hero} went out with {her} {thing}.",
        source.choice(
            (
                f"But when {she} came home, the {thing} was gone.",
                f"Then {she} fell asleep, and when {she} woke up {she} could not see the {thing}.",
            )
        ),
        f'"Where is my {thing}?" {source.choice(("cried", "asked", "said"))} {hero}. {she.capitalize()} was very {feeling}.',
    ]
    sentences += [f"{hero} looked {wrong}, but it was not there." for wrong in _elsewhere(source, hidden)]
    sentences += [
        f"Then {she} met {beast}.",
        f'"Why are you so {feeling}, {hero}?" asked the {short}.',
        f'"I have lost my {thing}," said {hero}.',
        source.choice(
            (f'"Let us look {hidden}," said the {short}.', f'The {short} thought for a while. "I saw it {hidden}."')
        ),
        f"They went there together, and {hidden} they found the {thing}.",
        f"{hero} {joy}, and the {short} {source.choice([each for each in JOYS if each != joy])}, too.",
        f"From that day on, {hero} and the {short} were friends.",
    ]
    if source.random() < 0.6:
        sentences.append(f"And {hero} knew: {source.choice(LESSONS)}.")
    breaks = {source.randrange(2, len(sentences)) for _ in range(2)}
    return "".join(("\n" if at in breaks else " " if at else "") + text for at, text in enumerate(sentences))


def _article(thing: str) -> str:
    return "an" if thing[0] in "aeiou" else "a"


def _elsewhere(source: random.Random, hidden: str) -> list[str]:
    """Up to two wrong places to look."""
    return source.sample([place for place in HIDING if place != hidden], source.randint(0, 2))


def stories(characters: int, seed: int) -> Iterator[str]:
    """Stories, each followed by END on a line of its own, until they have at least `characters` characters."""
    source = random.Random(seed)
    told = 0
    while told < characters:
        text = f"{story(source)}\n{END}\n"
        told += len(text)
        yield text


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="assignment1_basics.corpus", description="Write stories to a file.")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--characters", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with options.out.open("w", encoding="utf-8") as file:
        file.writelines(stories(options.characters, options.seed))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
