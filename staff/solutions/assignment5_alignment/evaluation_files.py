"""Outputs of a model as files that other people's judges read."""

import json
import os
from pathlib import Path
from typing import Any


def write_alpaca_eval(
    examples: list[dict[str, Any]], outputs: list[str], generator: str, path: str | os.PathLike
) -> None:
    """Write one JSON array to `path`, with one object an example: "instruction", "output", "generator" and "dataset".

    Raises:
        ValueError: there are not as many outputs as examples; nothing has been written then.
    """
    _check(examples, outputs)
    rows = [
        {
            "instruction": example["instruction"],
            "output": output,
            "generator": generator,
            "dataset": example["dataset"],
        }
        for example, output in zip(examples, outputs, strict=True)
    ]
    Path(path).write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def write_sst(examples: list[dict[str, Any]], outputs: list[str], path: str | os.PathLike) -> None:
    """Write one JSON object a line to `path`, one an example: its "prompts_final", and the model's "output".

    Raises:
        ValueError: there are not as many outputs as examples; nothing has been written then.
    """
    _check(examples, outputs)
    lines = [
        json.dumps({"prompts_final": example["prompts_final"], "output": output})
        for example, output in zip(examples, outputs, strict=True)
    ]
    Path(path).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _check(examples: list[dict[str, Any]], outputs: list[str]) -> None:
    if len(examples) != len(outputs):
        raise ValueError(f"there are {len(outputs)} outputs; expected one for each of {len(examples)} examples")
