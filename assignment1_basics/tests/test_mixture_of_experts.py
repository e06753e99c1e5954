"""A mixture of experts: who is chosen, how much each counts, what uneven use costs, and who is turned away."""

import math

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests import routed_tokens as routed

RTOL = 2e-5
ROUTE, LOSS, CAPACITY = "run_route", "run_load_balancing_loss", "run_expert_capacity"
LAYER, CLASS = "run_mixture_of_experts", "get_mixture_of_experts_cls"


def check_layer(check, found, expected, hint=""):
    output, loss = found
    check.close(output, expected[0], rtol=RTOL, dtype=torch.float32, who=f"{LAYER} (output)", hint=hint)
    check.close(loss, expected[1], rtol=RTOL, dtype=torch.float32, who=f"{LAYER} (loss)")


# Routing


@pytest.mark.parametrize("top_k", [1, 2, 5])
def test_the_likeliest_experts_are_chosen_and_their_weights_sum_to_one(adapters, check, draw, top_k):
    logits = routed.clear_logits(draw, 9, 5)
    gates, chosen = adapters.run_route(logits, top_k)
    expected = routed.choices(logits, top_k)
    check.equal(chosen, expected, who=f"{ROUTE} (experts)", hint="int64 ids, the likeliest expert first")
    check.close(
        gates, routed.gates(logits, expected), rtol=RTOL, dtype=torch.float32, constant=True, who=f"{ROUTE} (weights)",
        hint="probabilities of the chosen experts, divided by their sum",
    )  # fmt: skip


def test_large_logits_do_not_overflow(adapters, check, draw):
    logits = routed.clear_logits(draw, 6, 4) + 200 * draw.integers(-4, 5, 6, 1)
    gates, chosen = adapters.run_route(logits, 2)
    expected = routed.choices(logits, 2)
    check.equal(chosen, expected, who=f"{ROUTE} (experts)")
    check.close(
        gates, routed.gates(logits, expected), rtol=5e-4, dtype=torch.float32, constant=True, who=f"{ROUTE} (weights)"
    )


# The loss


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_the_loss_is_that_of_the_formula(adapters, check, draw, top_k):
    logits = draw.normal(11, 5, scale=2.0)
    chosen = routed.choices(logits, top_k)
    found = adapters.run_load_balancing_loss(logits, chosen)
    check.close(
        found, routed.loss(logits, chosen), rtol=RTOL, dtype=torch.float32, who=LOSS,
        hint="num_experts * sum of (share of all choices) * (mean probability over all tokens)",
    )  # fmt: skip


def test_even_use_of_the_experts_gives_one_and_uneven_use_more(adapters, check, draw):
    def sure(counts):  # as many tokens choose each expert, without a doubt
        chosen = torch.repeat_interleave(torch.arange(4), torch.tensor(counts))[draw.permutation(12)].unsqueeze(-1)
        logits = torch.zeros(12, 4).scatter(-1, chosen, 40.0)
        return adapters.run_load_balancing_loss(logits, chosen)

    one = torch.tensor(1.0)
    check.close(sure([3, 3, 3, 3]), one, rtol=1e-5, constant=True, who=f"{LOSS} of evenly used experts")
    check.close(sure([12, 0, 0, 0]), 4 * one, rtol=1e-5, constant=True, who=f"{LOSS} where one of 4 takes all")
    for counts in ([4, 2, 3, 3], [6, 6, 0, 0], [1, 1, 1, 9]):
        found = float(sure(counts))
        check.that(found > 1.01, f"{LOSS} returned {found:.4f} where experts take {counts}; expected more than 1")


def test_an_undecided_router_has_loss_one_whatever_it_chooses(adapters, check, draw):
    chosen = draw.integers(0, 5, 10, 2)
    found = adapters.run_load_balancing_loss(torch.zeros(10, 5), chosen)
    check.close(found, torch.tensor(1.0), rtol=1e-5, constant=True, who=f"{LOSS} of equal logits")


@pytest.mark.parametrize("top_k", [1, 2])
def test_the_gradient_of_the_loss_reaches_every_logit(drivers, check, draw, top_k):
    logits = draw.normal(9, 4)
    chosen = routed.choices(logits, top_k)
    _, gradients = drivers.call_with_gradients(
        LOSS, {"router_logits": logits, "chosen": chosen}, ["router_logits"], torch.ones(())
    )
    (expected,) = reference.gradients(lambda logits: routed.loss(logits, chosen), torch.ones(()), logits)
    check.close(
        gradients["router_logits"], expected, rtol=1e-4, dtype=torch.float32, who=f"the gradient of {LOSS}",
        hint="counts are constants; probabilities are over all experts",
    )  # fmt: skip


# The capacity


