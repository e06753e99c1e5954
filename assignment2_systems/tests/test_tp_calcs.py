"""Tensor parallelism: gradients on shards, one all-reduce, arithmetic, messages, and how many devices pay."""

import pytest
import torch

from assignment2_systems.tests import layer_costs as costs

BACKWARD = "run_tp_backward"
FLOPS, SECONDS, DEVICES = (f"run_tensor_parallel_{what}" for what in ("flops", "seconds", "max_devices"))
PASSES = ("forward", "backward")
ACTIVATIONS = {"square": torch.square, "tanh": torch.tanh, "sine": torch.sin}


def dense_layer(draw, B, D, widths, activation):
    """Inputs in numpy, cut by `widths`, and the gradients of the whole layer by autograd."""
    F = sum(widths)
    x, dy = draw.normal(B, D, dtype=torch.float64), draw.normal(B, D, dtype=torch.float64)
    W1, W2, W3 = (
        draw.normal(D, F, dtype=torch.float64),
        draw.normal(D, F, dtype=torch.float64),
        draw.normal(F, D).double(),
    )
    leaves = [leaf.clone().requires_grad_() for leaf in (x, W1, W2, W3)]
    x1, x2 = leaves[0] @ leaves[1], leaves[0] @ leaves[2]
    z = ACTIVATIONS[activation](x1) * x2
    (z @ leaves[3]).backward(dy)
    cuts = {"W1s": (W1, 1), "W2s": (W2, 1), "W3s": (W3, 0), "x1s": (x1, 1), "x2s": (x2, 1), "zs": (z, 1)}
    shards = {
        name: [part.detach().contiguous().numpy() for part in tensor.split(widths, dim)]
        for name, (tensor, dim) in cuts.items()
    }
    gradients = [leaf.grad for leaf in leaves]
    expected = [gradients[0]] + [list(g.split(widths, dim)) for g, dim in zip(gradients[1:], (1, 1, 0), strict=True)]
    return dy.numpy(), x.numpy(), shards, expected


def check_gradients(check, found, expected):
    check.close(torch.from_numpy(found[0]), expected[0], rtol=1e-9, who=f"{BACKWARD} for dx")
    for name, got, parts in zip(("dW1s", "dW2s", "dW3s"), found[1:], expected[1:], strict=True):
        check.equal(len(got), len(parts), who=f"{BACKWARD}, as the length of {name},")
        for place, part in enumerate(parts):
            check.close(torch.from_numpy(got[place]), part, rtol=1e-9, who=f"{BACKWARD} for {name}, device {place}")


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("widths", [[4], [3, 3], [2, 2, 2, 2]], ids=str)
def test_gradients_on_shards_are_those_of_the_whole_layer(drivers, check, draw, activation, widths):
    dy, x, shards, expected = dense_layer(draw, 5, 6, widths, activation)
    found, _ = drivers.tp_gradients(dy, x, shards, activation)
    check_gradients(check, found, expected)


def test_shards_may_differ_in_width(drivers, check, draw):
    dy, x, shards, expected = dense_layer(draw, 4, 3, [5, 1, 2], "tanh")
    check_gradients(check, drivers.tp_gradients(dy, x, shards, "tanh")[0], expected)


def test_one_all_reduce_of_the_gradient_of_the_input(drivers, check, draw):
    dy, x, shards, _ = dense_layer(draw, 5, 6, [3, 3, 3], "square")
    _, reduced = drivers.tp_gradients(dy, x, shards, "square")
    check.equal(len(reduced), 1, who=f"{BACKWARD}, as the number of its calls of all_reduce,")
    check.equal(reduced[0], [(5, 6)] * 3, who=f"{BACKWARD}, as shapes given to all_reduce,", hint="dx, of each device")


# ----------------------------------------------------------------------------------------------------------
# Costs


def products(layer, N):
    return costs.forward(layer.B, layer.D, layer.F / N), costs.backward(layer.B, layer.D, layer.F / N)


def messages(layer, N):
    return [("all_reduce", N, 2 * layer.B * layer.D)], [("all_reduce", N, 2 * layer.B * layer.D)]


def test_flops_of_either_pass(adapters, check, draw):
    for _ in range(6):
        layer, N = costs.random_layer(draw), draw.integer(1, 500)
        found = adapters.run_tensor_parallel_flops(layer.B, layer.D, layer.F, N)
        for name, got, made in zip(PASSES, found, products(layer, N), strict=True):
            check.close(got, costs.flops(made), rtol=1e-9, who=f"{FLOPS} of the {name} pass on {N} devices")


def test_seconds_of_either_pass(adapters, check, draw):
    for _ in range(6):
        layer, N = costs.random_layer(draw), draw.integer(2, 500)
        found = adapters.run_tensor_parallel_seconds(layer.B, layer.D, N, layer.W)
        for name, got, sent in zip(PASSES, found, messages(layer, N), strict=True):
            check.close(
                got, costs.seconds(sent, layer.W), rtol=1e-9, who=f"{SECONDS} of the {name} pass on {N} devices"
            )


def test_the_number_of_devices_at_which_messages_take_as_long(adapters, check, draw):
    for _ in range(6):
        layer = costs.random_layer(draw)
        found = adapters.run_tensor_parallel_max_devices(layer.F, layer.W, layer.C)
        for place, name in enumerate(PASSES):

            def computes_longer(N, layer=layer, place=place):
                computing = costs.flops(products(layer, N)[place]) / layer.C
                return computing >= costs.seconds(messages(layer, N)[place], layer.W)

            check.close(
                found[place], costs.largest(computes_longer), rtol=1e-6, who=f"{DEVICES} of the {name} pass",
                hint="exact, with (N - 1) / N",
            )  # fmt: skip
