"""FlashAttention in Triton: a program a tile, forward and backward, compiled for a GPU or run by the interpreter.

Weights are powers of two: exp(x) = exp2(x log2(e)), and the factor goes into the scale of the scores. The backward pass
has a kernel that walks the keys for dQ and one that walks the queries for dK and dV, so that no two programs write to
the same place. Tiles that a causal mask hides are not visited, and only tiles at an edge or on the diagonal are masked.

Not covered: values wider than keys, heads that are no power of two, second derivatives.
"""

import math
import os
from typing import Any

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

INTERPRETED = tl.constexpr(os.environ.get("TRITON_INTERPRET") == "1")
LOG2_E = math.log2(math.e)


def configs(*sizes: tuple[int, int, int, int]) -> list[triton.Config]:
    """What to try on a GPU: (queries in a tile, keys in a tile, warps, stages). The interpreter takes the first."""
    made = [
        triton.Config({"BLOCK_Q": queries, "BLOCK_K": keys}, num_warps=warps, num_stages=stages)
        for queries, keys, warps, stages in sizes
    ]
    return made[:1] if INTERPRETED else made


def fitting(tried: list[triton.Config], arguments: dict[str, Any], **_: Any) -> list[triton.Config]:
    """Of float32 only small tiles fit, and large ones take minutes to compile."""
    if arguments["Q"].element_size() < 4:
        return tried
    return [config for config in tried if config.kwargs["BLOCK_Q"] * config.kwargs["BLOCK_K"] <= 64 * 64]


@triton.jit
def load_rows(pointer, rows, stride_n, stride_d, length, D: tl.constexpr, MASKED: tl.constexpr):  # [rows, D]
    """Rows of a matrix; those at `length` and beyond are zeros, which needs MASKED."""
    pointers = pointer + rows[:, None] * stride_n + tl.arange(0, D)[None, :] * stride_d
    return tl.load(pointers, mask=rows[:, None] < length, other=0.0) if MASKED else tl.load(pointers)


@triton.jit
def store_rows(pointer, rows, tile, length, D: tl.constexpr):
    """Write the rows below `length` of a tile into a matrix without gaps."""
    pointers = pointer + rows[:, None] * D + tl.arange(0, D)[None, :]
    tl.store(pointers, tile.to(pointer.dtype.element_ty), mask=rows[:, None] < length)


@triton.jit
def add_product(total, a, b, PRECISION: tl.constexpr):
    """total + a @ b, summed in float32."""
    if INTERPRETED:  # there a product of bfloat16 is one of bit patterns
        a = a.to(tl.float32)
        b = b.to(tl.float32)
    return tl.dot(a, b, total, input_precision=PRECISION)


@triton.jit
def scores_of(
    query, key, rows, columns, keys, scale2, CAUSAL: tl.constexpr, MASKED: tl.constexpr, PRECISION: tl.constexpr
):
    """Scores in powers of two [rows, columns]; -inf where there is no key or the query does not see it."""
    scores = tl.zeros([query.shape[0], key.shape[0]], dtype=tl.float32)
    scores = add_product(scores, query, tl.trans(key), PRECISION) * scale2
    if MASKED:
        seen = columns[None, :] < keys
        if CAUSAL:
            seen = seen & (columns[None, :] <= rows[:, None])
        scores = tl.where(seen, scores, float("-inf"))
    return scores


