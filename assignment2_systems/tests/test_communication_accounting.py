"""A model on a mesh of devices: its size, its memory divided, and when the mesh computes rather than waits."""

import math

import pytest

XXL = {"d": 16384, "f": 53248, "L": 126}
XXL_PARAMETERS = 219_848_638_464
TPU = {"C": 4.6e14, "W": 1.8e11}
SHARDED, FEWEST, MESH = "run_sharded_bytes_per_device", "run_fewest_devices", "run_mesh_seconds"
TOKENS, SUFFICES, BEST = "run_compute_bound_tokens", "run_width_suffices", "run_best_mesh"


def machine(draw):
    return {"C": draw.number(1e13, 1e15), "W": draw.number(1e10, 1e12)}


# ----------------------------------------------------------------------------------------------------------
# Memory


def test_the_xxl_model_has_two_matrices_a_block(adapters, check):
    check.equal(adapters.run_two_matrix_parameters(**XXL), XXL_PARAMETERS, who="run_two_matrix_parameters")


def test_parameters_of_random_models(adapters, check, draw):
    d, f, L = draw.integer(1, 10**5), draw.integer(1, 10**5), draw.integer(1, 500)
    check.equal(adapters.run_two_matrix_parameters(d, f, L), L * (d * f + f * d), who="run_two_matrix_parameters")


def test_a_token_of_the_xxl_model_keeps_17547264_bytes(adapters, check):
    check.equal(adapters.run_saved_activation_bytes(**XXL, tokens=1), 17_547_264, who="run_saved_activation_bytes")


def test_activations_of_random_models(adapters, check, draw):
    d, f, L, tokens = draw.integer(1, 10**5), draw.integer(1, 10**5), draw.integer(1, 500), draw.integer(1, 10**6)
    inputs = sum(d + f for _ in range(L))
    check.equal(
        adapters.run_saved_activation_bytes(d, f, L, tokens), 2 * tokens * inputs, who="run_saved_activation_bytes"
    )


def test_the_state_of_the_xxl_model_takes_44_devices(adapters, check):
    check.equal(adapters.run_devices_for_state(XXL_PARAMETERS, 80 * 10**9), 44, who="run_devices_for_state")


def test_devices_that_just_hold_the_state_and_the_byte_that_is_missing(adapters, check, draw):
    for _ in range(5):
        count, size = draw.integer(1, 1000), 16 * draw.integer(10**8, 10**10)
        P = count * size // 16
        found = [adapters.run_devices_for_state(P, size - missing) for missing in (0, 1)]
        check.equal(found, [count, count + 1], who="run_devices_for_state")


def test_bytes_on_each_device(adapters, check, draw):
    for _ in range(5):
        P, A, N = draw.integer(10**6, 10**12), 2 * draw.integer(0, 10**11), draw.integer(1, 1000)
        parts = [4 * P / N, 4 * P / N, 8 * P / N, (A / 2) / N, A / 2]
        found = adapters.run_sharded_bytes_per_device(P, A, N)
        check.close(found, math.fsum(parts), rtol=1e-9, who=f"{SHARDED} on {N} devices")


def test_without_activations_the_xxl_model_fits_on_38_devices_of_95_gigabytes(adapters, check):
    check.equal(adapters.run_fewest_devices(XXL_PARAMETERS, 0, 95 * 10**9), 38, who=FEWEST)


