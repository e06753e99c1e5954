"""Activation checkpointing: the same gradients, the memory it promises, and the size of groups."""

import math

import pytest
import torch

FORWARD, BYTES, BEST = "run_checkpointed_forward", "run_grouped_bytes", "run_best_group_size"


def plain(x, weights, cotangent):
    """The blocks in turn, by autograd."""
    x = x.clone().requires_grad_()
    leaves = [weight.reshape(1).clone().requires_grad_() for weight in weights]
    value = x
    for leaf in leaves:
        value = value + torch.tanh(leaf * value)
    value.backward(cotangent)
    return value.detach(), x.grad, [leaf.grad for leaf in leaves]


def run_of(drivers, draw, count, input_needs_gradient=True):
    x, cotangent = draw.normal(48, dtype=torch.float64), draw.normal(48, dtype=torch.float64)
    weights = draw.normal(count, scale=0.3, dtype=torch.float64)
    return drivers.checkpointed_run(x, weights, cotangent, input_needs_gradient), plain(x, weights, cotangent)


@pytest.mark.parametrize("count", [1, 2, 7, 16])
def test_result_and_gradients_are_those_of_plain_calls(drivers, check, draw, count):
    found, (result, of_x, of_weights) = run_of(drivers, draw, count)
    check.close(found["result"], result, rtol=1e-12, who=f"{FORWARD} with {count} blocks")
    check.close(found["x"], of_x, rtol=1e-12, who=f"{FORWARD} with {count} blocks, as the gradient of x,")
    check.that(None not in found["weights"], f"{FORWARD} left weights of its blocks without a gradient")
    check.close(
        torch.stack(found["weights"]), torch.stack(of_weights), rtol=1e-12, constant=True,
        who=f"{FORWARD} with {count} blocks, as the gradients of their weights,",
    )  # fmt: skip


def test_weights_have_gradients_where_the_input_needs_none(drivers, check, draw):
    found, (_, _, of_weights) = run_of(drivers, draw, 8, input_needs_gradient=False)
    check.that(
        None not in found["weights"],
        f"{FORWARD} left weights without a gradient; expected them also where x needs none",
    )
    check.close(
        torch.stack(found["weights"]), torch.stack(of_weights), rtol=1e-12, who=f"{FORWARD}, as gradients of weights,"
    )


@pytest.mark.parametrize("count", [48, 64])
def test_it_keeps_few_residuals_and_few_checkpoints(drivers, check, draw, count):
    found, _ = run_of(drivers, draw, count)
    check.that(
        found["residuals"] <= 2,
        f"{FORWARD} with {count} blocks had the residuals of {found['residuals']} blocks alive at once; expected at most 2",
    )
    allowed = int(2 * math.log2(count) + 8)
    check.that(
        found["activations"] <= allowed,
        f"{FORWARD} with {count} blocks had {found['activations']} tensors of the size of x alive at once; "
        f"expected at most {allowed}",
    )
    check.that(
        found["calls"] <= count * (count + 1) // 2,
        f"{FORWARD} with {count} blocks called blocks {found['calls']} times; expected at most N (N + 1) / 2",
    )


def test_random_blocks_draw_the_same_numbers_again(drivers, check, draw):
    x = draw.uniform(32, low=0.5, high=2.0, dtype=torch.float64)
    result, gradient = drivers.checkpointed_noise(x, 6, draw.integer(0, 10**6))
    check.that(gradient is not None, f"{FORWARD} of blocks that draw random numbers gave x no gradient")
    check.close(
        gradient, result / x, rtol=1e-9, who=f"{FORWARD} of blocks that draw random numbers, as the gradient of x,",
        hint="to compute a block again is to draw the same numbers again",
    )  # fmt: skip


def test_without_blocks_it_is_the_input(drivers, check, draw):
    x = draw.normal(5, dtype=torch.float64)
    found = drivers.checkpointed_run(x, torch.zeros(0), torch.ones(5, dtype=torch.float64), True)
    check.equal(found["result"], x, who=f"{FORWARD} without blocks")


# ----------------------------------------------------------------------------------------------------------
# Groups of blocks


def peak(N, g, c, r):
    """Every group's input, and the residuals of the largest group."""
    sizes = [len(range(start, min(start + g, N))) for start in range(0, N, g)]
    return len(sizes) * c + max(g, *sizes) * r


def test_the_peak_of_groups(adapters, check, draw):
    for _ in range(10):
        N, c, r = draw.integer(2, 100), draw.integer(1, 10**9), draw.integer(1, 10**10)
        g = draw.integer(1, N + 1)
        check.equal(adapters.run_grouped_bytes(N, g, c, r), peak(N, g, c, r), who=f"{BYTES} for N = {N}, g = {g}")


@pytest.mark.parametrize(("g", "mib"), [(1, 6211), (2, 8583), (4, 15245)])
def test_groups_of_the_xl_model(adapters, check, g, mib):
    found = adapters.run_grouped_bytes(32, g, 80 * 2**20, int(3651.31 * 2**20))
    check.equal(round(found / 2**20), mib, who=f"{BYTES}, in whole MiB,")


def test_large_residuals_want_groups_of_one(adapters, check):
    check.equal(adapters.run_best_group_size(32, 80 * 2**20, int(3651.31 * 2**20)), 1, who=BEST)


def test_equal_costs_want_groups_of_the_square_root(adapters, check):
    for root in (3, 6, 10):
        check.equal(adapters.run_best_group_size(root * root, 5, 5), root, who=f"{BEST} for {root * root} blocks")


def test_the_best_group_of_random_sizes(adapters, check, draw):
    for _ in range(15):
        N, c, r = draw.integer(1, 90), draw.integer(1, 3000), draw.integer(1, 100)
        costs = [peak(N, g, c, r) for g in range(1, N + 1)]
        found = adapters.run_best_group_size(N, c, r)
        check.equal(found, 1 + costs.index(min(costs)), who=f"{BEST} for N = {N}, {c} and {r} bytes")


def test_of_equal_groups_the_smallest_is_best(adapters, check):
    check.equal(adapters.run_best_group_size(4, 2, 2), 2, who=BEST)
    check.equal(adapters.run_best_group_size(6, 1, 1), 2, who=BEST, hint="groups of 2 and of 3 take the same")
    check.equal(adapters.run_best_group_size(2, 7, 7), 1, who=BEST, hint="groups of 1 and of 2 take the same")
