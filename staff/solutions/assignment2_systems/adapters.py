"""The interface between your code and the checks: one function for each thing that is checked.

The names, arguments and return annotations are fixed; a result that does not fit its annotation fails. The
bodies are yours: a line or more that builds your object or calls your function, but no mathematics. They are
wired to the stubs already, so nothing here needs a change unless you name or store things differently.
"""

import timeit
from collections.abc import Callable, Sequence
from typing import Any

import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor

from assignment2_systems import (
    benchmarking,
    bucket_costs,
    checkpointing,
    device_mesh,
    memory,
    mixed_precision,
    number_formats,
    parallelism,
    sharded_feed_forward,
    training_state,
)
from assignment2_systems.bucketed_data_parallel import BucketedDDP
from assignment2_systems.data_parallel import DDP
from assignment2_systems.flash_attention import FlashAttention
from assignment2_systems.flat_data_parallel import FlatDDP
from assignment2_systems.fully_sharded import FullyShardedDataParallel
from assignment2_systems.pipeline_parallel import pipeline_step
from assignment2_systems.rmsnorm_gradients import RMSNormFunction, rmsnorm_backward_g, rmsnorm_backward_x
from assignment2_systems.sharded_optimizer import ShardedOptimizer
from assignment2_systems.tensor_parallel import (
    ColumnParallelLinear,
    ParallelAttention,
    ParallelFeedForward,
    RowParallelLinear,
)


def run_benchmark(
    fn: Callable[[], object],
    warmup: int,
    steps: int,
    sync: Callable[[], object] | None = None,
    clock: Callable[[], float] = timeit.default_timer,
) -> list[float]:
    """The seconds of each of `steps` calls of `fn`, in order, after `warmup` calls that are not timed."""
    return benchmarking.benchmark(fn, warmup, steps, sync, clock)


def run_summarise_timings(timings: Sequence[float]) -> dict[str, float]:
    """The "mean" of at least one timing, and the sample standard deviation "std"."""
    return benchmarking.summarise_timings(timings)


def run_accumulate(count: int, term: float, accumulator_dtype: str, term_dtype: str, cast_first: bool) -> float:
    """Start from zero in `accumulator_dtype` and add `term`, rounded once to `term_dtype`, `count` times."""
    return mixed_precision.accumulate(count, term, accumulator_dtype, term_dtype, cast_first)


def run_autocast_dtypes(autocast_dtype: str) -> dict[str, str]:
    """The dtypes in a training step of the handout's toy model, whose parameters are made in float32."""
    return mixed_precision.autocast_dtypes(autocast_dtype)


def run_autocast_result(operation: str, dtypes: Sequence[str], autocast_dtype: str) -> str:
    """The dtype of an operation's result under `torch.autocast("cuda", dtype=autocast_dtype)`."""
    return mixed_precision.autocast_result(operation, dtypes, autocast_dtype)


def run_format_limits(name: str) -> dict[str, float]:
    """The positive limits of a format: "largest" (finite), "smallest_normal" and "smallest_subnormal"."""
    return number_formats.format_limits(name)


def run_spacing(x: float, name: str) -> float:
    """The distance between neighbours of the format at |x|, which is at most its largest number."""
    return number_formats.spacing(x, name)


def run_round_to_format(x: Float[Tensor, "..."], name: str, saturate: bool = False) -> Float[Tensor, "..."]:
    """Each number of `x` (float64) rounded to the nearest number of the format, as float64."""
    return number_formats.round_to_format(x, name, saturate)


def run_quantise_blocks(
    x: Float[Tensor, "... n"], name: str, block_size: int
) -> tuple[Float[Tensor, "... blocks"], Float[Tensor, "... n"]]:
    """Cut the last dimension into blocks, give each a power of two as its scale, and round what is left."""
    return number_formats.quantise_blocks(x, name, block_size)


def run_quantisation_error(x: Float[Tensor, "... n"], name: str, block_size: int) -> float:
    """How far `quantise_blocks` moves x, relative to x: the l2 norm of scale * element - x, over that of x."""
    return number_formats.quantisation_error(x, name, block_size)


def run_residual_stream_mib(B: int, T: int, d: int) -> float:
    """The MiB of one tensor of the residual stream."""
    return memory.residual_stream_mib(B, T, d)


def run_largest_forward_allocation(B: int, T: int, d: int, f: int, h: int, V: int) -> tuple[str, float]:
    """The name and the MiB of the largest tensor that a forward pass of a Transformer makes."""
    return memory.largest_forward_allocation(B, T, d, f, h, V)


