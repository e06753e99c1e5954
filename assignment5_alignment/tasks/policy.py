"""The small policies of the toy tasks: two layers of GPT-2's kind, and where their weights come from.

`start(name)` is a policy that has seen a task's form and many wrong answers: it knows how to answer and seldom is sure.
The weights lie in `starts/`; `python -m assignment5_alignment.tasks` makes new ones. Not covered: dropout, which
would make every figure a matter of chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file
from torch import Tensor

from assignment5_alignment.tasks.problems import Name
from assignment5_alignment.tasks.vocabulary import TOKENS

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel  # takes seconds to import, and whoever asks for weights does not need it

STARTS = Path(__file__).resolve().parent / "starts"
WIDTH, LAYERS, HEADS, POSITIONS = 32, 2, 4, 32


def new_policy(seed: int, width: int = WIDTH, layers: int = LAYERS, scale: float = 0.08) -> GPT2LMHeadModel:
    """A policy that has learned nothing: every matrix normal with standard deviation `scale`, drawn by our own generator.

    A library's own initialiser changes from one version to the next.
    """
    model = _shape(width, layers)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if parameter.dim() > 1:
                parameter.copy_(scale * torch.randn(parameter.shape, generator=generator))
            else:
                parameter.fill_(float("ln_" in name and name.endswith("weight")))
    return model


def policy_of(weights: Mapping[str, Tensor]) -> GPT2LMHeadModel:
    """A policy with these weights, a copy of them, and of their dtype.

    Raises:
        KeyError, RuntimeError: they are not those of such a policy.
    """
    embedding = weights["transformer.wte.weight"]
    layers = len({name.split(".")[2] for name in weights if name.startswith("transformer.h.")})
    model = _shape(embedding.shape[1], layers).to(embedding.dtype)
    model.load_state_dict({**weights, "lm_head.weight": embedding})
    return model


def start(name: Name) -> GPT2LMHeadModel:
    """The policy that learning of the task `name` starts from."""
    return policy_of(start_weights(name))


def start_weights(name: Name) -> dict[str, Tensor]:
    """The parameters of `start(name)`, in float32."""
    return {key: tensor.float() for key, tensor in load_file(STARTS / f"{name}.safetensors").items()}


def weights_of(policy: GPT2LMHeadModel) -> dict[str, Tensor]:
    """The parameters by name, each once: the output matrix is that of the embedding."""
    return {name: parameter.detach().clone() for name, parameter in policy.named_parameters()}


def _shape(width: int, layers: int) -> GPT2LMHeadModel:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=len(TOKENS),
        n_positions=POSITIONS,
        n_embd=width,
        n_layer=layers,
        n_head=HEADS,
        n_inner=4 * width,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=0,
        eos_token_id=0,
    )
    return GPT2LMHeadModel(config).eval()
