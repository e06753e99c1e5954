"""Generation that does not begin anew for each token: keys and values of the past are kept.

A position's keys and values depend on what came before it, never on what comes after, so they are computed once.
The cache is an object of its own, not a part of the model: one model can serve many texts at a time.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from assignment1_basics.nn import MultiHeadSelfAttention, scaled_dot_product_attention
from assignment1_basics.transformer import TransformerLM


class KVCache:
    """Keys and values of every layer, in buffers of the full length that are made once.

    Joining tensors instead would copy the whole past at every step. `length` tokens are seen; it moves on when all
    layers have stored a chunk, so that each of them finds the same past.
    """

    def __init__(self, num_layers: int, max_length: int) -> None:
        self.max_length = max_length
        self._length = 0
        self._buffers: list[tuple[Tensor, Tensor] | None] = [None] * num_layers

    @property
    def length(self) -> int:
        """How many tokens of each text have been seen."""
        return self._length

    def check_room(self, batch_size: int, new: int) -> None:
        """Raise before anything is stored, so that a refused chunk leaves no trace."""
        if self.length + new > self.max_length:
            raise ValueError(
                f"KVCache has {self.length} tokens and got {new} more; expected at most {self.max_length} in all"
            )
        first = self._buffers[0]
        if first is not None and first[0].shape[0] != batch_size:
            raise ValueError(f"KVCache holds {first[0].shape[0]} sequences and got tokens of {batch_size}")

    def append(
        self, layer: int, keys: Float[Tensor, "batch heads new d_k"], values: Float[Tensor, "batch heads new d_k"]
    ) -> tuple[Float[Tensor, "batch heads length d_k"], Float[Tensor, "batch heads length d_k"]]:
        """Store what `layer` made of the next tokens; return all it has made so far, these included."""
        buffers = self._buffers[layer]
        if buffers is None:  # only now are batch size, dtype and device known
            shape = (*keys.shape[:2], self.max_length, keys.shape[3])
            buffers = self._buffers[layer] = (keys.new_empty(shape), values.new_empty(shape))
        end = self.length + keys.shape[2]
        for buffer, new in zip(buffers, (keys, values), strict=True):
            buffer[:, :, self.length : end] = new
        return buffers[0][:, :, :end], buffers[1][:, :, :end]

    def advance(self, new: int) -> None:
        """All layers have stored `new` tokens."""
        self._length += new


def attend_with_cache(
    attention: MultiHeadSelfAttention, layer: int, x: Float[Tensor, "batch new d_model"], cache: KVCache
) -> Float[Tensor, "batch new d_model"]:
    """Causal self-attention of new rows over the cached ones and themselves.

    Keys are turned before they are stored: a rotation depends on the key's own position, which never changes.
    """
    new, length = x.shape[1], cache.length
    queries, keys, values = (  # [batch, heads, new, d_k]
        projection(x).unflatten(-1, (attention.num_heads, -1)).transpose(-3, -2)
        for projection in (attention.q_proj, attention.k_proj, attention.v_proj)
    )
    if attention.rope is not None:
        positions = torch.arange(length, length + new, device=x.device)
        queries, keys = attention.rope(queries, positions), attention.rope(keys, positions)
    keys, values = cache.append(layer, keys, values)
    # Row i of the chunk stands at position length + i: the triangle is moved right by the past.
    visible = torch.ones(new, length + new, dtype=torch.bool, device=x.device).tril(diagonal=length)
    attended = scaled_dot_product_attention(queries, keys, values, visible)
    return attention.output_proj(attended.transpose(-3, -2).flatten(start_dim=-2))


class CachedTransformerLM(TransformerLM):
    """A `TransformerLM` that can go on from what it has seen: same constructor, same state dict."""

    def forward(
        self, token_ids: Int[Tensor, "batch new"], cache: KVCache | None = None
    ) -> Float[Tensor, "batch new vocab_size"]:
        """Logits of the new tokens; those in `cache` come before them. Without a cache, a `TransformerLM`."""
        if cache is None:
            return super().forward(token_ids)
        batch_size, new = token_ids.shape
        cache.check_room(batch_size, new)
        if cache.length + new > self.context_length:
            raise ValueError(
                f"CachedTransformerLM got {new} tokens after {cache.length}; "
                f"expected at most context_length = {self.context_length} in all"
            )
        with torch.no_grad():  # a cached tensor with a graph would keep every earlier step alive
            x = self.token_embeddings(token_ids)
            for number, layer in enumerate(self.layers):
                x = x + attend_with_cache(layer.attn, number, layer.ln1(x), cache)
                x = x + layer.ffn(layer.ln2(x))
            cache.advance(new)
            return self.lm_head(self.ln_final(x))


def generate_with_cache(
    model: CachedTransformerLM, prompts: Int[Tensor, "batch prompt_length"], max_new_tokens: int
) -> Int[Tensor, "batch max_new_tokens"]:
    """The likeliest next token, max_new_tokens times, for every row: one pass over the prompts, then one a token."""
    batch_size, prompt_length = prompts.shape
    seen = prompt_length + max_new_tokens - 1  # nothing follows the last token, so the model need not see it
    if prompt_length < 1 or seen > model.context_length:
        raise ValueError(
            f"generate_with_cache got prompts of {prompt_length} tokens and {max_new_tokens} to add; "
            f"expected at least 1, and {model.context_length} that the model sees"
        )
    cache = KVCache(len(model.layers), model.context_length)
    continuation = prompts.new_empty(batch_size, max_new_tokens)
    given = prompts
    for step in range(max_new_tokens):
        continuation[:, step] = model(given, cache)[:, -1].argmax(dim=-1)
        given = continuation[:, step : step + 1]
    return continuation