@triton.jit
def attend(
    query, K, V, k_n, k_d, v_n, v_d, rows, start, stop, keys, scale2, numerator, denominator, maximum,
    D: tl.constexpr, BLOCK_K: tl.constexpr, CAUSAL: tl.constexpr, MASKED: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Go on with the running softmax over the keys from `start` to `stop`."""
    for first in range(start, stop, BLOCK_K):
        columns = first + tl.arange(0, BLOCK_K)
        key = load_rows(K, columns, k_n, k_d, keys, D, MASKED)
        scores = scores_of(query, key, rows, columns, keys, scale2, CAUSAL, MASKED, PRECISION)
        new_maximum = tl.maximum(maximum, tl.max(scores, axis=1))
        weights = tl.exp2(scores - new_maximum[:, None])
        shrink = tl.exp2(maximum - new_maximum)
        value = load_rows(V, columns, v_n, v_d, keys, D, MASKED)
        numerator = add_product(numerator * shrink[:, None], weights.to(value.dtype), value, PRECISION)
        denominator = denominator * shrink + tl.sum(weights, axis=1)
        maximum = new_maximum
    return numerator, denominator, maximum


@triton.autotune(
    configs((128, 64, 4, 3), (128, 64, 8, 3), (128, 128, 8, 3), (128, 128, 8, 2), (64, 64, 4, 3), (64, 32, 4, 2)),
    key=["length_class", "D", "CAUSAL", "PRECISION"],
    prune_configs_by={"early_config_prune": fitting},
)
@triton.jit
def forward_kernel(
    Q, K, V, Out, L, q_b, q_n, q_d, k_b, k_n, k_d, v_b, v_n, v_d, queries, keys, scale2, length_class,
    D: tl.constexpr, CAUSAL: tl.constexpr, PRECISION: tl.constexpr, BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """One tile of queries of one head: its output and log-sum-exp. Grid: (tiles of queries, heads)."""
    tile = tl.num_programs(0) - 1 - tl.program_id(0)  # under a causal mask the last tiles take longest: they go first
    head = tl.program_id(1).to(tl.int64)
    top = tile * BLOCK_Q
    rows = top + tl.arange(0, BLOCK_Q)
    query = load_rows(Q + head * q_b, rows, q_n, q_d, queries, D, True)
    K += head * k_b
    V += head * v_b

    seen_by_all = keys  # keys that every row of the tile sees
    stop = keys  # keys that any row sees
    if CAUSAL:
        seen_by_all = tl.minimum(keys, top + 1)
        stop = tl.minimum(keys, top + BLOCK_Q)
    whole = seen_by_all // BLOCK_K * BLOCK_K  # up to here tiles are whole and need no mask

    numerator = tl.zeros([BLOCK_Q, D], dtype=tl.float32)
    denominator = tl.zeros([BLOCK_Q], dtype=tl.float32)
    maximum = tl.full([BLOCK_Q], float("-inf"), dtype=tl.float32)
    numerator, denominator, maximum = attend(
        query, K, V, k_n, k_d, v_n, v_d, rows, 0, whole, keys, scale2, numerator, denominator, maximum,
        D, BLOCK_K, CAUSAL, False, PRECISION,
    )  # fmt: skip
    numerator, denominator, maximum = attend(
        query, K, V, k_n, k_d, v_n, v_d, rows, whole, stop, keys, scale2, numerator, denominator, maximum,
        D, BLOCK_K, CAUSAL, True, PRECISION,
    )  # fmt: skip
    store_rows(Out + head * queries * D, rows, numerator / denominator[:, None], queries, D)
    log_sum_exp = (maximum + tl.log2(denominator)) / 1.4426950408889634  # back from powers of two
    tl.store(L + head * queries + rows, log_sum_exp, mask=rows < queries)


@triton.jit
def weights_of(
    query,
    key,
    L,
    rows,
    columns,
    queries,
    keys,
    scale2,
    CAUSAL: tl.constexpr,
    MASKED: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """The weights of a tile once more [rows, columns], from its scores and their log-sum-exp."""
    log_sum_exp = tl.load(L + rows, mask=rows < queries, other=0.0) * 1.4426950408889634
    scores = scores_of(query, key, rows, columns, keys, scale2, CAUSAL, MASKED, PRECISION)
    return tl.exp2(scores - log_sum_exp[:, None])


@triton.jit
def shared_kernel(Out, dO, shared, do_b, do_n, do_d, queries, D: tl.constexpr, BLOCK_Q: tl.constexpr):
    """sum_d O_id dO_id of each query i. Grid: (tiles of queries, heads)."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK_Q + tl.arange(0, BLOCK_Q)
    output = load_rows(Out + head * queries * D, rows, D, 1, queries, D, True).to(tl.float32)
    grad = load_rows(dO + head * do_b, rows, do_n, do_d, queries, D, True).to(tl.float32)
    tl.store(shared + head * queries + rows, tl.sum(output * grad, axis=1), mask=rows < queries)


@triton.jit
def add_to_grad_query(
    query, grad, shared, K, V, L, k_n, k_d, v_n, v_d, rows, start, stop, queries, keys, scale2, grad_query,
    D: tl.constexpr, BLOCK_K: tl.constexpr, CAUSAL: tl.constexpr, MASKED: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """What the keys from `start` to `stop` add to dQ, but for the scale."""
    for first in range(start, stop, BLOCK_K):
        columns = first + tl.arange(0, BLOCK_K)
        key = load_rows(K, columns, k_n, k_d, keys, D, MASKED)
        value = load_rows(V, columns, v_n, v_d, keys, D, MASKED)
        weights = weights_of(query, key, L, rows, columns, queries, keys, scale2, CAUSAL, MASKED, PRECISION)
        grad_weights = add_product(tl.zeros_like(weights), grad, tl.trans(value), PRECISION)
        grad_scores = weights * (grad_weights - shared[:, None])
        grad_query = add_product(grad_query, grad_scores.to(key.dtype), key, PRECISION)
    return grad_query


@triton.autotune(
    configs((128, 64, 8, 3), (128, 64, 8, 2), (64, 64, 4, 3), (64, 32, 4, 3), (64, 32, 4, 2), (32, 32, 4, 2)),
    key=["length_class", "D", "CAUSAL", "PRECISION"],
    prune_configs_by={"early_config_prune": fitting},
)
@triton.jit
def grad_query_kernel(
    Q, K, V, dO, L, shared, dQ, q_b, q_n, q_d, k_b, k_n, k_d, v_b, v_n, v_d, do_b, do_n, do_d,
    queries, keys, scale, scale2, length_class,
    D: tl.constexpr, CAUSAL: tl.constexpr, PRECISION: tl.constexpr, BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """dQ of one tile of queries of one head. Grid: (tiles of queries, heads)."""
    tile = tl.num_programs(0) - 1 - tl.program_id(0)
    head = tl.program_id(1).to(tl.int64)
    top = tile * BLOCK_Q
    rows = top + tl.arange(0, BLOCK_Q)
    query = load_rows(Q + head * q_b, rows, q_n, q_d, queries, D, True)
    grad = load_rows(dO + head * do_b, rows, do_n, do_d, queries, D, True)
    shared_rows = tl.load(shared + head * queries + rows, mask=rows < queries, other=0.0)
    K += head * k_b
    V += head * v_b
    L += head * queries

    seen_by_all = keys
    stop = keys
    if CAUSAL:
        seen_by_all = tl.minimum(keys, top + 1)
        stop = tl.minimum(keys, top + BLOCK_Q)
    whole = seen_by_all // BLOCK_K * BLOCK_K

    grad_query = tl.zeros([BLOCK_Q, D], dtype=tl.float32)
    grad_query = add_to_grad_query(
        query, grad, shared_rows, K, V, L, k_n, k_d, v_n, v_d, rows, 0, whole, queries, keys, scale2, grad_query,
        D, BLOCK_K, CAUSAL, False, PRECISION,
    )  # fmt: skip
    grad_query = add_to_grad_query(
        query, grad, shared_rows, K, V, L, k_n, k_d, v_n, v_d, rows, whole, stop, queries, keys, scale2, grad_query,
        D, BLOCK_K, CAUSAL, True, PRECISION,
    )  # fmt: skip
    store_rows(dQ + head * queries * D, rows, grad_query * scale, queries, D)


@triton.jit
def add_to_grad_key_value(
    key, value, Q, dO, L, shared, q_n, q_d, do_n, do_d, columns, start, stop, queries, keys, scale2, grad_key, grad_value,
    D: tl.constexpr, BLOCK_Q: tl.constexpr, CAUSAL: tl.constexpr, MASKED: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """What the queries from `start` to `stop` add to dK, but for the scale, and to dV."""
    for first in range(start, stop, BLOCK_Q):
        rows = first + tl.arange(0, BLOCK_Q)
        query = load_rows(Q, rows, q_n, q_d, queries, D, MASKED)
        grad = load_rows(dO, rows, do_n, do_d, queries, D, MASKED)
        shared_rows = tl.load(shared + rows, mask=rows < queries, other=0.0)
        weights = weights_of(query, key, L, rows, columns, queries, keys, scale2, CAUSAL, MASKED, PRECISION)
        grad_value = add_product(grad_value, tl.trans(weights.to(grad.dtype)), grad, PRECISION)
        grad_weights = add_product(tl.zeros_like(weights), grad, tl.trans(value), PRECISION)
        grad_scores = weights * (grad_weights - shared_rows[:, None])
        grad_key = add_product(grad_key, tl.trans(grad_scores.to(query.dtype)), query, PRECISION)
    return grad_key, grad_value


@triton.autotune(
    configs((64, 128, 8, 3), (64, 128, 8, 2), (64, 64, 4, 3), (32, 128, 4, 3), (32, 64, 4, 2), (32, 32, 4, 2)),
    key=["length_class", "D", "CAUSAL", "PRECISION"],
    prune_configs_by={"early_config_prune": fitting},
)
@triton.jit
def grad_key_value_kernel(
    Q, K, V, dO, L, shared, dK, dV, q_b, q_n, q_d, k_b, k_n, k_d, v_b, v_n, v_d, do_b, do_n, do_d,
    queries, keys, scale, scale2, length_class,
    D: tl.constexpr, CAUSAL: tl.constexpr, PRECISION: tl.constexpr, BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """dK and dV of one tile of keys of one head. Grid: (tiles of keys, heads)."""
    head = tl.program_id(1).to(tl.int64)
    left = tl.program_id(0) * BLOCK_K
    columns = left + tl.arange(0, BLOCK_K)
    key = load_rows(K + head * k_b, columns, k_n, k_d, keys, D, True)
    value = load_rows(V + head * v_b, columns, v_n, v_d, keys, D, True)
    Q += head * q_b
    dO += head * do_b
    L += head * queries
    shared += head * queries

    # Queries: none sees a key before `start`, all do from `sees_all` on, and up to `whole` tiles are whole. Rows that
    # are no queries are zeros and add nothing; columns that are no keys are not stored.
    whole = queries // BLOCK_Q * BLOCK_Q
    start = 0
    sees_all = 0
    if CAUSAL:
        start = left // BLOCK_Q * BLOCK_Q
        sees_all = tl.minimum(tl.cdiv(left + BLOCK_K - 1, BLOCK_Q) * BLOCK_Q, whole)

    grad_key = tl.zeros([BLOCK_K, D], dtype=tl.float32)
    grad_value = tl.zeros([BLOCK_K, D], dtype=tl.float32)
    if CAUSAL:
        grad_key, grad_value = add_to_grad_key_value(
            key, value, Q, dO, L, shared, q_n, q_d, do_n, do_d, columns, start, sees_all, queries, keys, scale2,
            grad_key, grad_value, D, BLOCK_Q, CAUSAL, True, PRECISION,
        )  # fmt: skip
    grad_key, grad_value = add_to_grad_key_value(
        key, value, Q, dO, L, shared, q_n, q_d, do_n, do_d, columns, sees_all, whole, queries, keys, scale2,
        grad_key, grad_value, D, BLOCK_Q, CAUSAL, False, PRECISION,
    )  # fmt: skip
    grad_key, grad_value = add_to_grad_key_value(
        key, value, Q, dO, L, shared, q_n, q_d, do_n, do_d, columns, tl.maximum(whole, start), queries, queries, keys,
        scale2, grad_key, grad_value, D, BLOCK_Q, CAUSAL, True, PRECISION,
    )  # fmt: skip
    store_rows(dK + head * keys * D, columns, grad_key * scale, keys, D)
    store_rows(dV + head * keys * D, columns, grad_value, keys, D)


class TritonFlashAttention(torch.autograd.Function):
    """softmax(q k^T / sqrt(d)) v by Triton kernels. d is a power of two, at least 16."""

    @staticmethod
    def forward(
        ctx: Any,
        q: Float[Tensor, "... queries d"],
        k: Float[Tensor, "... keys d"],
        v: Float[Tensor, "... keys d"],
        is_causal: bool = False,
    ) -> Float[Tensor, "... queries d"]:
        """Attention of every query to all keys, or to keys 0 … i for query i."""
        d = q.shape[-1]
        if d < 16 or d & (d - 1):
            raise ValueError(f"TritonFlashAttention got heads of {d}; expected a power of two, at least 16")
        output = q.new_empty(q.shape)
        log_sum_exp = q.new_empty(q.shape[:-1], dtype=torch.float32)
        by_head = [heads(tensor) for tensor in (q, k, v)]
        queries, keys = q.shape[-2], k.shape[-2]
        forward_kernel[lambda meta: (triton.cdiv(queries, meta["BLOCK_Q"]), len(by_head[0]))](
            *by_head, output, log_sum_exp, *strides(*by_head), queries, keys, d**-0.5 * LOG2_E,
            triton.next_power_of_2(keys), D=d, CAUSAL=is_causal, PRECISION=precision(),
        )  # fmt: skip
        ctx.save_for_backward(q, k, v, output, log_sum_exp)
        ctx.is_causal = is_causal
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Float[Tensor, "... queries d"]) -> tuple[Tensor | None, ...]:
        """Gradients by q, k and v: the weights of each tile are made again from the scores and the log-sum-exp."""
        q, k, v, output, log_sum_exp = ctx.saved_tensors
        queries, keys, d = q.shape[-2], k.shape[-2], q.shape[-1]
        by_head = [heads(tensor) for tensor in (q, k, v, grad_output)]
        count, grad = len(by_head[0]), by_head[3]
        shared = torch.empty_like(log_sum_exp)
        shared_kernel[triton.cdiv(queries, 64), count](output, grad, shared, *strides(grad), queries, D=d, BLOCK_Q=64)

        sizes = (queries, keys, d**-0.5, d**-0.5 * LOG2_E, triton.next_power_of_2(keys))
        options = {"D": d, "CAUSAL": ctx.is_causal, "PRECISION": precision()}
        grad_q = grad_k = grad_v = None
        if ctx.needs_input_grad[0]:
            grad_q = q.new_empty(q.shape)
            grad_query_kernel[lambda meta: (triton.cdiv(queries, meta["BLOCK_Q"]), count)](
                *by_head, log_sum_exp, shared, grad_q, *strides(*by_head), *sizes, **options
            )
        if ctx.needs_input_grad[1] or ctx.needs_input_grad[2]:
            grad_k, grad_v = k.new_empty(k.shape), v.new_empty(v.shape)
            grad_key_value_kernel[lambda meta: (triton.cdiv(keys, meta["BLOCK_K"]), count)](
                *by_head, log_sum_exp, shared, grad_k, grad_v, *strides(*by_head), *sizes, **options
            )
        return grad_q, grad_k, grad_v, None


def heads(tensor: Float[Tensor, "... length d"]) -> Float[Tensor, "heads length d"]:
    """All leading dimensions as one: a view where the strides allow it."""
    return tensor.reshape(-1, *tensor.shape[-2:])


def strides(*tensors: Tensor) -> tuple[int, ...]:
    """The strides of all tensors, one after another."""
    return tuple(stride for tensor in tensors for stride in tensor.stride())


def precision() -> str:
    """How float32 is multiplied: like PyTorch, in tf32 only where that is allowed; else in three products of tf32,
    which are as exact as float32 and still run on tensor cores."""
    return "tf32x3" if torch.get_float32_matmul_precision() == "highest" else "tf32"