def test_the_fewest_devices_of_random_models(adapters, check, draw):
    for _ in range(8):
        P, A = draw.integer(10**9, 10**11), 2 * draw.integer(0, 10**10)
        size = A // 2 + draw.integer(10**10, 10**11)
        fits = [N for N in range(1, 200) if N * size >= 16 * P + A // 2 + N * (A // 2)]
        check.equal(adapters.run_fewest_devices(P, A, size), fits[0], who=FEWEST)


@pytest.mark.parametrize("missing", [0, 1, 10**9])
def test_no_number_of_devices_holds_too_many_activations(adapters, check, draw, missing):
    size = draw.integer(2 * 10**9, 10**11)
    check.equal(adapters.run_fewest_devices(1000, 2 * (size + missing), size), 0, who=FEWEST)


# ----------------------------------------------------------------------------------------------------------
# Time


def seconds(B, D, F, X, Y, C, W, M_X, M_Y):
    """By product and by message: two products; two matrices gathered; one tensor gathered and one scattered."""
    rows, columns = B / X, F / Y
    return {
        "compute": (2 * rows * D * columns + 2 * rows * columns * D) / C,
        "fsdp": (2 * D * columns + 2 * columns * D) / (M_X * W),
        "tp": (2 * rows * D + 2 * rows * D) / (M_Y * W),
    }


@pytest.mark.parametrize("part", ["compute", "fsdp", "tp"])
def test_seconds_of_a_block(adapters, check, draw, part):
    for _ in range(5):
        sizes = {"B": draw.integer(100, 10**6), "D": draw.integer(64, 20_000), "F": draw.integer(64, 60_000)}
        mesh = {
            "X": draw.integer(1, 64),
            "Y": draw.integer(1, 64),
            "M_X": draw.integer(1, 4),
            "M_Y": draw.integer(1, 4),
        }
        shape = {**sizes, **mesh, **machine(draw)}
        found = adapters.run_mesh_seconds(**shape)
        check.equal(sorted(found), ["compute", "fsdp", "tp"], who=f"{MESH}, as its keys,")
        check.close(found[part], seconds(**shape)[part], rtol=1e-9, who=f"{MESH} for {part}")


def test_the_xxl_model_is_compute_bound_from_320_tokens_a_device(adapters, check):
    total, each = adapters.run_compute_bound_tokens(16, 4, **TPU, M_X=2)
    check.close(total, 20_444.44, rtol=1e-5, who=f"{TOKENS} in all")
    check.close(each, 319.444, rtol=1e-5, who=f"{TOKENS} a device")


def test_at_that_batch_gathering_takes_as_long_as_computing(adapters, check, draw):
    for _ in range(6):
        X, Y, M_X, made = draw.integer(2, 100), draw.integer(1, 20), draw.integer(1, 4), machine(draw)
        total, each = adapters.run_compute_bound_tokens(X, Y, **made, M_X=M_X)
        found = seconds(total, 1024, 4096, X, Y, **made, M_X=M_X, M_Y=1)
        check.close(found["fsdp"], found["compute"], rtol=1e-9, who=f"{TOKENS}: gathering, beside computing,")
        check.close(each, total / X / Y, rtol=1e-9, who=f"{TOKENS} a device")


def test_the_width_of_the_xxl_model_suffices(adapters, check):
    found = [adapters.run_width_suffices(53248, Y, **TPU, M_Y=1) for Y in (4, 16, 32)]
    check.equal(found, [True, True, False], who=f"{SUFFICES} for Y = 4, 16 and 32")


def test_a_width_suffices_where_computing_takes_longer(adapters, check, draw):
    for _ in range(8):
        Y, M_Y, made = draw.integer(1, 30), draw.integer(1, 4), machine(draw)
        border = Y * made["C"] / (made["W"] * M_Y)
        for F in (int(0.9 * border), int(1.1 * border) + 2):
            times = seconds(5000, 1024, F, 3, Y, **made, M_X=1, M_Y=M_Y)
            found = adapters.run_width_suffices(F, Y, **made, M_Y=M_Y)
            check.equal(found, times["compute"] >= times["tp"], who=SUFFICES)


def test_a_width_that_takes_just_as_long_suffices(adapters, check):
    found = [adapters.run_width_suffices(F, 4, C=2.0**50, W=2.0**40, M_Y=1) for F in (4095, 4096, 4097)]
    check.equal(found, [False, True, True], who=f"{SUFFICES} just below the border, on it, and just above")


def test_the_best_mesh_needs_the_smallest_batch(adapters, check, draw):
    for devices in (1, 12, 64, 97, 360):
        F, M_X, M_Y, made = draw.integer(2000, 200_000), draw.integer(1, 4), draw.integer(1, 4), machine(draw)
        made["W"] = made["C"] / draw.number(200, 3000)
        meshes = []
        for X in range(1, devices + 1):
            if devices % X == 0:
                times = seconds(1.0, 1.0, F, X, devices // X, **made, M_X=M_X, M_Y=M_Y)
                if times["compute"] >= times["tp"]:
                    meshes.append((times["fsdp"] / times["compute"], X))
        best = min(meshes)[1] if meshes else 0
        found = adapters.run_best_mesh(devices, F, **made, M_X=M_X, M_Y=M_Y)
        check.equal(found, (best, devices // best if best else 0), who=f"{BEST} of {devices} devices")


def test_a_width_too_small_has_no_mesh(adapters, check):
    check.equal(adapters.run_best_mesh(8, 100, **TPU, M_X=1, M_Y=1), (0, 0), who=BEST)