def run_peak_of_trace(trace: Sequence[tuple[str, int, int]]) -> dict[str, int]:
    """What a record of allocations says about the peak. Its events are ("alloc" or "free", address, bytes), in order."""
    return memory.peak_of_trace(trace)


def run_attention_saved_bytes(B: int, T: int, d: int, dtype_bytes: int) -> int:
    """The bytes that plain attention keeps for its backward pass, for B heads of T queries and keys of width d."""
    return memory.attention_saved_bytes(B, T, d, dtype_bytes)


def run_largest_attention_length(memory_bytes: int, B: int, d: int, dtype_bytes: int) -> int:
    """The largest T for which `attention_saved_bytes` is at most `memory_bytes`; 0 if none is."""
    return memory.largest_attention_length(memory_bytes, B, d, dtype_bytes)


def run_checkpointed_forward(
    blocks: Sequence[Callable[[Tensor], Tensor]], x: Float[Tensor, "..."]
) -> Float[Tensor, "..."]:
    """Apply the blocks one after the other, in a way that lets the backward pass run in little memory."""
    return checkpointing.checkpointed_forward(blocks, x)


def run_grouped_bytes(N: int, g: int, ckpt_bytes: int, resid_bytes: int) -> int:
    """The peak of N blocks in groups of g, each group one checkpoint (the last may be smaller)."""
    return checkpointing.grouped_bytes(N, g, ckpt_bytes, resid_bytes)


def run_best_group_size(N: int, ckpt_bytes: int, resid_bytes: int) -> int:
    """The g from 1 to N with the smallest `grouped_bytes`; of equal ones the smallest."""
    return checkpointing.best_group_size(N, ckpt_bytes, resid_bytes)


def get_flashattention_autograd_function_pytorch() -> type:
    """Your `torch.autograd.Function` that computes attention by tiles in PyTorch; `.apply(q, k, v, is_causal)`."""
    return FlashAttention


def get_flashattention_autograd_function_triton() -> type:
    """Your `torch.autograd.Function` that computes attention by Triton kernels; `.apply(q, k, v, is_causal)`."""
    from assignment2_systems.flash_triton import TritonFlashAttention  # here, as Triton is not to be had everywhere

    return TritonFlashAttention


def get_rmsnorm_autograd_function_pytorch() -> type:
    """Your `torch.autograd.Function` that computes RMSNorm with gradients of your own; `.apply(x, g)`."""
    return RMSNormFunction


def get_rmsnorm_autograd_function_triton() -> type:
    """Your `torch.autograd.Function` that computes RMSNorm by Triton kernels; `.apply(x, g)`."""
    from assignment2_systems.rmsnorm_triton import TritonRMSNormFunction  # here, as Triton is not to be had everywhere

    return TritonRMSNormFunction


def rmsnorm_backward_g_pytorch(
    grad_output: Float[Tensor, "... h"], x: Float[Tensor, "... h"], g: Float[Tensor, " h"]
) -> Float[Tensor, " h"]:
    """The gradient by the gain g of RMSNorm, given that of its output."""
    return rmsnorm_backward_g(grad_output, x, g)


def rmsnorm_backward_x_pytorch(
    grad_output: Float[Tensor, "... h"], x: Float[Tensor, "... h"], g: Float[Tensor, " h"]
) -> Float[Tensor, "... h"]:
    """The gradient by x of RMSNorm, given that of its output."""
    return rmsnorm_backward_x(grad_output, x, g)


def get_ddp(module: torch.nn.Module) -> torch.nn.Module:
    """`module` as a data-parallel model, which has it as `module`: all ranks train it together."""
    return DDP(module)


