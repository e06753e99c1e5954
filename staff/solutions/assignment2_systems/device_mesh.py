"""A model too large for one device, on a mesh of devices: X of them share the batch and the weights, Y the inner width.

The model is a stack of L blocks of two matrices, [d, f] and [f, d], and nothing else. Weights, gradients and the two
moments of AdamW are float32; activations and messages are two bytes a number. A device computes C FLOP/s and sends
W bytes/s along each of the mesh's dimensions it has for a purpose: M_X for the axis of X, M_Y for that of Y. The
meshes are large: moving V bytes to or from all others of an axis takes V / (M W) seconds, without (n - 1) / n.
Arithmetic and both kinds of communication overlap.
"""

STATE = 16
"""Bytes a parameter: weight 4, gradient 4, moments 8."""
WIDTH = 2


def two_matrix_parameters(d: int, f: int, L: int) -> int:
    """The number of parameters."""
    return 2 * d * f * L


def saved_activation_bytes(d: int, f: int, L: int, tokens: int) -> int:
    """The bytes kept for the backward pass: of each token, the inputs of both matrices of every block."""
    return WIDTH * (d + f) * L * tokens


def devices_for_state(P: int, device_bytes: int) -> int:
    """How many devices of `device_bytes` it takes to hold weights, gradients and moments of P parameters."""
    return -(-STATE * P // device_bytes)


def sharded_bytes_per_device(P: int, activation_bytes: int, N: int) -> float:
    """The bytes on each of N devices: the state of P parameters and half of the activations divided by N, the other
    half of the activations whole."""
    half = activation_bytes / 2
    return (STATE * P + half) / N + half


def fewest_devices(P: int, activation_bytes: int, device_bytes: int) -> int:
    """The smallest N at which `sharded_bytes_per_device` is at most `device_bytes`; 0 if there is none.

    `activation_bytes` is even.
    """
    half = activation_bytes // 2
    if half >= device_bytes:
        return 0
    return -(-(STATE * P + half) // (device_bytes - half))


def mesh_seconds(B: int, D: int, F: int, X: int, Y: int, C: float, W: float, M_X: int, M_Y: int) -> dict[str, float]:
    """The seconds of a block's forward pass on B tokens, with the keys "compute", "fsdp" and "tp".

    "fsdp": gather the Y-th part of both matrices over X. "tp": all-gather the inputs of the X-th part of the batch,
    and reduce-scatter its outputs, over Y.
    """
    matrices, activations = 2 * D * F, B * D
    return {
        "compute": 2 * B * matrices / (X * Y * C),
        "fsdp": WIDTH * matrices / (Y * M_X * W),
        "tp": 2 * WIDTH * activations / (X * M_Y * W),
    }


def compute_bound_tokens(X: int, Y: int, C: float, W: float, M_X: int) -> tuple[float, float]:
    """The smallest batch at which "compute" is at least "fsdp": its tokens in all, and its tokens a device."""
    total = X * C / (W * M_X)
    return total, total / (X * Y)


def width_suffices(F: int, Y: int, C: float, W: float, M_Y: int) -> bool:
    """Whether "compute" is at least "tp", which no batch decides."""
    return F / Y >= C / (W * M_Y)


def best_mesh(devices: int, F: int, C: float, W: float, M_X: int, M_Y: int) -> tuple[int, int]:
    """Of all X * Y = `devices` with `width_suffices`, the X and Y that are compute-bound at the smallest batch.

    (0, 0) if there is none.
    """
    widths = [Y for Y in range(1, devices + 1) if devices % Y == 0 and width_suffices(F, Y, C, W, M_Y)]
    return (devices // max(widths), max(widths)) if widths else (0, 0)
