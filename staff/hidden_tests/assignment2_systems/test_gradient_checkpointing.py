"""Activation checkpointing: an odd number of blocks, and large groups."""

import math

import torch


def test_an_odd_number_of_blocks(drivers, check, draw):
    count = 57
    x, cotangent = draw.normal(40, dtype=torch.float64), draw.normal(40, dtype=torch.float64)
    weights = draw.normal(count, scale=0.2, dtype=torch.float64)
    found = drivers.checkpointed_run(x, weights, cotangent, True)
    leaves, start = [weight.clone().requires_grad_() for weight in weights], x.clone().requires_grad_()
    value = start
    for leaf in leaves:
        value = value + torch.tanh(leaf * value)
    value.backward(cotangent)
    check.close(found["x"], start.grad, rtol=1e-11, who="run_checkpointed_forward, as the gradient of x,")
    check.that(None not in found["weights"], "run_checkpointed_forward left weights without a gradient")
    check.close(
        torch.cat(found["weights"]), torch.stack([leaf.grad for leaf in leaves]), rtol=1e-11,
        who="run_checkpointed_forward, as gradients of weights,",
    )  # fmt: skip
    check.that(found["residuals"] <= 2, "run_checkpointed_forward kept the residuals of more than two blocks")
    allowed = int(2 * math.log2(count) + 8)
    check.that(found["activations"] <= allowed, f"run_checkpointed_forward kept more than {allowed} tensors like x")


def test_noise_where_the_number_of_blocks_is_odd(drivers, check, draw):
    x = draw.uniform(20, low=0.5, high=2.0, dtype=torch.float64)
    result, gradient = drivers.checkpointed_noise(x, 9, draw.integer(0, 10**6))
    check.that(gradient is not None, "run_checkpointed_forward gave x no gradient")
    check.close(gradient, result / x, rtol=1e-9, who="run_checkpointed_forward, as the gradient of x,")


def test_many_blocks_in_groups(adapters, check, draw):
    for _ in range(10):
        N, c, r = draw.integer(100, 400), draw.integer(1, 10**12), draw.integer(1, 10**10)
        costs = [math.ceil(N / g) * c + g * r for g in range(1, N + 1)]
        check.equal(adapters.run_best_group_size(N, c, r), 1 + costs.index(min(costs)), who="run_best_group_size")
        g = draw.integer(1, N + 1)
        check.equal(adapters.run_grouped_bytes(N, g, c, r), costs[g - 1], who="run_grouped_bytes")
