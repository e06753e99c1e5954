"""What a Transformer costs: parameters, bytes and floating-point operations (FLOP).

Every count is a sum over matrix products or tensors of the model in `transformer.py`.
"""

SECONDS_PER_HOUR = 3600


def transformer_param_count(vocab_size: int, num_layers: int, d_model: int, d_ff: int) -> int:
    """How many numbers a `TransformerLM` learns: matrices and the gains of its norms."""
    attention = 4 * d_model * d_model
    feed_forward = 3 * d_model * d_ff
    norms = 2 * d_model
    embedding_and_head = 2 * vocab_size * d_model
    return embedding_and_head + num_layers * (attention + feed_forward + norms) + d_model


def transformer_bytes(vocab_size: int, num_layers: int, d_model: int, d_ff: int, bytes_per_parameter: int) -> int:
    """The memory that its parameters take."""
    return bytes_per_parameter * transformer_param_count(vocab_size, num_layers, d_model, d_ff)


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

    The number of heads cancels: each has d_model / num_heads of the width.
    """
    tokens = batch_size * context_length
    square = 2 * tokens * context_length * d_model  # queries with keys, or probabilities with values
    projection = 2 * tokens * d_model * d_model
    return {
        "qkv_projections": num_layers * 3 * projection,
        "attention_scores": num_layers * square,
        "attention_values": num_layers * square,
        "output_projection": num_layers * projection,
        "feed_forward": num_layers * 3 * 2 * tokens * d_model * d_ff,
        "lm_head": 2 * tokens * d_model * vocab_size,
    }


def flops_shares(flops: dict[str, int]) -> dict[str, float]:
    """Each part's share of the sum of all."""
    total = sum(flops.values())
    return {part: count / total for part, count in flops.items()}


def attention_crossover_length(d_model: int, d_ff: int) -> int:
    """The context length from which the products of activations cost as much as the feed-forward network.

    4 B T^2 d >= 6 B T d d_ff: batch, layers and width cancel, and 2 T >= 3 d_ff remains.
    """
    return (3 * d_ff + 1) // 2


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
    """The bytes that training with AdamW keeps: weights, gradients, two moments, and what backward needs."""
    parameters = transformer_param_count(vocab_size, num_layers, d_model, d_ff)
    layer = (
        2 * context_length * d_model  # norms
        + 3 * context_length * d_model  # queries, keys, values
        + 2 * num_heads * context_length * context_length  # scores and their softmax
        + context_length * d_model  # weighted sum of values
        + context_length * d_model  # output projection
        + 4 * context_length * d_ff  # W1 x, W3 x, SiLU, gate
        + context_length * d_model  # W2
    )
    last_norm = context_length * d_model
    logits_and_loss = 2 * context_length * vocab_size
    activations = batch_size * (num_layers * layer + last_norm + logits_and_loss)
    return {
        "parameters": bytes_per_value * parameters,
        "gradients": bytes_per_value * parameters,
        "optimizer_state": bytes_per_value * 2 * parameters,
        "activations": bytes_per_value * activations,
    }


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
    """The largest batch that fits: activations grow with it, all else does not."""
    memory = adamw_memory(1, vocab_size, context_length, num_layers, d_model, num_heads, d_ff, bytes_per_value)
    activations = memory.pop("activations")
    return max(0, (memory_bytes - sum(memory.values())) // activations)


def adamw_step_flops(num_parameters: int) -> int:
    """The FLOP of one step of AdamW: decay 2, first moment 3, second moment 4, update 5."""
    return (2 + 3 + 4 + 5) * num_parameters


def training_hours(
    forward_flops_per_sequence: int,
    batch_size: int,
    num_steps: int,
    peak_flops_per_second: float,
    utilisation: float,
) -> float:
    """Hours of training, forward and backward (twice the forward), at a share of the device's peak."""
    flops = 3 * forward_flops_per_sequence * batch_size * num_steps
    return flops / (utilisation * peak_flops_per_second) / SECONDS_PER_HOUR
