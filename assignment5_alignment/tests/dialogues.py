"""Dialogues in the form of the data set HH, and files of them."""

import gzip
import json

WHO = "run_load_hh"
SOURCES = ("harmless-base", "helpful-base", "helpful-online", "helpful-rejection-sampled")


def dialogue(*turns):
    """The turns in their form, the human's first."""
    return "".join(f"\n\n{('Human', 'Assistant')[place % 2]}: {text}" for place, text in enumerate(turns))


def pair(instruction, chosen, rejected):
    """One line's object with one turn of each."""
    return {"chosen": dialogue(instruction, chosen), "rejected": dialogue(instruction, rejected)}


def packed(objects):
    """A compressed file with one object a line, characters beyond ASCII as they are."""
    return gzip.compress("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects).encode(), mtime=0)


def kept(source, *texts):
    """What is to be returned of a comparison."""
    return dict(zip(("instruction", "chosen", "rejected"), texts, strict=True), source=source)


def check_loaded(check, drivers, files, expected):
    """Exactly the comparisons that are expected, in order."""
    found = drivers.load_hh(files)
    check.that(
        len(found) == len(expected),
        f"{WHO} returned {len(found)} comparisons; expected {len(expected)}, those of one instruction and one response each",
    )
    for number, (mine, theirs) in enumerate(zip(found, expected, strict=True)):
        check.equal(mine, theirs, who=f"{WHO}: comparison {number}:")
