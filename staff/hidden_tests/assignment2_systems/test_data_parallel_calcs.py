"""Data parallelism: closed forms, and a batch too small to share."""


def test_closed_forms(adapters, check, draw):
    for _ in range(6):
        B, D, F, N = draw.integer(1, 10**7), draw.integer(1, 10**5), draw.integer(1, 10**5), draw.integer(1, 10**4)
        W, C = draw.number(1e8, 1e12), draw.number(1e12, 1e16)
        found = adapters.run_data_parallel_backward_flops(B, D, F, N)
        check.close(found, 12 * B * D * F / N, rtol=1e-9, who="run_data_parallel_backward_flops")
        found = adapters.run_data_parallel_backward_seconds(D, F, N + 1, W)
        check.close(found, 12 * D * F * N / ((N + 1) * W), rtol=1e-9, who="run_data_parallel_backward_seconds")
        found = adapters.run_data_parallel_max_devices(B, W, C)
        check.close(found, 1 + B * W / C, rtol=1e-9, who="run_data_parallel_max_devices")


def test_a_tiny_batch_is_hardly_worth_a_second_device(adapters, check):
    check.close(
        adapters.run_data_parallel_max_devices(10, 1e11, 1e15), 1.001, rtol=1e-9, who="run_data_parallel_max_devices"
    )
