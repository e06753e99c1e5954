"""Cross-entropy: the mean of -log softmax(logits)[target] over all leading dimensions."""

import pytest
import torch
import torch.nn.functional as F

from assignment1_basics.tests import float64_reference as reference

WHO = "run_cross_entropy"


def expected_loss(inputs, targets):
    return F.cross_entropy(inputs.double().reshape(-1, inputs.shape[-1]), targets.reshape(-1).long())


@pytest.mark.parametrize("leading", [(1,), (9,), (3, 5), (2, 3, 4)], ids=["one", "batch", "3d", "4d"])
def test_the_loss_is_the_mean_over_all_targets(adapters, check, draw, leading):
    inputs, targets = draw.normal(*leading, 11, scale=3.0), draw.integers(0, 11, *leading)
    check.close(
        adapters.run_cross_entropy(inputs, targets),
        expected_loss(inputs, targets),
        rtol=5e-6,
        scale=float(inputs.abs().max()),  # the loss is a difference of numbers of that size
        dtype=torch.float32,
        who=WHO,
    )


def test_equal_logits_cost_the_logarithm_of_the_vocabulary(adapters, check, draw):
    inputs, targets = draw.normal(6, 1).expand(6, 20).contiguous(), draw.integers(0, 20, 6)
    check.close(
        adapters.run_cross_entropy(inputs, targets),
        torch.tensor(20.0, dtype=torch.float64).log(),
        rtol=2e-6,
        dtype=torch.float32,
        who=WHO,
    )


def test_a_vocabulary_of_one_costs_nothing(adapters, check, draw):
    loss = adapters.run_cross_entropy(draw.normal(5, 1, scale=100.0), torch.zeros(5, dtype=torch.int64))
    check.that(
        loss.shape == () and loss.abs().item() < 1e-6,
        f"{WHO} is not zero where there is only one token to choose from",
    )


def test_rows_may_differ_by_any_offset(adapters, check, draw):
    offsets = torch.tensor([0.0, 1e4, -1e4, 500.0]).unsqueeze(-1)
    inputs, targets = draw.normal(4, 10) + offsets, draw.integers(0, 10, 4)
    check.close(
        adapters.run_cross_entropy(inputs, targets),
        expected_loss(inputs, targets),
        rtol=5e-6,
        dtype=torch.float32,
        who=WHO,
        hint="subtract each row's own maximum",
    )


def test_a_hopeless_target_costs_its_distance(adapters, check, draw):
    inputs, targets = draw.normal(4, 10), draw.integers(0, 10, 4)
    inputs[torch.arange(4), targets] = torch.tensor([-1e4, -200.0, -1e3, -50.0])
    check.close(
        adapters.run_cross_entropy(inputs, targets),
        expected_loss(inputs, targets),
        rtol=5e-6,
        dtype=torch.float32,
        who=WHO,
        hint="the logarithm of a probability that is rounded to 0 is lost: cancel log and exp on paper",
    )


@pytest.mark.parametrize("leading", [(6,), (2, 4)], ids=["batch", "3d"])
def test_the_gradient_is_softmax_minus_one_hot_over_the_count(drivers, check, draw, leading):
    inputs, targets = draw.normal(*leading, 9, scale=2.0), draw.integers(0, 9, *leading)
    _, gradients = drivers.call_with_gradients(
        WHO, {"inputs": inputs, "targets": targets}, ["inputs"], torch.tensor(1.0)
    )
    expected = (torch.softmax(inputs.double(), -1) - F.one_hot(targets, 9)) / targets.numel()
    check.close(gradients["inputs"], expected, rtol=5e-6, dtype=torch.float32, who=f"the gradient of {WHO}")


def test_the_gradient_of_large_logits_is_finite(drivers, check, draw):
    inputs, targets = draw.integers(-10, 10, 5, 8).float() * 1000, draw.integers(0, 8, 5)
    _, gradients = drivers.call_with_gradients(
        WHO, {"inputs": inputs, "targets": targets}, ["inputs"], torch.tensor(1.0)
    )
    (expected,) = reference.gradients(lambda x: F.cross_entropy(x, targets), torch.tensor(1.0), inputs)
    check.close(gradients["inputs"], expected, rtol=5e-6, dtype=torch.float32, who=f"the gradient of {WHO}")


@pytest.mark.beyond_public_course
def test_targets_may_be_int32(adapters, check, draw):
    inputs, targets = draw.normal(3, 4, 7), draw.integers(0, 7, 3, 4).int()
    check.close(
        adapters.run_cross_entropy(inputs, targets),
        expected_loss(inputs, targets),
        rtol=5e-6,
        dtype=torch.float32,
        who=WHO,
    )


@pytest.mark.beyond_public_course
def test_float64_is_returned_for_float64(adapters, check, draw):
    inputs, targets = draw.normal(6, 9, dtype=torch.float64), draw.integers(0, 9, 6)
    check.close(adapters.run_cross_entropy(inputs, targets), expected_loss(inputs, targets), rtol=5e-6, who=WHO)


def test_the_arguments_are_left_alone(drivers, check, draw):
    given = {"inputs": draw.normal(5, 6), "targets": draw.integers(0, 6, 5)}
    _, after = drivers.call_keeping_arguments(WHO, given)
    check.equal(after, given, who=f"{WHO}'s arguments after the call")
