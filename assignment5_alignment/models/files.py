"""Where the small models and tokenizers lie, and how these and real ones are loaded: one code for both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from assignment5_alignment.models.parameters import CONFIGS as MODELS
from assignment5_alignment.models.tokenizers import CONFIGS as TOKENIZERS

_TIED = "lm_head.weight"
"""Part of a model's state where it shares its values with the embedding; files have it once, under the other name."""


class ModelMissingError(Exception):
    """There is no model, or no tokenizer, of this name or in this folder; the message says what there is."""


def path(name: str) -> Path:
    """The folder of a small model or tokenizer.

    Raises:
        ModelMissingError: there is none of this name.
    """
    if name not in (*MODELS, *TOKENIZERS):
        raise ModelMissingError(f"there is nothing called {name!r}; there are {', '.join((*MODELS, *TOKENIZERS))}")
    return Path(__file__).parent / name


def tokenizer(name: str) -> Any:
    """A new object of the small tokenizer "tiny-llama3-like" or "tiny-qwen-like"."""
    return load_tokenizer(path(name))


def causal_lm(name: str, weights: dict[str, Tensor] | None = None) -> torch.nn.Module:
    """A new object of the small model "tiny-gpt2" or "tiny-qwen2", in float32 and evaluation mode.

    `weights` take the place of the shipped ones: all of those that `weights(name)` has, by the same names.

    Raises:
        ModelMissingError: there is no such model.
        ValueError: the weights are not those of this model; the message names the first that is missing or too many.
    """
    model = load_model(path(name))
    if weights is not None:
        known = set(model.state_dict()) - {_TIED}
        for names, fact in ((known - set(weights), "lack"), (set(weights) - known, "have, and should not,")):
            if names:
                raise ValueError(f"{name}: the weights {fact} {min(names)!r}")
        model.load_state_dict(weights, strict=False)
    return model


def weights(name: str) -> dict[str, Tensor]:
    """The shipped weights of a small model, by the names that Hugging Face gives them."""
    return load_file(path(name) / "model.safetensors")


def load(folder: str | Path) -> tuple[torch.nn.Module, Any]:
    """Model and tokenizer from a folder in Hugging Face's format, of any size, in float32; nothing is downloaded.

    Raises:
        ModelMissingError: the folder has no model, or no tokenizer.
    """
    return load_model(Path(folder)), load_tokenizer(Path(folder))


def load_model(folder: Path) -> torch.nn.Module:
    """The causal language model in `folder`, in float32 and evaluation mode."""
    from transformers import AutoModelForCausalLM  # takes seconds to import, and not all who load weights need it

    _demand(folder / "config.json", "a model")
    with _no_progress_bar():
        return AutoModelForCausalLM.from_pretrained(folder, local_files_only=True).float().eval()


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer in `folder`, as its file `tokenizer.json` says.

    Not the class that the kind of model beside it would have: some of those replace parts of what the file says.
    """
    from transformers import PreTrainedTokenizerFast  # the same

    for name in ("tokenizer.json", "tokenizer_config.json"):
        _demand(folder / name, "a tokenizer")
    return PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """Loading says nothing: a worker's output is limited, and a learning run's is to be read."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _demand(file: Path, what: str) -> None:
    if not file.is_file():
        raise ModelMissingError(f"{file.parent}: expected the folder of {what}, with a file {file.name}")
