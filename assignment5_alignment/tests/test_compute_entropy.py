"""Entropy of the softmax of logits: closed forms, any size of logits, and its gradient."""

import math

import pytest
import torch

WHO = "run_compute_entropy"
LEADING = [
    pytest.param((7,), id="2d", marks=pytest.mark.beyond_public_course),
    pytest.param((3, 5), id="3d"),
    pytest.param((2, 3, 4), id="4d", marks=pytest.mark.beyond_public_course),
]
"""Dimensions before the vocabulary. The public course has those of rows and places, and no others."""


def known(logits):
    """-sum p log p in float64, from log-probabilities that subtract the largest logit first."""
    logits = logits.double()
    shifted = logits - logits.amax(dim=-1, keepdim=True)
    log_probs = shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    return -(log_probs.exp() * log_probs).sum(dim=-1)


@pytest.mark.parametrize("leading", LEADING)
@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_entropy_over_the_last_dimension(adapters, check, draw, leading, scale):
    logits = draw.normal(*leading, 17, scale=scale)
    check.close(adapters.run_compute_entropy(logits), known(logits), rtol=1e-4, dtype=torch.float32, who=WHO)


def test_equally_likely_tokens_have_the_logarithm_of_their_number(adapters, check):
    for vocabulary in (2, 10, 5000):
        logits = torch.full((2, 3, vocabulary), 0.7)
        expected = torch.full((2, 3), math.log(vocabulary), dtype=torch.float64)
        got = adapters.run_compute_entropy(logits)
        check.close(got, expected, rtol=1e-4, dtype=torch.float32, constant=True, who=WHO, hint="in nats")


def test_what_is_certain_has_none(adapters, check):
    for size in (1e2, 1e4):
        logits = torch.zeros(3, 4, 6)
        logits[..., 2] = size
        got = adapters.run_compute_entropy(logits)
        fits = got.shape == (3, 4) and bool((got.double().abs() <= 1e-5).all())
        check.that(fits, f"{WHO} is not 0 where one logit is {size:g} above all others")


def test_logits_of_any_size(adapters, check, draw):
    """A difference of two numbers around 10,000 is known to three digits in float32; more is not asked for."""
    offsets = torch.tensor([1e4, -1e4, 1e3, -1e3, 0.0]).unsqueeze(-1)
    logits = draw.normal(2, 5, 12, scale=2.0) + offsets
    hint = "the entropy does not change where the same number is added to all logits"
    got = adapters.run_compute_entropy(logits)
    check.close(got, known(logits), rtol=3e-3, dtype=torch.float32, who=WHO, hint=hint)


def test_two_equal_peaks(adapters, check):
    logits = torch.full((1, 2, 9), -1e4)
    logits[0, 0, 3] = logits[0, 0, 7] = 1e4
    logits[0, 1, :4] = 50.0
    expected = torch.tensor([[math.log(2), math.log(4)]], dtype=torch.float64)
    got = adapters.run_compute_entropy(logits)
    check.close(got, expected, rtol=2e-3, dtype=torch.float32, who=WHO, hint="-1e4 and 1e4 are logits, too")


@pytest.mark.beyond_public_course
def test_its_gradient(drivers, check, draw):
    logits, cotangent = draw.normal(4, 3, 8, scale=2.0), draw.normal(4, 3)
    leaf = logits.double().requires_grad_()
    (known(leaf) * cotangent.double()).sum().backward()
    got = drivers.call_with_gradients("run_compute_entropy", {"logits": logits}, ["logits"], cotangent)
    gradient = got["d_logits"]
    check.that(gradient is not None, f"{WHO} returned a tensor from which no gradient flows back to the logits")
    check.close(gradient, leaf.grad, rtol=1e-4, dtype=torch.float32, who=f"{WHO}, its gradient,")


@pytest.mark.beyond_public_course
def test_the_gradient_is_finite_for_logits_of_any_size(drivers, check):
    logits = torch.tensor([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [90.0, 90.0, -90.0]])
    got = drivers.call_with_gradients("run_compute_entropy", {"logits": logits}, ["logits"], torch.ones(3))
    gradient = got["d_logits"]
    fits = isinstance(gradient, torch.Tensor) and bool(gradient.double().isfinite().all())
    check.that(fits, f"{WHO} has a gradient that is not finite, or none at all")


@pytest.mark.beyond_public_course
def test_the_logits_stay_as_they_are(drivers, check, draw):
    logits = draw.normal(3, 6, scale=2.0)
    after = drivers.call_keeping_arguments("run_compute_entropy", {"logits": logits})["arguments"]
    check.equal(after, {"logits": logits}, who=WHO, hint="the logits are the caller's")
