"""The interface between your code and the checks: one function for each thing that is checked.

The names, arguments and return annotations are fixed; a result that does not fit its annotation fails. The
bodies are yours: a line or more that builds your object, loads the given weights and calls it, but no
mathematics. They are wired to the stubs already, so nothing here needs a change unless you name or store
things differently.
"""

import os
from collections.abc import Callable, Iterable
from typing import IO, Any, BinaryIO

import numpy.typing as npt
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from assignment1_basics import accounting, experiments, sgd, unicode, vocabulary
from assignment1_basics.ablations import build_lm
from assignment1_basics.bpe import train_bpe
from assignment1_basics.checkpoint import load_checkpoint, save_checkpoint
from assignment1_basics.data import get_batch
from assignment1_basics.decoding import generate, sample_next, top_p_filter
from assignment1_basics.kv_cache import CachedTransformerLM, KVCache, generate_with_cache
from assignment1_basics.loss import cross_entropy
from assignment1_basics.mixture_of_experts import (
    MixtureOfExperts,
    expert_capacity,
    load_balancing_loss,
    route,
)
from assignment1_basics.nn import (
    Embedding,
    Linear,
    MultiHeadSelfAttention,
    RMSNorm,
    RotaryPositionalEmbedding,
    SwiGLU,
    scaled_dot_product_attention,
    silu,
    softmax,
    swiglu_d_ff,
)
from assignment1_basics.optimizer import AdamW, get_lr_cosine_schedule, gradient_clipping
from assignment1_basics.tokenizer import Tokenizer
from assignment1_basics.train import main
from assignment1_basics.transformer import TransformerBlock, TransformerLM


def run_train_bpe(
    input_path: str | os.PathLike, vocab_size: int, special_tokens: list[str], **kwargs
) -> tuple[dict[int, bytes], list[tuple[bytes, bytes]]]:
    """Train a byte-level BPE vocabulary on a UTF-8 text file.

    Args:
        input_path: the text file.
        vocab_size: the most entries the vocabulary may have, bytes and special tokens included.
        special_tokens: strings that cut the text, are never part of a merge, and are in the vocabulary.

    Returns:
        vocab: the bytes of every id.
        merges: the merged pairs, (left bytes, right bytes), in the order they were made.
    """
    return train_bpe(input_path, vocab_size, special_tokens, **kwargs)


def get_tokenizer(
    vocab: dict[int, bytes], merges: list[tuple[bytes, bytes]], special_tokens: list[str] | None = None
) -> Any:
    """A tokenizer with `encode`, `encode_iterable`, `decode` and the class method `from_files`.

    Args:
        vocab: the bytes of every id.
        merges: the merged pairs in the order they were made.
        special_tokens: strings that are never split; those missing in `vocab` are added to it.
    """
    return Tokenizer(vocab, merges, special_tokens)


def run_linear(
    d_in: int, d_out: int, weights: Float[Tensor, "d_out d_in"], in_features: Float[Tensor, "... d_in"]
) -> Float[Tensor, "... d_out"]:
    """Your linear layer with the given weights."""
    linear = Linear(d_in, d_out)
    linear.load_state_dict({"weight": weights})
    return linear(in_features)


def run_embedding(
    vocab_size: int, d_model: int, weights: Float[Tensor, "vocab_size d_model"], token_ids: Int[Tensor, "..."]
) -> Float[Tensor, "... d_model"]:
    """The rows that your embedding, with the given weights, has for these ids."""
    embedding = Embedding(vocab_size, d_model)
    embedding.load_state_dict({"weight": weights})
    return embedding(token_ids)


def run_rmsnorm(
    d_model: int, eps: float, weights: Float[Tensor, " d_model"], in_features: Float[Tensor, "... d_model"]
) -> Float[Tensor, "... d_model"]:
    """Your RMSNorm with the given gains; the output has the dtype of in_features."""
    norm = RMSNorm(d_model, eps)
    norm.load_state_dict({"weight": weights})
    return norm(in_features)


