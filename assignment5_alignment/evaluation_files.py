"""Outputs of a model as files that other people's judges read."""

import os
from typing import Any


def write_alpaca_eval(
    examples: list[dict[str, Any]], outputs: list[str], generator: str, path: str | os.PathLike
) -> None:
    """Write one JSON array to `path`, with one object an example: "instruction", "output", "generator" and "dataset".

    Instruction and dataset are those of the example, output and generator the model's.

    Raises:
        ValueError: there are not as many outputs as examples; nothing has been written then.
    """
    raise NotImplementedError("safety_formats: write write_alpaca_eval in assignment5_alignment/evaluation_files.py")


def write_sst(examples: list[dict[str, Any]], outputs: list[str], path: str | os.PathLike) -> None:
    """Write one JSON object a line to `path`, one an example: its "prompts_final", and the model's "output".

    Raises:
        ValueError: there are not as many outputs as examples; nothing has been written then.
    """
    raise NotImplementedError("safety_formats: write write_sst in assignment5_alignment/evaluation_files.py")
