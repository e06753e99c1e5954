"""A model on a mesh of devices: closed forms, on other machines."""

TPU = {"C": 4.6e14, "W": 1.8e11}


def test_memory(adapters, check, draw):
    for _ in range(6):
        d, f, L, tokens = draw.integer(1, 10**5), draw.integer(1, 10**5), draw.integer(1, 500), draw.integer(1, 10**7)
        P = 2 * d * f * L
        check.equal(adapters.run_two_matrix_parameters(d, f, L), P, who="run_two_matrix_parameters")
        A = 2 * (d + f) * L * tokens
        check.equal(adapters.run_saved_activation_bytes(d, f, L, tokens), A, who="run_saved_activation_bytes")
        size = draw.integer(10**9, 10**11)
        check.equal(adapters.run_devices_for_state(P, size), (16 * P + size - 1) // size, who="run_devices_for_state")
        N = draw.integer(1, 1000)
        expected = 16 * P / N + A / 2 * (1 + 1 / N)
        check.close(
            adapters.run_sharded_bytes_per_device(P, A, N), expected, rtol=1e-9, who="run_sharded_bytes_per_device"
        )


def test_the_fewest_devices_fit_and_one_less_does_not(adapters, check, draw):
    for _ in range(8):
        P, A = draw.integer(10**10, 10**12), 2 * draw.integer(0, 2 * 10**10)
        size = 40 * 10**9
        N = adapters.run_fewest_devices(P, A, size)
        check.that(N >= 1, "run_fewest_devices found none where some fit")
        check.that(N * size >= 16 * P + A // 2 + N * (A // 2), "run_fewest_devices: on so few it does not fit")
        if N > 1:
            check.that((N - 1) * size < 16 * P + A // 2 + (N - 1) * (A // 2), "run_fewest_devices: one less fits, too")


def test_an_exact_fit_counts(adapters, check, draw):
    """16 P = N (size - half) - half, so that not a byte is left."""
    N, half = draw.integer(2, 500), 16 * draw.integer(1, 10**6)
    size = half + 16 * draw.integer(10**6, 10**8)
    P = (N * (size - half) - half) // 16
    check.equal(adapters.run_fewest_devices(P, 2 * half, size), N, who="run_fewest_devices")


def test_times(adapters, check, draw):
    for _ in range(6):
        B, D, F = draw.integer(1, 10**7), draw.integer(1, 10**5), draw.integer(1, 10**5)
        X, Y, M_X, M_Y = (draw.integer(1, 9) for _ in range(4))
        C, W = draw.number(1e12, 1e16), draw.number(1e9, 1e12)
        found = adapters.run_mesh_seconds(B, D, F, X, Y, C, W, M_X, M_Y)
        expected = {
            "compute": 4 * B * D * F / (X * Y * C),
            "fsdp": 4 * D * F / (Y * M_X * W),
            "tp": 4 * B * D / (X * M_Y * W),
        }
        for part, value in expected.items():
            check.close(found[part], value, rtol=1e-9, who=f"run_mesh_seconds for {part}")
        total, each = adapters.run_compute_bound_tokens(X, Y, C, W, M_X)
        check.close(total, X * C / (M_X * W), rtol=1e-9, who="run_compute_bound_tokens in all")
        check.close(each, C / (M_X * W * Y), rtol=1e-9, who="run_compute_bound_tokens a device")


def test_meshes_of_64_devices(adapters, check):
    for width, expected in ((53248, (4, 16)), (200_000, (1, 64)), (5200, (32, 2)), (2000, (0, 0))):
        check.equal(
            adapters.run_best_mesh(64, width, **TPU, M_X=2, M_Y=1), expected, who=f"run_best_mesh for F = {width}"
        )
