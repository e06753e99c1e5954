"""The layers of a Transformer: linear map, embedding, norm, feed-forward, rotary positions, attention.

Reading order is the order of the data: a layer uses only those above it. Shapes of activations stand in the
annotations; `...` is any number of leading dimensions, none included.
"""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


def at_least_float32(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """`x` itself, or a float32 copy of half-precision `x`: sums and squares need the range and the bits."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


class Linear(nn.Module):
    """y = W x without a bias. W is the parameter `weight` [out_features, in_features].

    The variance 2 / (in_features + out_features) keeps activations and gradients at one scale through depth
    (Glorot & Bengio 2010, equation 12).
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        std = math.sqrt(2 / (in_features + out_features))
        self.weight = nn.Parameter(torch.empty(out_features, in_features, device=device, dtype=dtype))
        nn.init.trunc_normal_(self.weight, mean=0.0, std=std, a=-3 * std, b=3 * std)

    def forward(self, x: Float[Tensor, "... in_features"]) -> Float[Tensor, "... out_features"]:
        return x @ self.weight.T


class Embedding(nn.Module):
    """A vector for each token id: the rows of the parameter `weight` [num_embeddings, embedding_dim]."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(num_embeddings, embedding_dim, device=device, dtype=dtype))
        nn.init.trunc_normal_(self.weight, mean=0.0, std=1.0, a=-3.0, b=3.0)

    def forward(self, token_ids: Int[Tensor, "..."]) -> Float[Tensor, "... embedding_dim"]:
        # Unlike `weight[token_ids]`, index_select does not take -1 for the last row but raises.
        rows = self.weight.index_select(0, token_ids.reshape(-1))
        return rows.reshape(*token_ids.shape, self.weight.shape[1])


class RMSNorm(nn.Module):
    """y = x / sqrt(mean(x^2) + eps) * weight over the last dimension (Zhang & Sennrich 2019, equation 4)."""

    def __init__(
        self,
        d_model: int,
        eps: float = 1e-5,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model, device=device, dtype=dtype))

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        wide = at_least_float32(x)  # 300^2 is already infinite in float16
        mean_square = wide.square().mean(dim=-1, keepdim=True)
        return (wide * torch.rsqrt(mean_square + self.eps) * self.weight).to(x.dtype)


def silu(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """x * sigmoid(x) (Elfwing et al. 2017); `torch.sigmoid` overflows on neither side."""
    return x * torch.sigmoid(x)


def swiglu_d_ff(d_model: int) -> int:
    """The multiple of 64, at least 64, nearest to 8/3 d_model; half-way cases go up.

    With 8/3 d_model its three matrices have as many weights as the two of a plain feed-forward network of
    width 4 d_model (Shazeer 2020, section 2); a multiple of 64 suits the hardware.
    """
    return 64 * max(1, (d_model + 12) // 24)  # 8/3 d_model / 64 = d_model / 24


class SwiGLU(nn.Module):
    """y = W2 (silu(W1 x) * W3 x) (Shazeer 2020, equation 6)."""

    def __init__(
        self,
        d_model: int,
        d_ff: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        d_ff = swiglu_d_ff(d_model) if d_ff is None else d_ff
        self.w1 = Linear(d_model, d_ff, device, dtype)
        self.w2 = Linear(d_ff, d_model, device, dtype)
        self.w3 = Linear(d_model, d_ff, device, dtype)

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        return self.w2(silu(self.w1(x)) * self.w3(x))


class RotaryPositionalEmbedding(nn.Module):
    """Turn each pair of neighbouring features (x[2k], x[2k+1]) by the angle position * theta^(-2k / d_k).

    Su et al. 2021, equation 34, counting pairs from 0. The tables are made in float64, because a float32
    angle at position 10 000 is off by up to half a thousandth.
    """

    cos: Tensor  # [max_seq_len, d_k / 2]
    sin: Tensor

    def __init__(self, theta: float, d_k: int, max_seq_len: int, device: torch.device | str | None = None) -> None:
        super().__init__()
        if d_k % 2:
            raise ValueError(f"RotaryPositionalEmbedding got d_k = {d_k}; expected an even number")
        frequencies = theta ** (-torch.arange(0, d_k, 2, dtype=torch.float64) / d_k)
        angles = torch.outer(torch.arange(max_seq_len, dtype=torch.float64), frequencies)
        for name, table in (("cos", angles.cos()), ("sin", angles.sin())):
            self.register_buffer(name, table.to(device=device, dtype=torch.float32), persistent=False)

    def forward(
        self, x: Float[Tensor, "... sequence_length d_k"], token_positions: Int[Tensor, "... sequence_length"]
    ) -> Float[Tensor, "... sequence_length d_k"]:
        flat_positions = token_positions.reshape(-1)
        cos, sin = (
            table.index_select(0, flat_positions).reshape(*token_positions.shape, -1) for table in (self.cos, self.sin)
        )
        a, b = at_least_float32(x).unflatten(-1, (-1, 2)).unbind(dim=-1)  # [..., sequence_length, d_k / 2]
        turned = torch.stack((a * cos - b * sin, a * sin + b * cos), dim=-1)
        return turned.flatten(start_dim=-2).to(x.dtype)


def softmax(x: Float[Tensor, "..."], dim: int) -> Float[Tensor, "..."]:
    """exp(x) / sum(exp(x)) over dimension `dim`.

    Subtracting each slice's own maximum changes nothing in exact arithmetic, so no gradient need flow through
    it; it makes the largest exponential 1, which neither overflows nor lets the sum vanish.
    """
    wide = at_least_float32(x)
    exponentials = torch.exp(wide - wide.detach().amax(dim=dim, keepdim=True))
    return (exponentials * exponentials.sum(dim=dim, keepdim=True).reciprocal()).to(x.dtype)


def scaled_dot_product_attention(
    Q: Float[Tensor, "... queries d_k"],
    K: Float[Tensor, "... keys d_k"],
    V: Float[Tensor, "... keys d_v"],
    mask: Bool[Tensor, "... queries keys"] | None = None,
) -> Float[Tensor, "... queries d_v"]:
    """softmax(Q K^T / sqrt(d_k)) V (Vaswani et al. 2017, equation 1).

    The mask is True where a query may attend. Masked scores become -inf, whose exponential is exactly 0: a
    large finite number would leak as soon as the scores are as large.
    """
    scores = (Q / math.sqrt(Q.shape[-1])) @ K.transpose(-2, -1)  # [..., queries, keys]
    if mask is not None:
        # Added, not filled in: a sum needs no work in the backward pass.
        scores = scores + torch.zeros_like(mask, dtype=scores.dtype).masked_fill(~mask, -math.inf)
    return softmax(scores, dim=-1) @ V


class MultiHeadSelfAttention(nn.Module):
    """Causal self-attention in heads of d_model / num_heads neighbouring features.

    Vaswani et al. 2017, section 3.2.2. The heads are one more leading dimension, so that one matrix product a
    projection serves all of them.
    """

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        rope: RotaryPositionalEmbedding | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if d_model % num_heads:
            raise ValueError(f"MultiHeadSelfAttention cannot split d_model = {d_model} into {num_heads} heads")
        self.num_heads = num_heads
        self.rope = rope
        self.q_proj = Linear(d_model, d_model, device, dtype)
        self.k_proj = Linear(d_model, d_model, device, dtype)
        self.v_proj = Linear(d_model, d_model, device, dtype)
        self.output_proj = Linear(d_model, d_model, device, dtype)

    def forward(
        self,
        x: Float[Tensor, "... sequence_length d_model"],
        token_positions: Int[Tensor, "... sequence_length"] | None = None,
    ) -> Float[Tensor, "... sequence_length d_model"]:
        sequence_length = x.shape[-2]
        queries, keys, values = (  # [..., num_heads, sequence_length, d_model / num_heads]
            projection(x).unflatten(-1, (self.num_heads, -1)).transpose(-3, -2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        if self.rope is not None:
            if token_positions is None:
                token_positions = torch.arange(sequence_length, device=x.device)
            same_for_each_head = token_positions.unsqueeze(-2)
            queries, keys = self.rope(queries, same_for_each_head), self.rope(keys, same_for_each_head)
        causal = torch.ones(sequence_length, sequence_length, dtype=torch.bool, device=x.device).tril()
        attended = scaled_dot_product_attention(queries, keys, values, causal)
        return self.output_proj(attended.transpose(-3, -2).flatten(start_dim=-2))
