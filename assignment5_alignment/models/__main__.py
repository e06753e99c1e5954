"""`python -m assignment5_alignment.models --out DIR` makes the small models and tokenizers."""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from assignment5_alignment.models import files, parameters, tokenizers


def main(arguments: list[str] | None = None) -> None:
    """Makes the small models and tokenizers, a folder each, and says whether they are as shipped."""
    parser = argparse.ArgumentParser(prog="python -m assignment5_alignment.models", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the folders; made if need be")
    out = parser.parse_args(arguments).out
    for name in parameters.CONFIGS:
        write_model(name, out / name)
    for name in tokenizers.CONFIGS:
        write_tokenizer(name, out / name)
    for made in sorted(file for file in out.glob("tiny-*/*") if file.is_file()):
        shipped = files.path(made.parent.name) / made.name
        same = shipped.is_file() and shipped.read_bytes() == made.read_bytes()
        print(f"{made}: {made.stat().st_size} bytes, {'as shipped' if same else 'other bytes than the shipped one'}")


def write_model(name: str, folder: Path) -> None:
    """`config.json` and `model.safetensors` of the model `name`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / "config.json", parameters.CONFIGS[name])
    tensors = {key: torch.from_numpy(value) for key, value in parameters.make(name).items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def write_tokenizer(name: str, folder: Path) -> None:
    """`tokenizer.json` and `tokenizer_config.json` of the tokenizer `name`."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizers.train(name).save(str(folder / "tokenizer.json"), pretty=False)
    kind = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    _write_json(folder / "tokenizer_config.json", kind | tokenizers.CONFIGS[name])


def _write_json(file: Path, content: dict[str, object]) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
