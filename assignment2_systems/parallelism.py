"""Time and arithmetic of one feed-forward layer on many devices, and when communication holds them up.

The layer is y = (f(x W1) * (x W2)) W3 with W1 and W2 of shape [D, F] and W3 of shape [F, D], on a batch of B tokens;
all numbers in messages have two bytes. N devices of C FLOP/s send W bytes/s each, in a ring. A product of [m, n] and
[n, p] is 2 m n p FLOP, and nothing else counts. On V bytes, all-gather and reduce-scatter take (N - 1) / N * V / W
seconds, all-reduce twice that. "Compute-bound": computing takes at least as long as communicating.
"""


def alternate_ring_all_reduce_seconds(S: float, N: int, W: float) -> float:
    """The naive all-reduce of S bytes: N - 1 times, each device passes a whole tensor on to its neighbour."""
    raise NotImplementedError(
        "alternate_ring_all_reduce: write alternate_ring_all_reduce_seconds in assignment2_systems/parallelism.py"
    )


def ring_all_reduce_seconds(S: float, N: int, W: float) -> float:
    """The usual all-reduce of S bytes: a reduce-scatter, then an all-gather, each in N - 1 steps of S / N bytes."""
    raise NotImplementedError(
        "alternate_ring_all_reduce: write ring_all_reduce_seconds in assignment2_systems/parallelism.py"
    )


def data_parallel_backward_flops(B: int, D: int, F: int, N: int) -> float:
    """The FLOP of a backward pass on each of N devices that share the batch: two products for each of the forward's."""
    raise NotImplementedError(
        "data_parallel_calcs: write data_parallel_backward_flops in assignment2_systems/parallelism.py"
    )


def data_parallel_backward_seconds(D: int, F: int, N: int, W: float) -> float:
    """The seconds of the all-reduce of the gradients of the three matrices."""
    raise NotImplementedError(
        "data_parallel_calcs: write data_parallel_backward_seconds in assignment2_systems/parallelism.py"
    )


def data_parallel_max_devices(B: int, W: float, C: float) -> float:
    """The largest N, as a real number, at which the backward pass is compute-bound, both overlapping perfectly."""
    raise NotImplementedError(
        "data_parallel_calcs: write data_parallel_max_devices in assignment2_systems/parallelism.py"
    )


def fsdp_flops(B: int, D: int, F: int, N: int) -> tuple[float, float]:
    """The FLOP of the forward and of the backward pass on each device, weights and batch divided by N."""
    raise NotImplementedError("fsdp_calcs: write fsdp_flops in assignment2_systems/parallelism.py")


def fsdp_seconds(D: int, F: int, N: int, W: float) -> tuple[float, float]:
    """The seconds of communication in the forward pass (gather the weights) and in the backward pass (gather them
    again, reduce-scatter their gradients)."""
    raise NotImplementedError("fsdp_calcs: write fsdp_seconds in assignment2_systems/parallelism.py")


def fsdp_max_devices(B: int, W: float, C: float) -> tuple[float, float]:
    """The largest N, as a real number, at which the forward and the backward pass are compute-bound."""
    raise NotImplementedError("fsdp_calcs: write fsdp_max_devices in assignment2_systems/parallelism.py")


def tensor_parallel_flops(B: int, D: int, F: int, N: int) -> tuple[float, float]:
    """The FLOP of the forward and of the backward pass on each device, F divided by N, the batch on all."""
    raise NotImplementedError("tp_calcs: write tensor_parallel_flops in assignment2_systems/parallelism.py")


def tensor_parallel_seconds(B: int, D: int, N: int, W: float) -> tuple[float, float]:
    """The seconds of communication in the forward pass (all-reduce y) and in the backward pass (all-reduce dx)."""
    raise NotImplementedError("tp_calcs: write tensor_parallel_seconds in assignment2_systems/parallelism.py")


def tensor_parallel_max_devices(F: int, W: float, C: float) -> tuple[float, float]:
    """The largest N, as a real number, at which the forward and the backward pass are compute-bound."""
    raise NotImplementedError("tp_calcs: write tensor_parallel_max_devices in assignment2_systems/parallelism.py")


def fsdp_tp_flops(B: int, D: int, F: int, N_F: int, N_T: int) -> float:
    """The FLOP of the forward pass on each of N_F * N_T devices: batch divided by N_F, F by N_T."""
    raise NotImplementedError("fsdp_tp_calcs: write fsdp_tp_flops in assignment2_systems/parallelism.py")


def fsdp_tp_seconds(B: int, D: int, F: int, N_F: int, N_T: int, W: float) -> tuple[float, float]:
    """The seconds of communication in the forward pass: gathering weights over N_F devices, and the all-reduce of y
    over N_T devices.

    A device gathers the weights of its N_T-th part of F, and reduces the outputs of its N_F-th part of the batch.
    Each of the two has links of W bytes/s for itself.
    """
    raise NotImplementedError("fsdp_tp_calcs: write fsdp_tp_seconds in assignment2_systems/parallelism.py")


def fsdp_tp_max_devices_overlapped(B: int, F: int, W: float, C: float) -> tuple[float, float, float]:
    """The largest N_F * N_T at which the forward pass is compute-bound, and its N_F and N_T, all as real numbers.

    Computing takes at least as long as the longer of the two communications, which run at the same time.
    """
    raise NotImplementedError(
        "fsdp_tp_calcs: write fsdp_tp_max_devices_overlapped in assignment2_systems/parallelism.py"
    )


def fsdp_tp_max_devices_in_turn(B: int, F: int, W: float, C: float) -> tuple[float, float, float]:
    """The same, if the two communications run one after the other: computing takes at least as long as their sum.

    Neither side can be below 1.
    """
    raise NotImplementedError("fsdp_tp_calcs: write fsdp_tp_max_devices_in_turn in assignment2_systems/parallelism.py")