@pytest.mark.parametrize(
    ("tokens", "experts", "top_k", "factor", "expected"),
    [(16, 4, 1, 1.0, 4), (16, 4, 2, 1.0, 8), (16, 4, 2, 1.25, 10), (10, 4, 1, 1.0, 3), (3, 8, 1, 1.0, 1),
     (9, 4, 2, 0.5, 3), (7, 2, 2, 1.5, 11)],
)  # fmt: skip
def test_the_capacity_is_rounded_up(adapters, check, tokens, experts, top_k, factor, expected):
    found = adapters.run_expert_capacity(tokens, experts, top_k, factor)
    check.equal(found, expected, who=f"{CAPACITY}({tokens}, {experts}, {top_k}, {factor})")


# The layer


@pytest.mark.parametrize("top_k", [1, 2, 3])
@pytest.mark.parametrize("shape", [(12,), (3, 5), (2, 2, 3)], ids=str)
def test_outputs_are_weighted_sums_of_the_chosen_experts(adapters, check, draw, top_k, shape):
    arguments = routed.layer(draw, top_k=top_k)
    x = routed.clear_input(draw, arguments, *shape)
    found = adapters.run_mixture_of_experts(**arguments, in_features=x)
    check_layer(check, found, routed.mixture(arguments, x))


def test_all_experts_chosen_is_the_dense_weighted_sum(adapters, check, draw):
    arguments = routed.layer(draw, num_experts=5, top_k=5)
    x, weights = draw.normal(7, 8), arguments["weights"]
    probabilities = routed.probabilities(routed.router_logits(arguments, x))
    outputs = [
        reference.swiglu(*(weights[f"experts.{expert}.w{i}.weight"] for i in (1, 2, 3)), x) for expert in range(5)
    ]
    dense = sum(probabilities[:, expert : expert + 1] * output for expert, output in enumerate(outputs))
    output, loss = adapters.run_mixture_of_experts(**arguments, in_features=x)
    check.close(output, dense, rtol=RTOL, dtype=torch.float32, who=f"{LAYER} with top_k = num_experts")
    check.close(loss, torch.tensor(1.0), rtol=1e-5, constant=True, who=f"{LAYER} (loss) with top_k = num_experts")


def test_permuting_tokens_permutes_outputs(adapters, check, draw):
    arguments = routed.layer(draw, num_experts=6)
    x, order = routed.clear_input(draw, arguments, 20), draw.permutation(20)
    output, loss = adapters.run_mixture_of_experts(**arguments, in_features=x)
    shuffled, same = adapters.run_mixture_of_experts(**arguments, in_features=x[order].contiguous())
    check.that(output.shape == x.shape, f"{LAYER} returned an output of shape {list(output.shape)}")
    check.close(shuffled, output[order], rtol=1e-4, who=f"{LAYER} of permuted tokens")
    check.close(same, loss, rtol=1e-5, constant=True, who=f"{LAYER} (loss) of permuted tokens")


def test_an_expert_nobody_chooses_has_no_part_in_the_output(adapters, check, draw):
    arguments = routed.layer(draw, num_experts=4, top_k=2)
    x = draw.normal(10, 8)
    x[:, 0] = 1.0
    arguments["weights"]["router.weight"][1] = 0.0
    arguments["weights"]["router.weight"][1, 0] = -50.0  # never among the likeliest
    before, _ = adapters.run_mixture_of_experts(**arguments, in_features=x)
    for name in ("w1", "w2", "w3"):
        arguments["weights"][f"experts.1.{name}.weight"].fill_(math.nan)
    after, _ = adapters.run_mixture_of_experts(**arguments, in_features=x)
    check.equal(after, before, who=f"{LAYER} with NaN in an expert that no token chooses")


@pytest.mark.parametrize("top_k", [1, 2])
def test_experts_compute_only_the_tokens_that_chose_them(drivers, check, draw, top_k):
    arguments = routed.layer(draw, d_model=8, d_ff=28, num_experts=6, top_k=top_k)
    x = routed.clear_input(draw, arguments, 2, 15)
    found = routed.expert_rows(drivers.mixture_products({**arguments, "in_features": x}), 8, 28)
    check.that(
        0 < found <= 30 * top_k,
        f"the experts of {LAYER} computed {found:g} tokens, of 30 tokens with {top_k} of 6 experts each; "
        f"expected {30 * top_k}",
    )


# The layer with a capacity


@pytest.mark.parametrize("top_k", [1, 2, 3])
@pytest.mark.parametrize("factor", [0.25, 0.75, 1.0, 1.5])
def test_an_expert_takes_no_more_than_its_capacity(adapters, check, draw, top_k, factor):
    arguments = routed.layer(draw, top_k=top_k, capacity_factor=factor)
    x = routed.clear_input(draw, arguments, 3, 7)
    check_layer(
        check, adapters.run_mixture_of_experts(**arguments, in_features=x), routed.mixture(arguments, x),
        hint="first choices come before second ones, earlier tokens before later ones; who is turned away adds 0, "
        "and other weights stay as they are",
    )  # fmt: skip


