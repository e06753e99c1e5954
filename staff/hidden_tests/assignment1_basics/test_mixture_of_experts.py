"""Mixtures of experts of random sizes, with and without a capacity."""

import math

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests import routed_tokens as routed

ROUTE, LOSS, CAPACITY = "run_route", "run_load_balancing_loss", "run_expert_capacity"
LAYER = "run_mixture_of_experts"


def random_layer(draw, **changes):
    experts = draw.choice([2, 4, 8])
    sizes = {"d_model": draw.integer(3, 12), "d_ff": draw.integer(13, 30), "num_experts": experts}
    return routed.layer(draw, **{**sizes, "top_k": draw.integer(1, min(4, experts) + 1), **changes})


def check_layer(check, found, expected, hint=""):
    check.close(found[0], expected[0], rtol=3e-5, dtype=torch.float32, who=f"{LAYER} (output)", hint=hint)
    check.close(found[1], expected[1], rtol=3e-5, dtype=torch.float32, who=f"{LAYER} (loss)")


@pytest.mark.parametrize("case", range(3))
def test_random_choices(adapters, check, draw, case):
    tokens, experts = draw.integer(1, 20), draw.integer(2, 12)
    top_k = draw.integer(1, experts + 1)
    logits = routed.clear_logits(draw, tokens, experts) * (0.3 + case)
    gates, chosen = adapters.run_route(logits, top_k)
    expected = routed.choices(logits, top_k)
    check.equal(chosen, expected, who=f"{ROUTE} (experts)")
    check.close(
        gates, routed.gates(logits, expected), rtol=3e-5, dtype=torch.float32, constant=True, who=f"{ROUTE} (weights)"
    )
    found = adapters.run_load_balancing_loss(logits, expected)
    check.close(found, routed.loss(logits, expected), rtol=3e-5, dtype=torch.float32, who=LOSS)


def test_the_loss_of_choices_that_are_not_the_likeliest(adapters, check, draw):
    logits, chosen = draw.normal(15, 6, scale=2.0), torch.stack([draw.permutation(6)[:2] for _ in range(15)])
    found = adapters.run_load_balancing_loss(logits, chosen)
    check.close(found, routed.loss(logits, chosen), rtol=3e-5, dtype=torch.float32, who=LOSS)


@pytest.mark.parametrize("case", range(4))
def test_random_capacities(adapters, check, draw, case):
    tokens, experts, top_k = draw.integer(1, 500), 2 ** draw.integer(0, 6), draw.integer(1, 4)
    factor = draw.choice([0.25, 0.5, 1.0, 1.25, 2.0])
    expected = -(-int(factor * 4) * tokens * top_k // (4 * experts))
    found = adapters.run_expert_capacity(tokens, experts, top_k, factor)
    check.equal(found, expected, who=f"{CAPACITY}({tokens}, {experts}, {top_k}, {factor})")


@pytest.mark.parametrize("case", range(4))
def test_random_layers(adapters, check, draw, case):
    arguments = random_layer(draw)
    x = routed.clear_input(draw, arguments, *[draw.integer(1, 5) for _ in range(1 + case % 3)])
    check_layer(check, adapters.run_mixture_of_experts(**arguments, in_features=x), routed.mixture(arguments, x))


@pytest.mark.parametrize("case", range(5))
def test_random_layers_with_a_capacity(adapters, check, draw, case):
    arguments = random_layer(draw, capacity_factor=draw.choice([0.25, 0.5, 0.75, 1.0, 1.25]), num_experts=4)
    x = routed.clear_input(draw, arguments, 2 + case, 8)
    check_layer(check, adapters.run_mixture_of_experts(**arguments, in_features=x), routed.mixture(arguments, x))


def test_a_crowded_expert_serves_first_choices_of_all_rows_before_second_ones(adapters, check, draw):
    arguments = routed.layer(draw, d_model=4, num_experts=4, top_k=3, capacity_factor=0.75)
    router = torch.zeros(4, 4)
    router[0, 0], router[1, 1], router[2, 2], router[3, 3] = 3.0, 2.0, 1.0, 0.5
    arguments["weights"]["router.weight"] = router
    x = routed.clear_input(draw, arguments, 3, 6)
    check_layer(check, adapters.run_mixture_of_experts(**arguments, in_features=x), routed.mixture(arguments, x))


def test_room_for_all_is_as_good_as_no_capacity(adapters, check, draw):
    arguments = random_layer(draw)
    x = routed.clear_input(draw, arguments, 3, 7)
    free, _ = adapters.run_mixture_of_experts(**arguments, in_features=x)
    arguments["capacity_factor"] = float(arguments["num_experts"])
    limited, _ = adapters.run_mixture_of_experts(**arguments, in_features=x)
    check.close(limited, free, rtol=1e-5, who=f"{LAYER} with room for all tokens in every expert")


@pytest.mark.parametrize("factor", [None, 0.5])
def test_input_gradients_of_random_layers(drivers, check, draw, factor):
    arguments = random_layer(draw, capacity_factor=factor)
    x = routed.clear_input(draw, arguments, 12)
    cotangent = draw.normal(12, arguments["d_model"])
    _, found = drivers.mixture_input_gradient({**arguments, "in_features": x}, cotangent, 10.0)

    def total(x):
        output, loss = routed.mixture(arguments, x)
        return (output * cotangent).sum() + 10.0 * loss

    (expected,) = reference.gradients(total, torch.ones(()), x)
    check.close(found, expected, rtol=2e-4, dtype=torch.float32, who=f"the gradient of {LAYER} for in_features")


def test_parameter_gradients_with_a_capacity(drivers, check, draw):
    arguments = {"d_model": 5, "d_ff": 9, "num_experts": 4, "top_k": 2, "capacity_factor": 0.75}
    x, cotangent = draw.normal(3, 8, 5, dtype=torch.float64), draw.normal(3, 8, 5, dtype=torch.float64)
    before, after, direction, gradients = drivers.mixture_along_a_line(
        arguments, x, cotangent, 2.0, 1e-6, draw.integer(0, 10**6)
    )
    pairs = zip(direction, gradients, strict=True)
    slope = sum(float((each * gradient).sum()) for each, gradient in pairs if gradient is not None)
    check.close(
        slope, float(after - before) / 2e-6, rtol=1e-4, who="MixtureOfExperts: the change that its gradients predict"
    )


@pytest.mark.parametrize("top_k", [1, 3])
def test_many_experts_compute_few_tokens(drivers, check, draw, top_k):
    arguments = routed.layer(draw, d_model=6, d_ff=26, num_experts=16, top_k=top_k)
    x = routed.clear_input(draw, arguments, 40)
    found = routed.expert_rows(drivers.mixture_products({**arguments, "in_features": x}), 6, 26)
    check.that(
        0 < found <= 40 * top_k,
        f"the experts of {LAYER} computed {found:g} tokens, of 40 tokens with {top_k} of 16 experts each; "
        f"expected {40 * top_k}",
    )


def test_one_token_uses_few_experts(adapters, check, draw):
    arguments = routed.layer(draw, num_experts=8, top_k=2)
    x = routed.clear_input(draw, arguments, 1)
    chosen = routed.choices(routed.router_logits(arguments, x), 2)[0].tolist()
    for expert in set(range(8)) - set(chosen):
        arguments["weights"][f"experts.{expert}.w1.weight"].fill_(math.inf)
    found = adapters.run_mixture_of_experts(**arguments, in_features=x)
    check_layer(check, found, routed.mixture(arguments, x), hint="experts that were not chosen hold infinities")
