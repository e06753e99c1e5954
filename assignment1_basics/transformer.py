"""The decoder-only Transformer language model, from the layers of nn.py."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from assignment1_basics.nn import RotaryPositionalEmbedding


class TransformerBlock(nn.Module):
    """One pre-norm block: y = x + attention(norm(x)), then y + feed_forward(norm(y)).

    Its state dict: attn.q_proj.weight, attn.k_proj.weight, attn.v_proj.weight, attn.output_proj.weight,
    ln1.weight, ffn.w1.weight, ffn.w2.weight, ffn.w3.weight, ln2.weight.
    """

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        d_ff: int,
        rope: RotaryPositionalEmbedding | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        raise NotImplementedError(
            "transformer_block: write TransformerBlock.__init__ in assignment1_basics/transformer.py"
        )

    def forward(
        self,
        x: Float[Tensor, "... sequence_length d_model"],
        token_positions: Int[Tensor, "... sequence_length"] | None = None,
    ) -> Float[Tensor, "... sequence_length d_model"]:
        """token_positions: where each row of `x` stands, for `rope`; 0, 1, ... if not given."""
        raise NotImplementedError(
            "transformer_block: write TransformerBlock.forward in assignment1_basics/transformer.py"
        )


class TransformerLM(nn.Module):
    """Token embedding, `num_layers` blocks, a final norm, and a linear map to one logit for each token.

    Its state dict: token_embeddings.weight, layers.{i}.<keys of a block>, ln_final.weight, lm_head.weight.
    The embedding and the output map are separate parameters.
    """

    def __init__(
        self,
        vocab_size: int,
        context_length: int,
        d_model: int,
        num_layers: int,
        num_heads: int,
        d_ff: int,
        rope_theta: float = 10000.0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        raise NotImplementedError("transformer_lm: write TransformerLM.__init__ in assignment1_basics/transformer.py")

    def forward(self, token_ids: Int[Tensor, "... sequence_length"]) -> Float[Tensor, "... sequence_length vocab_size"]:
        """Unnormalised logits of each next token. sequence_length may be anything up to context_length;
        a longer one raises, and so does an id outside the vocabulary."""
        raise NotImplementedError("transformer_lm: write TransformerLM.forward in assignment1_basics/transformer.py")