def test_of_equal_choices_the_first_tokens_stay_and_the_others_give_zero(adapters, check, draw):
    arguments = routed.layer(draw, num_experts=4, top_k=1, capacity_factor=1.0)
    x = draw.normal(2, 8, 8)
    x[..., 0] = 1.0
    arguments["weights"]["router.weight"].zero_()
    arguments["weights"]["router.weight"][2, 0] = 30.0  # all 16 tokens choose expert 2, which takes 4
    output, loss = adapters.run_mixture_of_experts(**arguments, in_features=x)
    expected, _ = routed.mixture(arguments, x)
    check.close(output, expected, rtol=RTOL, dtype=torch.float32, who=LAYER, hint="rows count across the whole batch")
    check.close(
        loss, torch.tensor(4.0), rtol=1e-4, constant=True, who=f"{LAYER} (loss)",
        hint="the loss counts what was chosen, dropped or not",
    )  # fmt: skip


def test_first_choices_of_late_tokens_come_before_second_choices_of_early_ones(adapters, check, draw):
    arguments = routed.layer(draw, d_model=4, num_experts=2, top_k=2, capacity_factor=0.5)
    arguments["weights"]["router.weight"] = torch.tensor([[1.0, 0.0, 0.0, 0.0], [-1.0, 0.0, 0.0, 0.0]])
    x = draw.normal(8, 4)
    x[:, 0] = torch.tensor([1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0])
    check_layer(
        check, adapters.run_mixture_of_experts(**arguments, in_features=x), routed.mixture(arguments, x),
        hint="both experts have room for exactly their first choices",
    )  # fmt: skip


# Gradients


@pytest.mark.parametrize("top_k", [1, 2, 4])
@pytest.mark.parametrize("factor", [None, 0.75])
def test_the_gradient_reaches_the_input_through_experts_and_router(drivers, check, draw, top_k, factor):
    arguments = routed.layer(draw, top_k=top_k, capacity_factor=factor)
    x, cotangent = routed.clear_input(draw, arguments, 2, 8), draw.normal(2, 8, 8)
    _, found = drivers.mixture_input_gradient({**arguments, "in_features": x}, cotangent, 3.0)

    def total(x):
        output, loss = routed.mixture(arguments, x)
        return (output * cotangent).sum() + 3.0 * loss

    (expected,) = reference.gradients(total, torch.ones(()), x)
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=f"the gradient of {LAYER} for in_features")


@pytest.mark.parametrize(("top_k", "loss_weight"), [(1, 0.0), (1, 5.0), (2, 0.0), (2, 5.0)])
def test_gradients_of_router_and_experts_are_those_of_a_difference_quotient(drivers, check, draw, top_k, loss_weight):
    arguments = {"d_model": 6, "d_ff": 10, "num_experts": 4, "top_k": top_k}
    x, cotangent = draw.normal(24, 6, dtype=torch.float64), draw.normal(24, 6, dtype=torch.float64)
    before, after, direction, gradients = drivers.mixture_along_a_line(
        arguments, x, cotangent, loss_weight, 1e-6, draw.integer(0, 10**6)
    )
    shapes = [tuple(each.shape) for each in direction]
    found = [shape if each is None else tuple(each.shape) for each, shape in zip(gradients, shapes, strict=False)]
    check.equal([before.shape, after.shape], [torch.Size()] * 2, who="MixtureOfExperts, as the shapes of two totals,")
    check.equal(
        [len(gradients), *found], [len(shapes), *shapes], who="MixtureOfExperts, as the shapes of its gradients,"
    )
    slope = sum(
        (
            float((each * gradient).sum())
            for each, gradient in zip(direction, gradients, strict=True)
            if gradient is not None
        )
    )
    check.close(
        slope, float(after - before) / 2e-6, rtol=1e-4,
        who=f"MixtureOfExperts (top_k = {top_k}): the change that its gradients predict for a step of all parameters",
    )  # fmt: skip


# The class


def test_a_new_layer_has_a_router_and_its_experts(drivers, check):
    arguments = {"d_model": 6, "d_ff": 10, "num_experts": 5, "top_k": 2}
    found = drivers.parameter_descriptions(CLASS, {**arguments, "dtype": "bfloat16", "device": "meta"})
    check.equal(
        sum(math.prod(shape) for shape, _, _ in found), 5 * 6 + 5 * 3 * 6 * 10,
        who="the number of parameters of MixtureOfExperts(6, 10, 5, 2), which",
    )  # fmt: skip
    check.that(
        all((dtype, device) == ("bfloat16", "meta") for _, dtype, device in found),
        "MixtureOfExperts(dtype=bfloat16, device='meta') has parameters of another dtype or on another device",
    )


@pytest.mark.parametrize(("dtype", "loss_dtype"), [("bfloat16", "float32"), ("float64", "float64")])
def test_outputs_have_the_dtype_of_the_input_and_the_loss_at_least_float32(drivers, check, draw, dtype, loss_dtype):
    arguments = {"d_model": 6, "d_ff": 10, "num_experts": 5, "top_k": 2}
    found = drivers.mixture_output_types(arguments, draw.normal(9, 6), dtype)
    check.equal(
        found, (dtype, loss_dtype), who=f"MixtureOfExperts(dtype={dtype}): the dtypes of output and loss, which"
    )
