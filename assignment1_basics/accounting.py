"""What a Transformer costs: parameters, bytes and floating-point operations (FLOP).

The model is that of `transformer.py`: embedding and head are separate, no layer has a bias, rotary positions
have no parameters, attention has d_model // num_heads numbers a head, the feed-forward network is SwiGLU
(three matrices). Counts are exact Python ints, however large. Sizes are bytes, rates FLOP/s.
"""


def transformer_param_count(vocab_size: int, num_layers: int, d_model: int, d_ff: int) -> int:
    """How many numbers a `TransformerLM` learns: matrices and the gains of its norms."""
    raise NotImplementedError(
        "transformer_accounting: write transformer_param_count in assignment1_basics/accounting.py"
    )


def transformer_bytes(vocab_size: int, num_layers: int, d_model: int, d_ff: int, bytes_per_parameter: int) -> int:
    """The memory that its parameters take."""
    raise NotImplementedError("transformer_accounting: write transformer_bytes in assignment1_basics/accounting.py")


def transformer_forward_flops(
    vocab_size: int,
    context_length: int,
    num_layers: int,
    d_model: int,
    num_heads: int,
    d_ff: int,
    batch_size: int,
) -> dict[str, int]:
    """The FLOP of the matrix products of one forward pass over a batch, by part, all layers together.

    A product of [m, n] and [n, p] is 2 m n p FLOP. Every sequence has context_length tokens, and every query
    meets every key: the causal mask saves nothing. All that is no matrix product counts nothing: the
    embedding look-up, norms, softmax, SiLU, the rotation, sums.

    Keys: "qkv_projections" (three), "attention_scores" (queries with keys), "attention_values" (probabilities
    with values), "output_projection", "feed_forward" (three), "lm_head".
    """
    raise NotImplementedError(
        "transformer_accounting: write transformer_forward_flops in assignment1_basics/accounting.py"
    )


def flops_shares(flops: dict[str, int]) -> dict[str, float]:
    """Each part's share of the sum of all, a number from 0 to 1 under the same key."""
    raise NotImplementedError("transformer_accounting: write flops_shares in assignment1_basics/accounting.py")


def attention_crossover_length(d_model: int, d_ff: int) -> int:
    """The smallest context_length at which "attention_scores" and "attention_values" together are at least
    "feed_forward"."""
    raise NotImplementedError(
        "transformer_accounting: write attention_crossover_length in assignment1_basics/accounting.py"
    )


def adamw_memory(
    batch_size: int,
    vocab_size: int,
    context_length: int,
    num_layers: int,
    d_model: int,
    num_heads: int,
    d_ff: int,
    bytes_per_value: int,
) -> dict[str, int]:
    """The bytes that training with AdamW keeps, all values being bytes_per_value bytes.

    Keys: "parameters"; "gradients"; "optimizer_state", the two moments; "activations", these outputs, each
    once:

    - in every layer: both RMSNorms; the projections of queries, keys and values; the scores (queries with
      keys) and their softmax, one square of context_length for each head; the weighted sum of values; the
      output projection; of the feed-forward network W1 x, W3 x, SiLU(W1 x), the product of the gate, and
      W2 (...).
    - once: the last RMSNorm, the logits, and the cross-entropy, which keeps one number for each logit.

    Nothing else counts: no residual sums, embeddings, rotated queries or keys, masks or token ids.
    """
    raise NotImplementedError("adamw_accounting: write adamw_memory in assignment1_basics/accounting.py")


def largest_batch_size(
    memory_bytes: int,
    vocab_size: int,
    context_length: int,
    num_layers: int,
    d_model: int,
    num_heads: int,
    d_ff: int,
    bytes_per_value: int,
) -> int:
    """The largest batch_size for which the sum of `adamw_memory` is at most memory_bytes; 0 if none is."""
    raise NotImplementedError("adamw_accounting: write largest_batch_size in assignment1_basics/accounting.py")


def adamw_step_flops(num_parameters: int) -> int:
    """The FLOP of one step of AdamW, by the list of the handout.

    Every +, -, *, / and square root on a whole tensor is one FLOP for each of its numbers. Scalars such as
    step_size and 1 - beta1 are free.

        p <- p - (lr * weight_decay) * p
        m <- beta1 * m + (1 - beta1) * g
        v <- beta2 * v + (1 - beta2) * (g * g)
        p <- p - step_size * (m / (sqrt(v) + eps))
    """
    raise NotImplementedError("adamw_accounting: write adamw_step_flops in assignment1_basics/accounting.py")


def training_hours(
    forward_flops_per_sequence: int,
    batch_size: int,
    num_steps: int,
    peak_flops_per_second: float,
    utilisation: float,
) -> float:
    """Hours of training on a device that reaches the share `utilisation` (0 to 1) of its peak.

    A backward pass costs twice its forward pass; the optimizer's own FLOP count nothing.
    """
    raise NotImplementedError("adamw_accounting: write training_hours in assignment1_basics/accounting.py")
