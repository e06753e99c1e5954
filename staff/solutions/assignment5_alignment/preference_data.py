"""Comparisons of two responses, in the form of the data set HH (Bai et al. 2022)."""

import gzip
import json
import os
import re
from pathlib import Path

SOURCES = ("harmless-base", "helpful-base", "helpful-online", "helpful-rejection-sampled")
_TURN = re.compile(r"\n\n(Human|Assistant):")


def load_hh(directory: str | os.PathLike) -> list[dict[str, str]]:
    """The comparisons below `directory` in which there is one instruction and one response.

    Returns:
        one dict a comparison, with the texts "instruction", "chosen", "rejected" and "source", in the order of `SOURCES`,
        and of the lines in each file.
    """
    comparisons = []
    for source in SOURCES:
        path = Path(directory, f"{source}.jsonl.gz")
        if not path.is_file():
            continue
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                pair = json.loads(line)
                chosen, rejected = _single_turn(pair["chosen"]), _single_turn(pair["rejected"])
                if chosen is None or rejected is None or chosen[0] != rejected[0]:
                    continue
                comparisons.append(
                    {"instruction": chosen[0], "chosen": chosen[1], "rejected": rejected[1], "source": source}
                )
    return comparisons


def _single_turn(dialogue: str) -> tuple[str, str] | None:
    """Instruction and response of a dialogue that is nothing else, and in which neither is empty."""
    before, *parts = _TURN.split(dialogue)
    if before.strip() or parts[::2] != ["Human", "Assistant"]:
        return None
    instruction, response = (text.strip() for text in parts[1::2])
    return (instruction, response) if instruction and response else None