def ddp_on_after_backward(ddp_model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """What has to happen between a backward pass and the optimizer's step."""
    ddp_model.finish_gradient_synchronization()


def get_ddp_individual_parameters(module: torch.nn.Module) -> torch.nn.Module:
    """The same as get_ddp, by the name that older courses have for it."""
    return DDP(module)


def ddp_individual_parameters_on_after_backward(ddp_model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """The same as ddp_on_after_backward."""
    ddp_model.finish_gradient_synchronization()


def get_ddp_flat(module: torch.nn.Module) -> torch.nn.Module:
    """`module` as a data-parallel model that sends all gradients of a step at once, one all-reduce a dtype."""
    return FlatDDP(module)


def ddp_flat_on_after_backward(ddp_model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """What has to happen between a backward pass and the optimizer's step."""
    ddp_model.finish_gradient_synchronization()


def get_ddp_bucketed(module: torch.nn.Module, bucket_size_mb: float) -> torch.nn.Module:
    """`module` as a data-parallel model that sends gradients in buckets.

    Args:
        bucket_size_mb: a bucket of more than one parameter holds at most so many megabytes (10^6 bytes).
    """
    return BucketedDDP(module, bucket_size_mb)


def ddp_bucketed_on_train_batch_start(ddp_model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """What has to happen at the very beginning of a training step."""
    ddp_model.start_train_batch()


def ddp_bucketed_on_after_backward(ddp_model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """What has to happen between a backward pass and the optimizer's step."""
    ddp_model.finish_gradient_synchronization()


def get_sharded_optimizer(
    params: Any, optimizer_cls: type[torch.optim.Optimizer], **kwargs: Any
) -> torch.optim.Optimizer:
    """An optimizer that behaves as `optimizer_cls(params, **kwargs)` and keeps its state spread over the ranks."""
    return ShardedOptimizer(params, optimizer_cls, **kwargs)


def get_fsdp(module: torch.nn.Module, compute_dtype: torch.dtype | None = None) -> torch.nn.Module:
    """`module`, fully sharded: each rank keeps a part of every weight. It has the wrapped module as `module`.

    Args:
        compute_dtype: what sharded layers communicate their weights in, and compute in; by default the weights' own.
    """
    return FullyShardedDataParallel(module, compute_dtype)


def fsdp_on_after_backward(fsdp_model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """What has to happen between a backward pass and the optimizer's step."""
    fsdp_model.finish_gradient_synchronization()


def fsdp_gather_full_params(fsdp_model: torch.nn.Module) -> dict[str, Tensor]:
    """Every parameter, whole, by its name in the wrapped module. All ranks call it together."""
    return fsdp_model.gather_full_params()


def get_column_parallel_linear(weight: Float[Tensor, "d_out d_in"]) -> torch.nn.Module:
    """A linear layer of which each rank, given the whole weight, keeps its rows: x is whole, y is this rank's part."""
    return ColumnParallelLinear(weight)


def get_row_parallel_linear(weight: Float[Tensor, "d_out d_in"]) -> torch.nn.Module:
    """A linear layer of which each rank, given the whole weight, keeps its columns: x is this rank's part, y is whole."""
    return RowParallelLinear(weight)


def get_parallel_feed_forward(
    w1: Float[Tensor, "d_ff d_model"], w2: Float[Tensor, "d_model d_ff"], w3: Float[Tensor, "d_ff d_model"]
) -> torch.nn.Module:
    """W2 (silu(W1 x) * W3 x), of which each rank, given the whole weights, keeps its part."""
    return ParallelFeedForward(w1, w2, w3)


def get_parallel_attention(
    q: Float[Tensor, "d_model d_model"],
    k: Float[Tensor, "d_model d_model"],
    v: Float[Tensor, "d_model d_model"],
    o: Float[Tensor, "d_model d_model"],
    num_heads: int,
) -> torch.nn.Module:
    """Causal self-attention without positions, of which each rank, given the whole weights, keeps its heads."""
    return ParallelAttention(q, k, v, o, num_heads)


def run_pipeline_step(
    stage: torch.nn.Module,
    inputs: list[Tensor] | None,
    micro_batches: int,
    loss: Callable[[Tensor, int], Tensor] | None,
    like: Tensor,
) -> list[float]:
    """All forward and backward passes of a step on this rank's stage; the losses on the last rank, else nothing.

    Args:
        inputs: on rank 0, a tensor for each micro-batch; elsewhere None.
        loss: on the last rank, the loss of an output and the number of its micro-batch; elsewhere None.
        like: a tensor shaped and typed as what goes from any stage to the next.
    """
    return pipeline_step(stage, inputs, micro_batches, loss, like)


def run_ddp_overhead(s: float, w: float, o: float, n_b: int) -> float:
    """The seconds by which n_b buckets extend the backward pass."""
    return bucket_costs.ddp_overhead(s, w, o, n_b)


def run_best_bucket_bytes(s: float, w: float, o: float) -> float:
    """The size of a bucket at which `ddp_overhead` is least, were the number of buckets any positive real."""
    return bucket_costs.best_bucket_bytes(s, w, o)


def run_best_bucket_count(s: float, w: float, o: float) -> int:
    """The whole number of buckets with the least `ddp_overhead`; of two equal ones the smaller."""
    return bucket_costs.best_bucket_count(s, w, o)


def run_training_state_bytes(P: int, ws: int, mode: str, replicated: int = 0) -> dict[str, int]:
    """The bytes on a rank once it has made a step, with the keys "params", "grads" and "opt"."""
    return training_state.training_state_bytes(P, ws, mode, replicated)


def run_memory_at_stages(P: int, ws: int, mode: str) -> dict[str, int]:
    """The bytes of state on a rank in its first step, without activations; `mode` is "ddp" or "sharded_optimizer"."""
    return training_state.memory_at_stages(P, ws, mode)


def run_step_communication_bytes(P: int, ws: int, mode: str) -> float:
    """The bytes that a rank sends in one step, all in float32."""
    return training_state.step_communication_bytes(P, ws, mode)


def run_fsdp_communication_bytes(P: int, ws: int, replicated: int, compute_bytes: int) -> float:
    """The bytes that a rank sends in one fully sharded step."""
    return training_state.fsdp_communication_bytes(P, ws, replicated, compute_bytes)


def run_fsdp_gathered_bytes(layers: Sequence[int], compute_bytes: int, prefetch: int) -> int:
    """The most bytes of gathered parameters alive in a forward pass over layers of so many sharded parameters each."""
    return training_state.fsdp_gathered_bytes(layers, compute_bytes, prefetch)


def run_alternate_ring_all_reduce_seconds(S: float, N: int, W: float) -> float:
    """The naive all-reduce of S bytes: N - 1 times, each device passes a whole tensor on to its neighbour."""
    return parallelism.alternate_ring_all_reduce_seconds(S, N, W)


def run_ring_all_reduce_seconds(S: float, N: int, W: float) -> float:
    """The usual all-reduce of S bytes: a reduce-scatter, then an all-gather, each in N - 1 steps of S / N bytes."""
    return parallelism.ring_all_reduce_seconds(S, N, W)


def run_data_parallel_backward_flops(B: int, D: int, F: int, N: int) -> float:
    """The FLOP of a backward pass on each of N devices that share the batch: two products for each of the forward's."""
    return parallelism.data_parallel_backward_flops(B, D, F, N)


def run_data_parallel_backward_seconds(D: int, F: int, N: int, W: float) -> float:
    """The seconds of the all-reduce of the gradients of the three matrices."""
    return parallelism.data_parallel_backward_seconds(D, F, N, W)


def run_data_parallel_max_devices(B: int, W: float, C: float) -> float:
    """The largest N, as a real number, at which the backward pass is compute-bound, both overlapping perfectly."""
    return parallelism.data_parallel_max_devices(B, W, C)


def run_fsdp_flops(B: int, D: int, F: int, N: int) -> tuple[float, float]:
    """The FLOP of the forward and of the backward pass on each device, weights and batch divided by N."""
    return parallelism.fsdp_flops(B, D, F, N)


def run_fsdp_seconds(D: int, F: int, N: int, W: float) -> tuple[float, float]:
    """The seconds of communication in the forward pass (gather the weights) and in the backward pass (gather them
    again, reduce-scatter their gradients)."""
    return parallelism.fsdp_seconds(D, F, N, W)


def run_fsdp_max_devices(B: int, W: float, C: float) -> tuple[float, float]:
    """The largest N, as a real number, at which the forward and the backward pass are compute-bound."""
    return parallelism.fsdp_max_devices(B, W, C)


def run_tensor_parallel_flops(B: int, D: int, F: int, N: int) -> tuple[float, float]:
    """The FLOP of the forward and of the backward pass on each device, F divided by N, the batch on all."""
    return parallelism.tensor_parallel_flops(B, D, F, N)


def run_tensor_parallel_seconds(B: int, D: int, N: int, W: float) -> tuple[float, float]:
    """The seconds of communication in the forward pass (all-reduce y) and in the backward pass (all-reduce dx)."""
    return parallelism.tensor_parallel_seconds(B, D, N, W)


def run_tensor_parallel_max_devices(F: int, W: float, C: float) -> tuple[float, float]:
    """The largest N, as a real number, at which the forward and the backward pass are compute-bound."""
    return parallelism.tensor_parallel_max_devices(F, W, C)


def run_fsdp_tp_flops(B: int, D: int, F: int, N_F: int, N_T: int) -> float:
    """The FLOP of the forward pass on each of N_F * N_T devices: batch divided by N_F, F by N_T."""
    return parallelism.fsdp_tp_flops(B, D, F, N_F, N_T)


def run_fsdp_tp_seconds(B: int, D: int, F: int, N_F: int, N_T: int, W: float) -> tuple[float, float]:
    """The seconds of communication in the forward pass: gathering weights over N_F devices, and the all-reduce of y
    over N_T devices."""
    return parallelism.fsdp_tp_seconds(B, D, F, N_F, N_T, W)


def run_fsdp_tp_max_devices_overlapped(B: int, F: int, W: float, C: float) -> tuple[float, float, float]:
    """The largest N_F * N_T at which the forward pass is compute-bound, and its N_F and N_T, all as real numbers."""
    return parallelism.fsdp_tp_max_devices_overlapped(B, F, W, C)


def run_fsdp_tp_max_devices_in_turn(B: int, F: int, W: float, C: float) -> tuple[float, float, float]:
    """The same, if the two communications run one after the other: computing takes at least as long as their sum."""
    return parallelism.fsdp_tp_max_devices_in_turn(B, F, W, C)


def run_tp_backward(
    dy: npt.NDArray,
    x: npt.NDArray,
    W1s: list[npt.NDArray],
    W2s: list[npt.NDArray],
    W3s: list[npt.NDArray],
    x1s: list[npt.NDArray],
    x2s: list[npt.NDArray],
    zs: list[npt.NDArray],
    f: Callable[[npt.NDArray], npt.NDArray],
    df: Callable[[npt.NDArray], npt.NDArray],
    all_reduce: Callable[[list[npt.NDArray]], npt.NDArray],
) -> tuple[npt.NDArray, list[npt.NDArray], list[npt.NDArray], list[npt.NDArray]]:
    """Gradients of y = sum_i z_i W3_i with z_i = f(x1_i) * x2_i, x1_i = x W1_i, x2_i = x W2_i, by shard i."""
    return sharded_feed_forward.tp_backward(dy, x, W1s, W2s, W3s, x1s, x2s, zs, f, df, all_reduce)


def run_two_matrix_parameters(d: int, f: int, L: int) -> int:
    """The number of parameters."""
    return device_mesh.two_matrix_parameters(d, f, L)


def run_saved_activation_bytes(d: int, f: int, L: int, tokens: int) -> int:
    """The bytes kept for the backward pass: of each token, the inputs of both matrices of every block."""
    return device_mesh.saved_activation_bytes(d, f, L, tokens)


def run_devices_for_state(P: int, device_bytes: int) -> int:
    """How many devices of `device_bytes` it takes to hold weights, gradients and moments of P parameters."""
    return device_mesh.devices_for_state(P, device_bytes)


def run_sharded_bytes_per_device(P: int, activation_bytes: int, N: int) -> float:
    """The bytes on each of N devices: the state of P parameters and half of the activations divided by N, the other
    half of the activations whole."""
    return device_mesh.sharded_bytes_per_device(P, activation_bytes, N)


def run_fewest_devices(P: int, activation_bytes: int, device_bytes: int) -> int:
    """The smallest N at which `sharded_bytes_per_device` is at most `device_bytes`; 0 if there is none."""
    return device_mesh.fewest_devices(P, activation_bytes, device_bytes)


def run_mesh_seconds(
    B: int, D: int, F: int, X: int, Y: int, C: float, W: float, M_X: int, M_Y: int
) -> dict[str, float]:
    """The seconds of a block's forward pass on B tokens, with the keys "compute", "fsdp" and "tp"."""
    return device_mesh.mesh_seconds(B, D, F, X, Y, C, W, M_X, M_Y)


def run_compute_bound_tokens(X: int, Y: int, C: float, W: float, M_X: int) -> tuple[float, float]:
    """The smallest batch at which "compute" is at least "fsdp": its tokens in all, and its tokens a device."""
    return device_mesh.compute_bound_tokens(X, Y, C, W, M_X)


def run_width_suffices(F: int, Y: int, C: float, W: float, M_Y: int) -> bool:
    """Whether "compute" is at least "tp", which no batch decides."""
    return device_mesh.width_suffices(F, Y, C, W, M_Y)


def run_best_mesh(devices: int, F: int, C: float, W: float, M_X: int, M_Y: int) -> tuple[int, int]:
    """Of all X * Y = `devices` with `width_suffices`, the X and Y that are compute-bound at the smallest batch."""
    return device_mesh.best_mesh(devices, F, C, W, M_X, M_Y)
