"""Gradient clipping: one norm over all gradients, one factor, in place, and nothing below the limit."""

import math

import pytest
import torch

WHO = "run_gradient_clipping"
RTOL = 1e-5


def norm_of(gradients):
    """The joint l2 norm, in float64."""
    return math.sqrt(sum(float(each.double().square().sum()) for each in gradients if each is not None))


def check_clipped(drivers, check, gradients, limit, container="list", rtol=RTOL, hint=""):
    """The gradients are scaled by limit / (norm + 1e-6), or untouched where their norm is below the limit."""
    same_tensors, now = drivers.clipped_gradients(gradients, limit, container)
    norm = norm_of(gradients)
    check_gradients(check, now, gradients, norm, limit, rtol, hint or f"norm {norm:.6g}, limit {limit:.6g}")
    in_place = "the gradient tensors themselves are scaled: p.grad is not replaced"
    check_gradients(check, same_tensors, gradients, norm, limit, rtol, in_place)


def check_gradients(check, found, gradients, norm, limit, rtol, hint):
    check.equal(len(found), len(gradients), who=f"{WHO}, as the number of gradients,")
    for after, before in zip(found, gradients, strict=True):
        if before is None or norm < limit:
            check.equal(after, before, who=f"{WHO} as a gradient", hint=hint)
        else:
            expected = before.double() * (limit / (norm + 1e-6))
            check.close(after, expected, rtol=rtol, dtype=before.dtype, who=f"{WHO}: a gradient", hint=hint)


def some(draw, *scales):
    """A gradient of another shape for each scale."""
    shapes = [(4, 3), (7,), (2, 3, 2), (1, 5)]
    return [draw.normal(*shape, scale=scale) for shape, scale in zip(shapes, scales, strict=False)]


def test_large_gradients_are_scaled_to_the_limit(drivers, check, draw):
    check_clipped(drivers, check, some(draw, 1, 1, 1, 1), draw.number(0.1, 2))


def test_the_norm_is_that_of_all_gradients_together(drivers, check, draw):
    gradients = some(draw, 100, 1, 0.01)
    check_clipped(drivers, check, gradients, 0.5 * norm_of(gradients[1:]))


def test_each_alone_is_below_the_limit_but_not_all_together(drivers, check, draw):
    gradients = some(draw, 1, 1, 1)
    check_clipped(drivers, check, gradients, 1.01 * max(norm_of([each]) for each in gradients))


@pytest.mark.parametrize("share", [0.001, 0.5, 0.99], ids=["far", "half", "just"])
def test_gradients_below_the_limit_do_not_change(drivers, check, draw, share):
    gradients = some(draw, 1, 0.1, 3)
    hint = "below the limit nothing is scaled, neither up nor by 0.999..."
    check_clipped(drivers, check, gradients, norm_of(gradients) / share, hint=hint)


def test_gradients_just_above_the_limit_are_scaled(drivers, check, draw):
    gradients = some(draw, 1, 0.1, 3)
    check_clipped(drivers, check, gradients, 0.99 * norm_of(gradients))


def test_the_denominator_has_its_1e_6(drivers, check, draw):
    gradients = some(draw, 1e-4, 1e-4)
    hint = "the factor is limit / (norm + 1e-6)"
    check_clipped(drivers, check, gradients, 0.3 * norm_of(gradients), hint=hint)


@pytest.mark.parametrize("limit", [0.1, 0.5])
def test_the_limit_scales_the_result(drivers, check, draw, limit):
    check_clipped(drivers, check, some(draw, 30, 20, 10), limit)


@pytest.mark.parametrize(
    "container", ["list", "tuple", pytest.param("generator", marks=pytest.mark.beyond_public_course)]
)
def test_parameters_may_come_in_any_iterable(drivers, check, draw, container):
    hint = "model.parameters() is a generator: it can be read only once"
    check_clipped(drivers, check, some(draw, 1, 2, 3), 1.0, container, hint=hint)


def test_parameters_without_a_gradient_are_passed_by(drivers, check, draw):
    first, second = some(draw, 1, 2)
    check_clipped(drivers, check, [None, first, None, second, None], 1.0)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("gradients", [[], [None], [None, None, None]], ids=["no_parameter", "one", "three"])
@pytest.mark.parametrize("container", ["list", "generator"])
def test_without_any_gradient_there_is_nothing_to_do(drivers, check, gradients, container):
    check_clipped(drivers, check, gradients, 1.0, container)


def test_zero_gradients_stay_zero(drivers, check):
    check_clipped(drivers, check, [torch.zeros(3), torch.zeros(2, 2)], 1.0)


def test_negative_gradients_count(drivers, check, draw):
    check_clipped(drivers, check, [-draw.uniform(5, low=1, high=2), draw.uniform(4, low=1, high=2)], 1.0)


def test_a_single_number(drivers, check, draw):
    # One number and its mean are the same: only the value can be wrong here.
    check_clipped(drivers, check, [draw.uniform(1, low=2, high=9).reshape(())], 1.5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_gradients_keep_their_dtype(drivers, check, draw, dtype):
    gradients = [each.to(dtype) for each in some(draw, 1, 2, 3)]
    rtol = {torch.float16: 5e-3, torch.bfloat16: 0.04, torch.float64: 1e-6}[dtype]
    check_clipped(drivers, check, gradients, 0.5, rtol=rtol)


@pytest.mark.beyond_public_course
def test_squares_of_half_precision_gradients_do_not_overflow(drivers, check, draw):
    gradients = [each.half() for each in some(draw, 300, 200, 400)]
    hint = "float16 ends at 65504: the norm is computed in float32"
    check_clipped(drivers, check, gradients, 500.0, rtol=5e-3, hint=hint)
