"""A training step of the reference model against the same model built from `torch.nn`: forward, loss, backward, clipping, AdamW.

The peer has `nn.Embedding`, `nn.Linear`, `nn.RMSNorm`, `F.scaled_dot_product_attention`, `F.silu`, `F.cross_entropy`,
`clip_grad_norm_` and `torch.optim.AdamW`; the rotary embedding is the reference's in both, for torch has none. Both begin
with the same weights and give the same loss. One thread.
"""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from assignment1_basics.loss import cross_entropy
from assignment1_basics.nn import RotaryPositionalEmbedding
from assignment1_basics.optimizer import AdamW, gradient_clipping
from assignment1_basics.transformer import TransformerLM
from benchmarks.comparison import Comparison, by_turns, cost_of

VOCAB_SIZE, MAX_NORM, LEARNING_RATE = 8_192, 1.0, 1e-3
SHAPES = {
    "small": {"context_length": 64, "d_model": 64, "num_layers": 2, "num_heads": 4, "d_ff": 192, "batch": 8},
    "medium": {"context_length": 256, "d_model": 256, "num_layers": 4, "num_heads": 8, "d_ff": 704, "batch": 8},
}


def compare(folder: Path, quick: bool) -> list[Comparison]:
    """A small model, where the cost of calling operators shows, and a medium one, where arithmetic does."""
    del folder
    torch.set_num_threads(1)
    found = []
    for name, repetitions, steps in (("small", 2, 1),) if quick else (("small", 9, 10), ("medium", 5, 1)):
        shape: dict[str, Any] = dict(SHAPES[name])
        batch = shape.pop("batch")
        torch.manual_seed(0)
        ours = TransformerLM(VOCAB_SIZE, **shape)
        peer = _PeerLM(VOCAB_SIZE, **shape)
        peer.load_state_dict(ours.state_dict())
        tokens = torch.randint(VOCAB_SIZE, (batch, shape["context_length"] + 1))
        step = partial(
            _step, ours, AdamW(ours.parameters(), lr=LEARNING_RATE), cross_entropy, gradient_clipping, tokens
        )
        peer_step = partial(
            _step, peer, torch.optim.AdamW(peer.parameters(), lr=LEARNING_RATE), _peer_loss, _peer_clipping, tokens
        )
        _check_alike([step() for _ in range(3)], [peer_step() for _ in range(3)])
        costs = by_turns(_costs(step, steps), _costs(peer_step, steps), repetitions)
        numbers = ", ".join(f"{key} {value}" for key, value in SHAPES[name].items())
        work = f"{steps} training step{'s' * (steps > 1)}, {name} model ({numbers})"
        found.append(Comparison(work, "`TransformerLM`", "`torch.nn`", "cpu", 1.1, None, *costs))
    return found


def _costs(step: Callable[[], float], steps: int) -> Any:
    def all_steps() -> None:
        for _ in range(steps):
            step()

    return partial(cost_of, all_steps)


def _step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_of: Callable[[Tensor, Tensor], Tensor],
    clip: Callable[[Iterable[nn.Parameter], float], object],
    tokens: Tensor,
) -> float:
    optimizer.zero_grad()
    loss = loss_of(model(tokens[:, :-1]), tokens[:, 1:])
    loss.backward()  # type: ignore[no-untyped-call]
    clip(model.parameters(), MAX_NORM)
    optimizer.step()
    return loss.item()


def _check_alike(ours: list[float], peers: list[float]) -> None:
    if any(abs(our - peer) > 1e-3 * peer for our, peer in zip(ours, peers, strict=True)):
        raise ValueError(f"the losses are {ours} and {peers}; expected the same model twice")


def _peer_loss(logits: Tensor, targets: Tensor) -> Tensor:
    return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def _peer_clipping(parameters: Iterable[nn.Parameter], max_norm: float) -> None:
    nn.utils.clip_grad_norm_(parameters, max_norm)


class _PeerAttention(nn.Module):
    def __init__(self, d_model: int, num_heads: int, rope: RotaryPositionalEmbedding) -> None:
        super().__init__()
        self.num_heads, self.rope = num_heads, rope
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, d_model, bias=False)
        self.v_proj = nn.Linear(d_model, d_model, bias=False)
        self.output_proj = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        queries, keys, values = (
            projection(x).unflatten(-1, (self.num_heads, -1)).transpose(-3, -2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        positions = torch.arange(x.shape[-2]).unsqueeze(0)
        queries, keys = self.rope(queries, positions), self.rope(keys, positions)
        attended = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        result: Tensor = self.output_proj(attended.transpose(-3, -2).flatten(start_dim=-2))
        return result


class _PeerFeedForward(nn.Module):
    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        self.w1 = nn.Linear(d_model, d_ff, bias=False)
        self.w2 = nn.Linear(d_ff, d_model, bias=False)
        self.w3 = nn.Linear(d_model, d_ff, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.w2(functional.silu(self.w1(x)) * self.w3(x))
        return result


class _PeerBlock(nn.Module):
    def __init__(self, d_model: int, num_heads: int, d_ff: int, rope: RotaryPositionalEmbedding) -> None:
        super().__init__()
        self.ln1 = nn.RMSNorm(d_model, eps=1e-5)
        self.attn = _PeerAttention(d_model, num_heads, rope)
        self.ln2 = nn.RMSNorm(d_model, eps=1e-5)
        self.ffn = _PeerFeedForward(d_model, d_ff)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln1(x))
        result: Tensor = x + self.ffn(self.ln2(x))
        return result


class _PeerLM(nn.Module):
    """The reference's architecture, parameter by parameter of the same name, from parts of `torch.nn`."""

    def __init__(
        self, vocab_size: int, context_length: int, d_model: int, num_layers: int, num_heads: int, d_ff: int
    ) -> None:
        super().__init__()
        rope = RotaryPositionalEmbedding(10_000.0, d_model // num_heads, context_length)
        self.token_embeddings = nn.Embedding(vocab_size, d_model)
        self.layers = nn.ModuleList(_PeerBlock(d_model, num_heads, d_ff, rope) for _ in range(num_layers))
        self.ln_final = nn.RMSNorm(d_model, eps=1e-5)
        self.lm_head = nn.Linear(d_model, vocab_size, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.token_embeddings(tokens)
        for layer in self.layers:
            x = layer(x)
        result: Tensor = self.lm_head(self.ln_final(x))
        return result
