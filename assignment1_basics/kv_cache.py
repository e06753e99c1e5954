"""Generation that does not begin anew for each token: keys and values of the past are kept. Optional."""

from jaxtyping import Float, Int
from torch import Tensor

from assignment1_basics.transformer import TransformerLM


class KVCache:
    """The keys and values that every layer has made of the tokens seen so far, for at most max_length of them.

    It belongs to one batch of texts, not to the model: several caches may be in use with one model by turns.
    """

    def __init__(self, num_layers: int, max_length: int) -> None:
        raise NotImplementedError("kv_cache: write KVCache.__init__ in assignment1_basics/kv_cache.py")

    @property
    def length(self) -> int:
        """How many tokens of each text have been seen; an attribute of this name will do as well."""
        raise NotImplementedError("kv_cache: write KVCache.length in assignment1_basics/kv_cache.py")


class CachedTransformerLM(TransformerLM):
    """A `TransformerLM` that can go on from what it has seen: same constructor, same state dict."""

    def forward(
        self, token_ids: Int[Tensor, "batch new"], cache: KVCache | None = None
    ) -> Float[Tensor, "batch new vocab_size"]:
        """Logits for the new tokens, which follow those in `cache`; they are in the cache afterwards.

        The logits are the last rows of what the model gives for all tokens at once, computed without another
        look at the old ones, and with autograd off. Without a cache, a call is one of a `TransformerLM`.

        Raises:
            ValueError: the tokens do not fit into the cache or into context_length, or have another batch size
                than the cache. The cache is then as it was before.
        """
        raise NotImplementedError("kv_cache: write CachedTransformerLM.forward in assignment1_basics/kv_cache.py")


def generate_with_cache(
    model: CachedTransformerLM, prompts: Int[Tensor, "batch prompt_length"], max_new_tokens: int
) -> Int[Tensor, "batch max_new_tokens"]:
    """Continue every row of `prompts` with its likeliest token, max_new_tokens times; the new tokens alone.

    The model is called once for the prompts, then with one new token a row.

    Raises:
        ValueError: the prompts are empty, or the model would have to see more than context_length tokens; it
            never sees the last new one.
    """
    raise NotImplementedError("kv_cache: write generate_with_cache in assignment1_basics/kv_cache.py")
