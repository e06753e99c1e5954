"""The language model with one part changed or left out, to see what the part was good for."""

import torch
from torch import nn

from assignment1_basics.transformer import TransformerLM

NORMS = ("pre", "post", "none")
POSITIONS = ("rope", "none")
FEED_FORWARDS = ("swiglu", "silu")


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
    """A language model with these switches; with none of them moved it is a `TransformerLM`.

    norm "post": z = RMSNorm1(x + attention(x)), then RMSNorm2(z + feed_forward(z)), and no norm at the end.
    norm "none": x + attention(x), then that plus its feed_forward; no norm anywhere.
    pos "none": attention without rotary embeddings. The causal mask stays.
    ffn "silu": W2 silu(W1 x); two matrices and no gate.
    d_ff None: `swiglu_d_ff(d_model)` for "swiglu", 4 d_model for "silu".

    Parameters are named as in TransformerLM; those that a switch makes superfluous do not exist.

    Raises:
        ValueError: a switch has a value not named here.
    """
    if norm == "post":
        raise NotImplementedError("pre_norm_ablation: write norm='post' in assignment1_basics/ablations.py")
    if norm == "none":
        raise NotImplementedError("layer_norm_ablation: write norm='none' in assignment1_basics/ablations.py")
    if pos == "none":
        raise NotImplementedError("no_pos_emb: write pos='none' in assignment1_basics/ablations.py")
    if ffn == "silu" or d_ff is None:
        raise NotImplementedError("swiglu_ablation: write ffn='silu' in assignment1_basics/ablations.py")
    return TransformerLM(vocab_size, context_length, d_model, num_layers, num_heads, d_ff, rope_theta, device, dtype)