def run_silu(in_features: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """SiLU of every element."""
    return silu(in_features)


def run_swiglu_d_ff(d_model: int) -> int:
    """The inner width your SwiGLU takes when it is not told one."""
    return swiglu_d_ff(d_model)


def run_swiglu(
    d_model: int,
    d_ff: int,
    w1_weight: Float[Tensor, "d_ff d_model"],
    w2_weight: Float[Tensor, "d_model d_ff"],
    w3_weight: Float[Tensor, "d_ff d_model"],
    in_features: Float[Tensor, "... d_model"],
) -> Float[Tensor, "... d_model"]:
    """Your feed-forward network with the given weights: W2 (silu(W1 x) * W3 x)."""
    ffn = SwiGLU(d_model, d_ff)
    ffn.load_state_dict({"w1.weight": w1_weight, "w2.weight": w2_weight, "w3.weight": w3_weight})
    return ffn(in_features)


def run_rope(
    d_k: int,
    theta: float,
    max_seq_len: int,
    in_query_or_key: Float[Tensor, "... sequence_length d_k"],
    token_positions: Int[Tensor, "... sequence_length"],
) -> Float[Tensor, "... sequence_length d_k"]:
    """Your rotary embedding of queries or keys that stand at the given positions.

    Args:
        d_k: width of a query or key, even.
        theta: base of the angles.
        max_seq_len: positions are less than this.
        token_positions: leading dimensions broadcast against those of in_query_or_key.
    """
    return RotaryPositionalEmbedding(theta, d_k, max_seq_len)(in_query_or_key, token_positions)


def run_softmax(in_features: Float[Tensor, "..."], dim: int) -> Float[Tensor, "..."]:
    """Softmax over one dimension."""
    return softmax(in_features, dim)


def run_scaled_dot_product_attention(
    Q: Float[Tensor, "... queries d_k"],
    K: Float[Tensor, "... keys d_k"],
    V: Float[Tensor, "... keys d_v"],
    mask: Bool[Tensor, "... queries keys"] | None = None,
) -> Float[Tensor, "... queries d_v"]:
    """Attention of each query over the keys its mask says True of (over all of them without a mask)."""
    return scaled_dot_product_attention(Q, K, V, mask)


def run_multihead_self_attention(
    d_model: int,
    num_heads: int,
    q_proj_weight: Float[Tensor, "d_model d_model"],
    k_proj_weight: Float[Tensor, "d_model d_model"],
    v_proj_weight: Float[Tensor, "d_model d_model"],
    o_proj_weight: Float[Tensor, "d_model d_model"],
    in_features: Float[Tensor, "... sequence_length d_model"],
) -> Float[Tensor, "... sequence_length d_model"]:
    """Your causal multi-head self-attention, without positions, with the given weights.

    Each projection stacks the heads along its rows: rows 0 ... d_model / num_heads - 1 are the first head's.
    """
    attention = MultiHeadSelfAttention(d_model, num_heads)
    attention.load_state_dict(
        {
            "q_proj.weight": q_proj_weight,
            "k_proj.weight": k_proj_weight,
            "v_proj.weight": v_proj_weight,
            "output_proj.weight": o_proj_weight,
        }
    )
    return attention(in_features)


def run_multihead_self_attention_with_rope(
    d_model: int,
    num_heads: int,
    max_seq_len: int,
    theta: float,
    q_proj_weight: Float[Tensor, "d_model d_model"],
    k_proj_weight: Float[Tensor, "d_model d_model"],
    v_proj_weight: Float[Tensor, "d_model d_model"],
    o_proj_weight: Float[Tensor, "d_model d_model"],
    in_features: Float[Tensor, "... sequence_length d_model"],
    token_positions: Int[Tensor, "... sequence_length"] | None = None,
) -> Float[Tensor, "... sequence_length d_model"]:
    """The same with rotary positions on queries and keys: 0, 1, ... if token_positions are not given."""
    rope = RotaryPositionalEmbedding(theta, d_model // num_heads, max_seq_len)
    attention = MultiHeadSelfAttention(d_model, num_heads, rope)
    attention.load_state_dict(
        {
            "q_proj.weight": q_proj_weight,
            "k_proj.weight": k_proj_weight,
            "v_proj.weight": v_proj_weight,
            "output_proj.weight": o_proj_weight,
        }
    )
    return attention(in_features, token_positions)


def run_transformer_block(
    d_model: int,
    num_heads: int,
    d_ff: int,
    max_seq_len: int,
    theta: float,
    weights: dict[str, Tensor],
    in_features: Float[Tensor, "batch sequence_length d_model"],
) -> Float[Tensor, "batch sequence_length d_model"]:
    """Your pre-norm block, with rotary positions 0, 1, ..., and the given weights.

    Args:
        weights: `attn.q_proj.weight`, `attn.k_proj.weight`, `attn.v_proj.weight`, `attn.output_proj.weight`
            [d_model, d_model]; `ln1.weight`, `ln2.weight` [d_model], the norms before attention and
            feed-forward; `ffn.w1.weight`, `ffn.w3.weight` [d_ff, d_model], `ffn.w2.weight` [d_model, d_ff].
    """
    rope = RotaryPositionalEmbedding(theta, d_model // num_heads, max_seq_len)
    block = TransformerBlock(d_model, num_heads, d_ff, rope)
    block.load_state_dict(weights)
    return block(in_features)


def run_transformer_lm(
    vocab_size: int,
    context_length: int,
    d_model: int,
    num_layers: int,
    num_heads: int,
    d_ff: int,
    rope_theta: float,
    weights: dict[str, Tensor],
    in_indices: Int[Tensor, "batch_size sequence_length"],
) -> Float[Tensor, "batch_size sequence_length vocab_size"]:
    """The unnormalised next-token logits of your language model with the given weights.

    Args:
        weights: `token_embeddings.weight` [vocab_size, d_model]; `layers.{i}.` followed by each key of a
        block
            (see run_transformer_block), i from 0; `ln_final.weight` [d_model]; `lm_head.weight` [vocab_size,
            d_model].
        in_indices: ids, at most context_length in a row.
    """
    model = TransformerLM(vocab_size, context_length, d_model, num_layers, num_heads, d_ff, rope_theta)
    model.load_state_dict(weights)
    return model(in_indices)


def run_cross_entropy(inputs: Float[Tensor, "... vocab_size"], targets: Int[Tensor, "..."]) -> Float[Tensor, ""]:
    """The mean cross-entropy of logits `inputs` and class ids `targets` over all leading dimensions."""
    return cross_entropy(inputs, targets)


def get_adamw_cls() -> type[torch.optim.Optimizer]:
    """Your AdamW class, to be called with (params, lr=, weight_decay=, betas=, eps=)."""
    return AdamW


def run_get_lr_cosine_schedule(
    it: int, max_learning_rate: float, min_learning_rate: float, warmup_iters: int, cosine_cycle_iters: int
) -> float:
    """The learning rate of iteration `it`: linear warm-up, half a cosine down, then the minimum."""
    return get_lr_cosine_schedule(it, max_learning_rate, min_learning_rate, warmup_iters, cosine_cycle_iters)


def run_gradient_clipping(parameters: Iterable[torch.nn.Parameter], max_l2_norm: float) -> None:
    """Scale the gradients of `parameters` in place so that their joint l2 norm is at most max_l2_norm."""
    gradient_clipping(parameters, max_l2_norm)


def run_get_batch(
    dataset: npt.NDArray, batch_size: int, context_length: int, device: str
) -> tuple[Int[Tensor, "batch_size context_length"], Int[Tensor, "batch_size context_length"]]:
    """Random windows of `dataset`, and the token that follows each position; int64, on `device`."""
    return get_batch(dataset, batch_size, context_length, device)


def run_save_checkpoint(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    iteration: int,
    out: str | os.PathLike | BinaryIO | IO[bytes],
) -> None:
    """Write the states of model and optimizer and the iteration to a path or an open binary file."""
    save_checkpoint(model, optimizer, iteration, out)


def run_load_checkpoint(
    src: str | os.PathLike | BinaryIO | IO[bytes],
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
) -> int:
    """Restore model and optimizer from what run_save_checkpoint wrote, and return the iteration."""
    return load_checkpoint(src, model, optimizer)


def run_training(arguments: list[str]) -> int:
    """What `python -m assignment1_basics.train` does with these arguments; its exit code."""
    return main(arguments)


def run_top_p_filter(probs: Float[Tensor, "... vocab_size"], p: float) -> Float[Tensor, "... vocab_size"]:
    """Each distribution cut down to the smallest set of likely tokens that holds p, scaled to sum to 1."""
    return top_p_filter(probs, p)


def run_sample_next(
    logits: Float[Tensor, " vocab_size"], temperature: float, top_p: float, generator: torch.Generator | None
) -> int:
    """A token drawn from softmax(logits / temperature) after the top-p filter; the likeliest at 0."""
    return sample_next(logits, temperature, top_p, generator)


def run_generate(
    model: Callable[[Int[Tensor, "1 sequence_length"]], Float[Tensor, "1 sequence_length vocab_size"]],
    prompt: list[int],
    max_new_tokens: int,
    temperature: float,
    top_p: float,
    eos_token_id: int | None,
    context_length: int | None,
    generator: torch.Generator | None,
) -> list[int]:
    """The continuation of `prompt`, without the prompt, with the end token if it was drawn."""
    return generate(model, prompt, max_new_tokens, temperature, top_p, eos_token_id, context_length, generator)


def get_build_lm() -> Callable[..., torch.nn.Module]:
    """Your builder of ablated models: (vocab_size, context_length, d_model, num_layers, num_heads, d_ff=None,
    rope_theta=10000.0, norm="pre", pos="rope", ffn="swiglu", device=None, dtype=None)."""
    return build_lm


def run_ablated_lm(
    vocab_size: int,
    context_length: int,
    d_model: int,
    num_layers: int,
    num_heads: int,
    d_ff: int,
    rope_theta: float,
    norm: str,
    pos: str,
    ffn: str,
    weights: dict[str, Tensor],
    in_indices: Int[Tensor, "batch_size sequence_length"],
) -> Float[Tensor, "batch_size sequence_length vocab_size"]:
    """The logits of an ablated model with the given weights.

    Args:
        norm: "pre", "post" or "none". pos: "rope" or "none". ffn: "swiglu" or "silu".
        weights: as for run_transformer_lm, without those that the model does not have: no `ln_final.weight`
            with norm "post", no `ln*` at all with "none", no `ffn.w3.weight` with ffn "silu".
    """
    model = build_lm(vocab_size, context_length, d_model, num_layers, num_heads, d_ff, rope_theta, norm, pos, ffn)
    model.load_state_dict(weights)
    return model(in_indices)


def get_linear_cls() -> type[torch.nn.Module]:
    """Your linear layer: (in_features, out_features, device=None, dtype=None)."""
    return Linear


def get_embedding_cls() -> type[torch.nn.Module]:
    """Your embedding: (num_embeddings, embedding_dim, device=None, dtype=None)."""
    return Embedding


def get_rmsnorm_cls() -> type[torch.nn.Module]:
    """Your RMSNorm: (d_model, eps=1e-5, device=None, dtype=None)."""
    return RMSNorm


def get_swiglu_cls() -> type[torch.nn.Module]:
    """Your SwiGLU: (d_model, d_ff=None, device=None, dtype=None)."""
    return SwiGLU


def get_rope_cls() -> type[torch.nn.Module]:
    """Your rotary embedding: (theta, d_k, max_seq_len, device=None); called with (x, token_positions)."""
    return RotaryPositionalEmbedding


def get_transformer_lm_cls() -> type[torch.nn.Module]:
    """Your language model: (vocab_size, context_length, d_model, num_layers, num_heads, d_ff,
    rope_theta=10000.0, device=None, dtype=None); called with ids [batch_size, sequence_length]."""
    return TransformerLM


def get_kv_cache_cls() -> type:
    """Your cache: (num_layers, max_length), with `length`."""
    return KVCache


def get_cached_lm(
    vocab_size: int,
    context_length: int,
    d_model: int,
    num_layers: int,
    num_heads: int,
    d_ff: int,
    rope_theta: float,
    weights: dict[str, Tensor],
) -> torch.nn.Module:
    """Your model that takes a cache, with the weights of run_transformer_lm; called with (token_ids, cache=None)."""
    cached = CachedTransformerLM(vocab_size, context_length, d_model, num_layers, num_heads, d_ff, rope_theta)
    cached.load_state_dict(weights)
    return cached


def run_generate_with_cache(
    model: torch.nn.Module, prompts: Int[Tensor, "batch prompt_length"], max_new_tokens: int
) -> Int[Tensor, "batch max_new_tokens"]:
    """The likeliest continuation of every row, by a model of get_cached_lm."""
    return generate_with_cache(model, prompts, max_new_tokens)


def run_route(
    router_logits: Float[Tensor, "tokens experts"], top_k: int
) -> tuple[Float[Tensor, "tokens top_k"], Int[Tensor, "tokens top_k"]]:
    """The gate weights and the ids of each token's top_k experts, the likeliest first."""
    return route(router_logits, top_k)


def run_load_balancing_loss(
    router_logits: Float[Tensor, "tokens experts"], chosen: Int[Tensor, "tokens top_k"]
) -> Float[Tensor, ""]:
    """The auxiliary loss of these logits and choices: 1 where experts are used evenly."""
    return load_balancing_loss(router_logits, chosen)


def run_expert_capacity(num_tokens: int, num_experts: int, top_k: int, capacity_factor: float) -> int:
    """The most tokens that one expert takes."""
    return expert_capacity(num_tokens, num_experts, top_k, capacity_factor)


def run_mixture_of_experts(
    d_model: int,
    d_ff: int,
    num_experts: int,
    top_k: int,
    capacity_factor: float | None,
    weights: dict[str, Tensor],
    in_features: Float[Tensor, "... d_model"],
) -> tuple[Float[Tensor, "... d_model"], Float[Tensor, ""]]:
    """The output of your layer with the given weights, and its load-balancing loss.

    Args:
        weights: `router.weight` [num_experts, d_model]; `experts.{i}.` followed by `w1.weight`, `w3.weight`
            [d_ff, d_model] and `w2.weight` [d_model, d_ff], i from 0.
    """
    mixture = MixtureOfExperts(d_model, d_ff, num_experts, top_k, capacity_factor)
    mixture.load_state_dict(weights)
    return mixture(in_features)


def get_mixture_of_experts_cls() -> type[torch.nn.Module]:
    """Your layer: (d_model, d_ff, num_experts, top_k, capacity_factor=None, device=None, dtype=None)."""
    return MixtureOfExperts


# ----------------------------------------------------------------------------------------------------------
# Written and experiment problems: what each returns, and in which units, is in the stubs' docstrings


def run_null_character() -> str:
    """The character chr(0)."""
    return unicode.null_character()


def run_echoed(text: str) -> str:
    """What the interpreter echoes for the value `text`."""
    return unicode.echoed(text)


def run_printed(text: str) -> str:
    """The characters that print(text) writes."""
    return unicode.printed(text)


def run_code_points(text: str) -> list[int]:
    """The code point of each character."""
    return unicode.code_points(text)


def run_encoded_sizes(text: str) -> dict[str, int]:
    """Bytes in "utf-8", "utf-16" and "utf-32", without a byte order mark."""
    return unicode.encoded_sizes(text)


def run_bytewise_counterexample() -> bytes:
    """Valid UTF-8 that cannot be decoded byte by byte."""
    return unicode.bytewise_counterexample()


def run_invalid_pair() -> bytes:
    """Two bytes that are not valid UTF-8."""
    return unicode.invalid_pair()


def run_longest_token(vocab: dict[int, bytes], special_tokens: list[str]) -> bytes:
    """The longest token, special tokens left out; of several, the one with the smallest id."""
    return vocabulary.longest_token(vocab, special_tokens)


def run_token_length_counts(vocab: dict[int, bytes], special_tokens: list[str]) -> dict[int, int]:
    """How many tokens have each length in bytes, special tokens left out."""
    return vocabulary.token_length_counts(vocab, special_tokens)


def run_tokens_only_in(vocab: dict[int, bytes], other: dict[int, bytes], special_tokens: list[str]) -> list[bytes]:
    """Tokens that `other` lacks, without special tokens, the longest first, then by their bytes."""
    return vocabulary.tokens_only_in(vocab, other, special_tokens)


def run_usage_outside(ids: list[int], vocab: dict[int, bytes], other: dict[int, bytes]) -> float:
    """The share of a text's tokens that `other` lacks."""
    return vocabulary.usage_outside(ids, vocab, other)


def run_save_vocabulary(
    vocab: dict[int, bytes],
    merges: list[tuple[bytes, bytes]],
    vocab_filepath: str | os.PathLike,
    merges_filepath: str | os.PathLike,
) -> None:
    """Write the two files that `from_files` of the tokenizer reads."""
    vocabulary.save_vocabulary(vocab, merges, vocab_filepath, merges_filepath)


def run_compression_ratio(documents: list[str], encodings: list[list[int]]) -> float:
    """UTF-8 bytes per token over all documents together."""
    return vocabulary.compression_ratio(documents, encodings)


def run_hours_to_tokenize(num_bytes: int, bytes_per_second: float) -> float:
    """Hours for a text of this size at this throughput."""
    return vocabulary.hours_to_tokenize(num_bytes, bytes_per_second)


def run_smallest_unsigned_dtype(vocab_size: int) -> str:
    """The name of the smallest unsigned numpy dtype that holds all ids."""
    return vocabulary.smallest_unsigned_dtype(vocab_size)


def run_token_array(encodings: list[list[int]], vocab_size: int) -> npt.NDArray:
    """All ids as one array of the smallest unsigned dtype; an id out of range is a ValueError."""
    return vocabulary.token_array(encodings, vocab_size)


def run_transformer_param_count(vocab_size: int, num_layers: int, d_model: int, d_ff: int) -> int:
    """The parameters of a TransformerLM."""
    return accounting.transformer_param_count(vocab_size, num_layers, d_model, d_ff)


def run_transformer_bytes(vocab_size: int, num_layers: int, d_model: int, d_ff: int, bytes_per_parameter: int) -> int:
    """The bytes that these parameters take."""
    return accounting.transformer_bytes(vocab_size, num_layers, d_model, d_ff, bytes_per_parameter)


def run_transformer_forward_flops(
    vocab_size: int,
    context_length: int,
    num_layers: int,
    d_model: int,
    num_heads: int,
    d_ff: int,
    batch_size: int,
) -> dict[str, int]:
    """The FLOP of the matrix products of a forward pass: "qkv_projections", "attention_scores",
    "attention_values", "output_projection", "feed_forward", "lm_head"."""
    return accounting.transformer_forward_flops(
        vocab_size, context_length, num_layers, d_model, num_heads, d_ff, batch_size
    )


def run_flops_shares(flops: dict[str, int]) -> dict[str, float]:
    """Each part's share of the total, from 0 to 1."""
    return accounting.flops_shares(flops)


def run_attention_crossover_length(d_model: int, d_ff: int) -> int:
    """The first context length at which scores and values cost at least what the feed-forward part does."""
    return accounting.attention_crossover_length(d_model, d_ff)


def run_toy_sgd_loss_ratio(learning_rate: float, num_steps: int, num_weights: int) -> float:
    """The loss after num_steps steps over the loss at the start."""
    return sgd.toy_sgd_loss_ratio(learning_rate, num_steps, num_weights)


def run_classify_learning_rate(learning_rate: float, baseline: float, num_steps: int, num_weights: int) -> str:
    """ "diverges", "faster" (than the learning rate `baseline`) or "slower"."""
    return sgd.classify_learning_rate(learning_rate, baseline, num_steps, num_weights)


def run_adamw_memory(
    batch_size: int,
    vocab_size: int,
    context_length: int,
    num_layers: int,
    d_model: int,
    num_heads: int,
    d_ff: int,
    bytes_per_value: int,
) -> dict[str, int]:
    """The bytes of "parameters", "gradients", "optimizer_state" and "activations"."""
    return accounting.adamw_memory(
        batch_size, vocab_size, context_length, num_layers, d_model, num_heads, d_ff, bytes_per_value
    )


def run_largest_batch_size(
    memory_bytes: int,
    vocab_size: int,
    context_length: int,
    num_layers: int,
    d_model: int,
    num_heads: int,
    d_ff: int,
    bytes_per_value: int,
) -> int:
    """The largest batch that fits into memory_bytes; 0 if none does."""
    return accounting.largest_batch_size(
        memory_bytes, vocab_size, context_length, num_layers, d_model, num_heads, d_ff, bytes_per_value
    )


def run_adamw_step_flops(num_parameters: int) -> int:
    """The FLOP of one step of AdamW."""
    return accounting.adamw_step_flops(num_parameters)


def run_training_hours(
    forward_flops_per_sequence: int,
    batch_size: int,
    num_steps: int,
    peak_flops_per_second: float,
    utilisation: float,
) -> float:
    """Hours of training at a share of the device's peak."""
    return accounting.training_hours(
        forward_flops_per_sequence, batch_size, num_steps, peak_flops_per_second, utilisation
    )


def run_read_log(text: str) -> list[dict[str, Any]]:
    """The records of a log in JSON lines."""
    return experiments.read_log(text)


def run_log_faults(records: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """(index of the record, key) of everything that is wrong in a log."""
    return experiments.log_faults(records)


def run_loss_curve(records: list[dict[str, Any]], loss: str, against: str) -> list[tuple[float, float]]:
    """The points (value of `against`, measured loss) of a log."""
    return experiments.loss_curve(records, loss, against)


def run_has_diverged(records: list[dict[str, Any]]) -> bool:
    """Whether the run of this log diverged."""
    return experiments.has_diverged(records)


def run_summarise_sweep(runs: list[list[dict[str, Any]]]) -> list[tuple[float, float, bool]]:
    """(learning rate, final validation loss, has diverged) of each log, by learning rate."""
    return experiments.summarise_sweep(runs)


def run_best_learning_rate(runs: list[list[dict[str, Any]]]) -> float | None:
    """The learning rate of the run that ended best; None if all diverged."""
    return experiments.best_learning_rate(runs)


def run_divergence_ratio(runs: list[list[dict[str, Any]]]) -> float | None:
    """The first learning rate above the best that diverged, over the best."""
    return experiments.divergence_ratio(runs)


def run_cost_to_reach(records: list[dict[str, Any]], target_loss: float) -> tuple[int, float, int] | None:
    """(step, seconds, tokens) at which the validation loss first is at most target_loss."""
    return experiments.cost_to_reach(records, target_loss)


def run_fastest_batch_size(runs: dict[int, list[dict[str, Any]]], target_loss: float) -> int | None:
    """The batch size (key) whose log reaches target_loss in the fewest seconds."""
    return experiments.fastest_batch_size(runs, target_loss)
