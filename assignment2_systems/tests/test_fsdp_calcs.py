"""Full sharding: arithmetic, messages, and the number of devices at which messages take as long."""

from assignment2_systems.tests import layer_costs as costs

FLOPS, SECONDS, DEVICES = "run_fsdp_flops", "run_fsdp_seconds", "run_fsdp_max_devices"
PASSES = ("forward", "backward")


def products(layer, N):
    return costs.forward(layer.B / N, layer.D, layer.F), costs.backward(layer.B / N, layer.D, layer.F)


def messages(layer, N):
    sizes = costs.weights(layer.D, layer.F)
    gather = [("all_gather", N, size) for size in sizes]
    return gather, gather + [("reduce_scatter", N, size) for size in sizes]


def test_flops_of_either_pass(adapters, check, draw):
    for _ in range(6):
        layer, N = costs.random_layer(draw), draw.integer(1, 500)
        found = adapters.run_fsdp_flops(layer.B, layer.D, layer.F, N)
        for name, got, made in zip(PASSES, found, products(layer, N), strict=True):
            check.close(got, costs.flops(made), rtol=1e-9, who=f"{FLOPS} of the {name} pass on {N} devices")


def test_seconds_of_either_pass(adapters, check, draw):
    for _ in range(6):
        layer, N = costs.random_layer(draw), draw.integer(2, 500)
        found = adapters.run_fsdp_seconds(layer.D, layer.F, N, layer.W)
        for name, got, sent in zip(PASSES, found, messages(layer, N), strict=True):
            check.close(
                got, costs.seconds(sent, layer.W), rtol=1e-9, who=f"{SECONDS} of the {name} pass on {N} devices"
            )


def test_the_number_of_devices_at_which_messages_take_as_long(adapters, check, draw):
    for _ in range(6):
        layer = costs.random_layer(draw)
        found = adapters.run_fsdp_max_devices(layer.B, layer.W, layer.C)
        for place, name in enumerate(PASSES):

            def computes_longer(N, layer=layer, place=place):
                computing = costs.flops(products(layer, N)[place]) / layer.C
                return computing >= costs.seconds(messages(layer, N)[place], layer.W)

            check.close(
                found[place], costs.largest(computes_longer), rtol=1e-6, who=f"{DEVICES} of the {name} pass",
                hint="exact, with (N - 1) / N",
            )  # fmt: skip
