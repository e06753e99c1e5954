"""Full sharding: closed forms, and what it costs beside data parallelism."""


def test_closed_forms(adapters, check, draw):
    for _ in range(6):
        B, D, F, N = draw.integer(1, 10**7), draw.integer(1, 10**5), draw.integer(1, 10**5), draw.integer(1, 10**4)
        W, C = draw.number(1e8, 1e12), draw.number(1e12, 1e16)
        flops, seconds = adapters.run_fsdp_flops(B, D, F, N), adapters.run_fsdp_seconds(D, F, N + 1, W)
        devices = adapters.run_fsdp_max_devices(B, W, C)
        for place, times in enumerate((6, 12)):
            check.close(flops[place], times * B * D * F / N, rtol=1e-9, who="run_fsdp_flops")
            check.close(seconds[place], times * D * F * N / ((N + 1) * W), rtol=1e-9, who="run_fsdp_seconds")
            check.close(devices[place], 1 + B * W / C, rtol=1e-9, who="run_fsdp_max_devices")


def test_one_device_sends_nothing(adapters, check):
    check.that(sum(adapters.run_fsdp_seconds(512, 2048, 1, 1e9)) == 0, "run_fsdp_seconds on one device is not 0")
