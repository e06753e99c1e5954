"""One step of training, as the leaderboard times it: forward pass, backward pass, AdamW. Given code, and plain; make it faster.

`training_step` is a function of all that it needs: parameters, both moments of AdamW and a batch go in, and what they are
after the step comes out. So each timed step begins from numbers that it has not seen, and everything that it returns is
checked. Names and shapes of the parameters are those of `assignment1_basics.transformer.TransformerLM`. Not covered:
dropout, schedules, gradient clipping, several devices.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from assignment1_basics.transformer import TransformerLM

RATE, DECAY, BETAS, EPSILON = 1e-3, 0.1, (0.9, 0.95), 1e-8


@dataclass(frozen=True)
class Shape:
    """The model: a vocabulary, the most tokens in a row, widths and layers; RoPE's theta is 10 000."""

    vocab_size: int
    context_length: int
    d_model: int
    num_layers: int
    num_heads: int
    d_ff: int


@dataclass(frozen=True)
class State:
    """Parameters and the two moments of each, by the parameters' names, after `number` steps."""

    parameters: dict[str, Tensor]
    first_moments: dict[str, Tensor]
    second_moments: dict[str, Tensor]
    number: int


def training_step(
    shape: Shape, state: State, tokens: Int[Tensor, "batch time"], targets: Int[Tensor, "batch time"]
) -> tuple[Float[Tensor, ""], State]:
    """The mean loss of the batch before the step, and the state after it. In single precision, as the state is."""
    model = TransformerLM(
        shape.vocab_size, shape.context_length, shape.d_model, shape.num_layers, shape.num_heads, shape.d_ff
    )
    model.load_state_dict(state.parameters)
    named = dict(model.named_parameters())
    optimizer = torch.optim.AdamW(named.values(), lr=RATE, weight_decay=DECAY, betas=BETAS, eps=EPSILON)
    for name, parameter in named.items():
        optimizer.state[parameter] = {
            "step": torch.tensor(float(state.number)),
            "exp_avg": state.first_moments[name].clone(),
            "exp_avg_sq": state.second_moments[name].clone(),
        }
    logits = model(tokens)
    loss = F.cross_entropy(logits.flatten(0, -2), targets.flatten())
    loss.backward()
    optimizer.step()
    return loss.detach(), State(
        {name: parameter.detach() for name, parameter in named.items()},
        {name: optimizer.state[parameter]["exp_avg"] for name, parameter in named.items()},
        {name: optimizer.state[parameter]["exp_avg_sq"] for name, parameter in named.items()},
        state.number + 1,
    )
