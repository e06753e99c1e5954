"""Full sharding and tensor parallelism at once: closed forms."""


def test_costs(adapters, check, draw):
    for _ in range(6):
        B, D, F = draw.integer(1, 10**7), draw.integer(1, 10**5), draw.integer(1, 10**5)
        N_F, N_T, W = draw.integer(1, 1000), draw.integer(1, 1000), draw.number(1e8, 1e12)
        N = N_F * N_T
        check.close(
            adapters.run_fsdp_tp_flops(B, D, F, N_F, N_T), 6 * B * D * F / N, rtol=1e-9, who="run_fsdp_tp_flops"
        )
        gather, reduce = adapters.run_fsdp_tp_seconds(B, D, F, N_F + 1, N_T + 1, W)
        N = (N_F + 1) * (N_T + 1)
        check.close(gather, 6 * D * F * N_F / (N * W), rtol=1e-9, who="run_fsdp_tp_seconds for the gather")
        check.close(reduce, 4 * B * D * N_T / (N * W), rtol=1e-9, who="run_fsdp_tp_seconds for the all-reduce")


def test_the_largest_meshes(adapters, check, draw):
    for _ in range(8):
        B, F, C = draw.integer(10**5, 10**7), draw.integer(10**4, 10**6), draw.number(1e14, 1e15)
        W = C * draw.number(0.01, 1.0)
        alpha, tau = B * W / C, 3 * F * W / (2 * C)
        found = adapters.run_fsdp_tp_max_devices_overlapped(B, F, W, C)
        for got, expected in zip(found, ((1 + alpha) * (1 + tau), 1 + alpha, 1 + tau), strict=True):
            check.close(got, expected, rtol=1e-9, who="run_fsdp_tp_max_devices_overlapped")
        found = adapters.run_fsdp_tp_max_devices_in_turn(B, F, W, C)
        K = 1 + 1 / alpha + 1 / tau
        expected = ((alpha * tau + alpha + tau) ** 2 / (4 * alpha * tau), alpha * K / 2, tau * K / 2)
        for got, value in zip(found, expected, strict=True):
            check.close(got, value, rtol=1e-9, who="run_fsdp_tp_max_devices_in_turn")


def test_a_side_is_never_below_one(adapters, check, draw):
    F, C = 10**4, 1e15
    W = 1e12
    tau = 3 * F * W / (2 * C)
    found = adapters.run_fsdp_tp_max_devices_in_turn(100, F, W, C)  # alpha is 0.1
    for got, expected in zip(found, (1 + tau, 1.0, 1 + tau), strict=True):
        check.close(got, expected, rtol=1e-9, who="run_fsdp_tp_max_devices_in_turn with a tiny batch")
