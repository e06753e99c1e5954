class FlashAttention:
    """Not ours."""

    @staticmethod
    def apply(q, k, v, is_causal=False):
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=is_causal)
