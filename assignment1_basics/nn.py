"""The layers of a Transformer: linear map, embedding, norm, feed-forward, rotary positions, attention."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


class Linear(nn.Module):
    """y = W x without a bias. W is the parameter `weight` [out_features, in_features].

    Initialised from a normal distribution of mean 0 and variance 2 / (in_features + out_features), truncated
    at three standard deviations.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        raise NotImplementedError("linear: write Linear.__init__ in assignment1_basics/nn.py")

    def forward(self, x: Float[Tensor, "... in_features"]) -> Float[Tensor, "... out_features"]:
        raise NotImplementedError("linear: write Linear.forward in assignment1_basics/nn.py")


class Embedding(nn.Module):
    """A vector for each token id: the rows of the parameter `weight` [num_embeddings, embedding_dim].

    Initialised from a normal distribution of mean 0 and variance 1, truncated at -3 and 3.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        raise NotImplementedError("embedding: write Embedding.__init__ in assignment1_basics/nn.py")

    def forward(self, token_ids: Int[Tensor, "..."]) -> Float[Tensor, "... embedding_dim"]:
        raise NotImplementedError("embedding: write Embedding.forward in assignment1_basics/nn.py")


class RMSNorm(nn.Module):
    """y = x / sqrt(mean(x^2) + eps) * weight over the last dimension. `weight` [d_model] starts at one.

    Inputs in float16 or bfloat16 are taken to float32 first; the output, gain applied, is in the input's
    dtype.
    """

    def __init__(
        self,
        d_model: int,
        eps: float = 1e-5,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        raise NotImplementedError("rmsnorm: write RMSNorm.__init__ in assignment1_basics/nn.py")

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        raise NotImplementedError("rmsnorm: write RMSNorm.forward in assignment1_basics/nn.py")


def silu(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """x * sigmoid(x), elementwise; value and gradient are finite for every finite x."""
    raise NotImplementedError("positionwise_feedforward: write silu in assignment1_basics/nn.py")


def swiglu_d_ff(d_model: int) -> int:
    """A SwiGLU's inner width: the multiple of 64, at least 64, nearest to 8/3 d_model (ties either way)."""
    raise NotImplementedError("positionwise_feedforward: write swiglu_d_ff in assignment1_basics/nn.py")


class SwiGLU(nn.Module):
    """y = W2 (silu(W1 x) * W3 x). State dict: w1.weight and w3.weight [d_ff, d_model], w2.weight [d_model,
    d_ff].

    d_ff is `swiglu_d_ff(d_model)` if not given.
    """

    def __init__(
        self,
        d_model: int,
        d_ff: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        raise NotImplementedError("positionwise_feedforward: write SwiGLU.__init__ in assignment1_basics/nn.py")

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        raise NotImplementedError("positionwise_feedforward: write SwiGLU.forward in assignment1_basics/nn.py")


class RotaryPositionalEmbedding(nn.Module):
    """Turn each pair of neighbouring features (x[2k], x[2k+1]) by the angle position * theta^(-2k / d_k),
    k = 0, 1, ..., d_k / 2 - 1: (a, b) becomes (a cos - b sin, a sin + b cos).

    The sines and cosines of the positions 0 ... max_seq_len - 1 are kept in buffers that are not in the state
    dict. They are as good as float32; half-precision inputs are turned in float32 and returned in their
    dtype.
    """

    def __init__(self, theta: float, d_k: int, max_seq_len: int, device: torch.device | str | None = None) -> None:
        raise NotImplementedError("rope: write RotaryPositionalEmbedding.__init__ in assignment1_basics/nn.py")

    def forward(
        self, x: Float[Tensor, "... sequence_length d_k"], token_positions: Int[Tensor, "... sequence_length"]
    ) -> Float[Tensor, "... sequence_length d_k"]:
        """token_positions: any integers in 0 ... max_seq_len - 1, in any order; their leading dimensions
        broadcast against those of `x`, so [sequence_length] serves a whole batch. Others raise."""
        raise NotImplementedError("rope: write RotaryPositionalEmbedding.forward in assignment1_basics/nn.py")


def softmax(x: Float[Tensor, "..."], dim: int) -> Float[Tensor, "..."]:
    """exp(x) / sum(exp(x)) over dimension `dim`, for values of any finite magnitude; -inf gives exactly 0.

    The result has the dtype of `x`, and `x` is not changed.
    """
    raise NotImplementedError("softmax: write softmax in assignment1_basics/nn.py")


def scaled_dot_product_attention(
    Q: Float[Tensor, "... queries d_k"],
    K: Float[Tensor, "... keys d_k"],
    V: Float[Tensor, "... keys d_v"],
    mask: Bool[Tensor, "... queries keys"] | None = None,
) -> Float[Tensor, "... queries d_v"]:
    """softmax(Q K^T / sqrt(d_k)) V, where a query gives weight exactly 0 to keys its mask says False of.

    The mask's leading dimensions broadcast against those of Q. What a row without any True gives is not
    specified.
    """
    raise NotImplementedError(
        "scaled_dot_product_attention: write scaled_dot_product_attention in assignment1_basics/nn.py"
    )


class MultiHeadSelfAttention(nn.Module):
    """Causal self-attention in `num_heads` heads of d_model / num_heads neighbouring features each.

    State dict: q_proj.weight, k_proj.weight, v_proj.weight, output_proj.weight, each [d_model, d_model]; one
    matrix product makes the queries of all heads, one the keys, one the values. `rope`, if given, turns the
    queries and keys of every head alike; its buffers belong to it.
    """

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        rope: RotaryPositionalEmbedding | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        raise NotImplementedError(
            "multihead_self_attention: write MultiHeadSelfAttention.__init__ in assignment1_basics/nn.py"
        )

    def forward(
        self,
        x: Float[Tensor, "... sequence_length d_model"],
        token_positions: Int[Tensor, "... sequence_length"] | None = None,
    ) -> Float[Tensor, "... sequence_length d_model"]:
        """token_positions: where each row of `x` stands, for `rope`; 0, 1, ... if not given. They change
        nothing about which row may attend to which: the rows of `x` are in causal order."""
        raise NotImplementedError(
            "multihead_self_attention: write MultiHeadSelfAttention.forward in assignment1_basics/nn.py"
        )
