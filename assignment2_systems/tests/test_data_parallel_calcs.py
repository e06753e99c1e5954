"""Data parallelism: arithmetic, messages, and the number of devices at which messages take as long."""

from assignment2_systems.tests import layer_costs as costs

FLOPS, SECONDS, DEVICES = (
    f"run_data_parallel_{what}" for what in ("backward_flops", "backward_seconds", "max_devices")
)


def messages(layer, N):
    return [("all_reduce", N, size) for size in costs.weights(layer.D, layer.F)]


def test_flops_of_the_backward_pass(adapters, check, draw):
    for _ in range(6):
        layer, N = costs.random_layer(draw), draw.integer(1, 500)
        found = adapters.run_data_parallel_backward_flops(layer.B, layer.D, layer.F, N)
        expected = costs.flops(costs.backward(layer.B / N, layer.D, layer.F))
        check.close(found, expected, rtol=1e-9, who=f"{FLOPS} on {N} devices")


def test_seconds_of_the_all_reduce(adapters, check, draw):
    for _ in range(6):
        layer, N = costs.random_layer(draw), draw.integer(2, 500)
        found = adapters.run_data_parallel_backward_seconds(layer.D, layer.F, N, layer.W)
        check.close(found, costs.seconds(messages(layer, N), layer.W), rtol=1e-9, who=f"{SECONDS} on {N} devices")


def test_one_device_sends_nothing(adapters, check):
    check.that(adapters.run_data_parallel_backward_seconds(512, 2048, 1, 1e9) == 0, f"{SECONDS} on one device is not 0")


def test_the_number_of_devices_at_which_messages_take_as_long(adapters, check, draw):
    for _ in range(6):
        layer = costs.random_layer(draw)

        def computes_longer(N, layer=layer):
            computing = costs.flops(costs.backward(layer.B / N, layer.D, layer.F)) / layer.C
            return computing >= costs.seconds(messages(layer, N), layer.W)

        found = adapters.run_data_parallel_max_devices(layer.B, layer.W, layer.C)
        check.close(found, costs.largest(computes_longer), rtol=1e-6, who=DEVICES, hint="exact, with (N - 1) / N")
