"""The loss of a comparison, against double precision: template, end of text, sums, β, reference, and gradients."""

import math

import pytest
import torch

from assignment5_alignment import models
from assignment5_alignment.tests.dpo_reference import PAIRS, WHO, check_either_loss, check_loss, shifted


@pytest.mark.parametrize(("beta", "pair"), [(0.05, PAIRS[0]), (0.3, PAIRS[1]), (1.5, PAIRS[0])])
def test_loss_and_gradient_whether_or_not_the_template_ends_in_a_line_end(drivers, check, draw, beta, pair):
    """Two models, neither as it is given: β, the model and its reference all have their say."""
    check_either_loss(check, drivers, "tiny-qwen-like", shifted(draw), shifted(draw), beta, pair)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("tokenizer", ["tiny-llama3-like", "tiny-qwen-like"])
def test_loss_and_gradient(drivers, check, draw, tokenizer, pair):
    check_loss(check, drivers, tokenizer, shifted(draw), models.weights("tiny-gpt2"), 0.3, pair)


@pytest.mark.beyond_public_course
def test_beta_scales_what_is_in_the_sigmoid(drivers, check, draw):
    weights = shifted(draw)
    for beta in (0.05, 1.5):
        check_loss(check, drivers, "tiny-qwen-like", weights, models.weights("tiny-gpt2"), beta, PAIRS[0])


@pytest.mark.beyond_public_course
def test_the_reference_has_its_own_say(drivers, check, draw):
    """Two models, two references: all four losses differ."""
    for weights, reference in ((shifted(draw), shifted(draw)), (models.weights("tiny-gpt2"), shifted(draw))):
        check_loss(check, drivers, "tiny-qwen-like", weights, reference, 0.4, PAIRS[1])


def test_a_model_that_is_its_own_reference_has_the_logarithm_of_two(drivers, check):
    weights = models.weights("tiny-gpt2")
    found = drivers.dpo_loss("tiny-qwen-like", weights, weights, 0.5, *_split(PAIRS[0]))
    check.close(found["loss"], torch.tensor(math.log(2)), rtol=1e-5, who=f"{WHO} of a model and itself")


def test_the_other_way_round_the_margin_changes_its_sign(drivers, check, draw):
    """σ(m) and σ(−m) add up to one."""
    weights, (prompt, chosen, rejected) = shifted(draw), PAIRS[0]
    losses = [
        drivers.dpo_loss("tiny-qwen-like", weights, models.weights("tiny-gpt2"), 0.2, prompt, responses)["loss"]
        for responses in ((chosen, rejected), (rejected, chosen))
    ]
    for loss in losses:
        fine = isinstance(loss, torch.Tensor) and loss.shape == () and 0 < float(loss) < 100
        check.that(fine, f"{WHO} returned no positive scalar; expected a loss")
    total = sum(math.exp(-float(loss)) for loss in losses)
    check.that(
        abs(total - 1) <= 1e-4,
        f"{WHO}: exp(−loss) of a comparison and of its reverse add up to {total:.6g}; expected 1",
    )


def _split(pair):
    return pair[0], (pair[1], pair[2])
