"""The language model with one part changed or left out, to see what the part was good for."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assignment1_basics.nn import Linear, silu, swiglu_d_ff
from assignment1_basics.transformer import TransformerBlock, TransformerLM

NORMS = ("pre", "post", "none")
POSITIONS = ("rope", "none")
FEED_FORWARDS = ("swiglu", "silu")


class Unchanged(nn.Module):
    """Stands where a norm was: no parameters, the output is the input."""

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        return x


class SiLUFeedForward(nn.Module):
    """y = W2 silu(W1 x): the feed-forward network without its gate."""

    def __init__(
        self,
        d_model: int,
        d_ff: int,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.w1 = Linear(d_model, d_ff, device, dtype)
        self.w2 = Linear(d_ff, d_model, device, dtype)

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        return self.w2(silu(self.w1(x)))


class PostNormBlock(nn.Module):
    """The block of Vaswani et al. 2017 (section 3.1): the norm stands on the residual stream itself."""

    def __init__(self, block: TransformerBlock) -> None:
        super().__init__()
        self.ln1, self.attn, self.ln2, self.ffn = block.ln1, block.attn, block.ln2, block.ffn

    def forward(self, x: Float[Tensor, "... sequence_length d_model"]) -> Float[Tensor, "... sequence_length d_model"]:
        z = self.ln1(x + self.attn(x))
        return self.ln2(z + self.ffn(z))


def build_lm(
    vocab_size: int,
    context_length: int,
    d_model: int,
    num_layers: int,
    num_heads: int,
    d_ff: int | None = None,
    rope_theta: float = 10000.0,
    norm: str = "pre",
    pos: str = "rope",
    ffn: str = "swiglu",
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> nn.Module:
    """A `TransformerLM` from which parts are taken out or exchanged."""
    for name, value, known in (("norm", norm, NORMS), ("pos", pos, POSITIONS), ("ffn", ffn, FEED_FORWARDS)):
        if value not in known:
            raise ValueError(f"build_lm got {name} = {value!r}; expected one of {', '.join(known)}")
    if d_ff is None:
        d_ff = swiglu_d_ff(d_model) if ffn == "swiglu" else 4 * d_model
    model = TransformerLM(vocab_size, context_length, d_model, num_layers, num_heads, d_ff, rope_theta, device, dtype)
    for block in model.layers:
        if ffn == "silu":
            block.ffn = SiLUFeedForward(d_model, d_ff, device, dtype)
        if pos == "none":
            block.attn.rope = None
        if norm == "none":
            block.ln1, block.ln2 = Unchanged(), Unchanged()
    if norm == "post":
        model.layers = nn.ModuleList(PostNormBlock(block) for block in model.layers)
    if norm != "pre":
        model.ln_final = Unchanged()  # after the last block of "post" it would be the second one in a row
    return model
