"""Other shapes, a large vocabulary, and sums over groups of tokens."""

import math

import pytest
import torch

WHO = "run_compute_entropy"


def test_a_large_vocabulary(adapters, check, draw):
    logits = draw.normal(1, 3, 20_000, scale=4.0)
    log_probs = torch.log_softmax(logits.double(), dim=-1)
    got = adapters.run_compute_entropy(logits)
    check.close(got, -(log_probs.exp() * log_probs).sum(-1), rtol=1e-4, dtype=torch.float32, constant=True, who=WHO)


def test_one_row(adapters, check, draw):
    logits = draw.normal(1, 1, 30, scale=2.0)
    expected = torch.distributions.Categorical(logits=logits.double()).entropy()
    check.close(adapters.run_compute_entropy(logits), expected, rtol=1e-4, dtype=torch.float32, who=WHO)


@pytest.mark.parametrize(
    "leading",
    [pytest.param((6,), id="2d", marks=pytest.mark.beyond_public_course), pytest.param((2, 3), id="3d")],
)
def test_entropies_of_independent_choices_add_up(adapters, check, draw, leading):
    one, two = draw.normal(*leading, 5, scale=1.5), draw.normal(*leading, 7, scale=1.5)
    pairs = (one[..., :, None] + two[..., None, :]).flatten(-2)
    parts = [torch.distributions.Categorical(logits=part.double()).entropy() for part in (one, two)]
    got = adapters.run_compute_entropy(pairs)
    check.close(got, parts[0] + parts[1], rtol=1e-4, dtype=torch.float32, who=WHO)


def test_logits_up_to_ten_thousand(adapters, check, draw):
    logits = draw.normal(1, 8, 6, scale=4e3)
    logits[0, 0] = torch.tensor([1e4, -1e4, 1e4, 1e4, -1e4, 0.0])
    logits[0, 1] = -1e4
    logits[0, 2] = 1e4
    expected = torch.distributions.Categorical(logits=logits.double()).entropy()
    expected[0, :3] = torch.tensor([math.log(3), math.log(6), math.log(6)])
    got = adapters.run_compute_entropy(logits)
    check.close(got, expected, rtol=3e-3, dtype=torch.float32, who=WHO)


@pytest.mark.beyond_public_course
def test_other_gradients(drivers, check, draw):
    logits, cotangent = draw.normal(2, 11, scale=3.0), draw.normal(2)
    leaf = logits.double().requires_grad_()
    (torch.distributions.Categorical(logits=leaf).entropy() * cotangent.double()).sum().backward()
    got = drivers.call_with_gradients("run_compute_entropy", {"logits": logits}, ["logits"], cotangent)
    gradient = got["d_logits"]
    check.that(gradient is not None, f"{WHO} returned a tensor from which no gradient flows back to the logits")
    check.close(gradient, leaf.grad, rtol=1e-4, dtype=torch.float32, who=f"{WHO}, its gradient,")
