"""Full sharding and tensor parallelism at once: costs, and how many devices pay, overlapped and in turn."""

import pytest

from assignment2_systems.tests import layer_costs as costs

FLOPS, SECONDS = "run_fsdp_tp_flops", "run_fsdp_tp_seconds"
OVERLAPPED, IN_TURN = (f"run_fsdp_tp_max_devices_{how}" for how in ("overlapped", "in_turn"))
KINDS = ("gather of weights", "all-reduce of outputs")


def compute(layer, N_F, N_T):
    return costs.flops(costs.forward(layer.B / N_F, layer.D, layer.F / N_T)) / layer.C


def communicate(layer, N_F, N_T):
    gather = [("all_gather", N_F, size) for size in costs.weights(layer.D, layer.F / N_T)]
    reduce = [("all_reduce", N_T, 2 * layer.B / N_F * layer.D)]
    return costs.seconds(gather, layer.W), costs.seconds(reduce, layer.W)


def layer_of(alpha, tau, D=2048, F=8192):
    """A layer and a machine with B W / C = alpha and 3 F W / (2 C) = tau."""
    C = 1e15
    W = 2 * tau * C / (3 * F)
    return costs.Layer(alpha * C / W, D, F, W, C)


def test_flops_of_the_forward_pass(adapters, check, draw):
    for _ in range(6):
        layer, N_F, N_T = costs.random_layer(draw), draw.integer(1, 100), draw.integer(1, 100)
        found = adapters.run_fsdp_tp_flops(layer.B, layer.D, layer.F, N_F, N_T)
        check.close(found, compute(layer, N_F, N_T) * layer.C, rtol=1e-9, who=f"{FLOPS} on {N_F} x {N_T} devices")


def test_seconds_of_either_communication(adapters, check, draw):
    for _ in range(6):
        layer, N_F, N_T = costs.random_layer(draw), draw.integer(2, 100), draw.integer(2, 100)
        found = adapters.run_fsdp_tp_seconds(layer.B, layer.D, layer.F, N_F, N_T, layer.W)
        for name, got, expected in zip(KINDS, found, communicate(layer, N_F, N_T), strict=True):
            check.close(got, expected, rtol=1e-9, who=f"{SECONDS} for the {name} on {N_F} x {N_T} devices")


def test_a_single_device_of_a_kind_sends_nothing(adapters, check):
    found = [adapters.run_fsdp_tp_seconds(1000, 64, 64, *sizes, 1e9) for sizes in ((1, 4), (4, 1))]
    check.that(found[0][0] == 0, f"{SECONDS}: gathering over one device takes time; expected none")
    check.that(found[1][1] == 0, f"{SECONDS}: an all-reduce over one device takes time; expected none")


def check_mesh(check, found, who):
    """The three numbers belong together; the mesh."""
    devices, N_F, N_T = found
    check.that(N_F >= 1 and N_T >= 1, f"{who} returned a mesh with a side below 1")
    check.close(devices, N_F * N_T, rtol=1e-9, who=f"{who}, as the product of the sides,")
    return N_F, N_T


@pytest.mark.parametrize(("alpha", "tau"), [(100.0, 300.0), (2000.0, 1500.0), (5.0, 2.0), (0.4, 7.0)])
def test_overlapped_both_communications_take_as_long_as_computing(adapters, check, alpha, tau):
    layer = layer_of(alpha, tau)
    found = adapters.run_fsdp_tp_max_devices_overlapped(layer.B, layer.F, layer.W, layer.C)
    mesh = check_mesh(check, found, OVERLAPPED)
    for name, seconds in zip(KINDS, communicate(layer, *mesh), strict=True):
        check.close(
            seconds, compute(layer, *mesh), rtol=1e-6, who=f"{OVERLAPPED}: the {name} on its mesh, which",
            hint="at the largest mesh each takes exactly as long as computing",
        )  # fmt: skip


def best_in_turn(layer):
    """The largest product of sides, by trying many N_F; each goes with the largest N_T that is compute-bound."""
    longest = costs.largest(lambda N_F: compute(layer, N_F, 1) >= sum(communicate(layer, N_F, 1)))
    best = 0.0
    for step in range(401):
        N_F = 1 + (longest - 1) * (step / 400) * (1 - 1e-9)
        N_T = costs.largest(lambda N_T, N_F=N_F: compute(layer, N_F, N_T) >= sum(communicate(layer, N_F, N_T)), 1e7)
        best = max(best, N_F * N_T)
    return best


@pytest.mark.parametrize(
    ("alpha", "tau"), [(100.0, 300.0), (2000.0, 1500.0), (1.5, 1.2), (0.9, 0.9), (0.2, 50.0), (50.0, 0.2)]
)
def test_in_turn_the_best_mesh_is_compute_bound_and_the_largest(adapters, check, alpha, tau):
    layer = layer_of(alpha, tau)
    found = adapters.run_fsdp_tp_max_devices_in_turn(layer.B, layer.F, layer.W, layer.C)
    mesh = check_mesh(check, found, IN_TURN)
    check.close(
        sum(communicate(layer, *mesh)), compute(layer, *mesh), rtol=1e-6, who=f"{IN_TURN}: all communication on its mesh",
        hint="at the largest mesh it takes exactly as long as computing",
    )  # fmt: skip
    best = best_in_turn(layer)
    check.that(
        found[0] >= best * (1 - 1e-6), f"{IN_TURN}: another mesh has {best / found[0]:.4g} times as many devices"
    )


def test_in_turn_by_hand(adapters, check):
    layer = layer_of(100.0, 300.0)
    found = adapters.run_fsdp_tp_max_devices_in_turn(layer.B, layer.F, layer.W, layer.C)
    check.close(found[0], 7701.33, rtol=1e-5, who=IN_TURN)
