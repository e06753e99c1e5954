"""Hidden: responses of other lengths, and margins at which the exponential of a sigmoid overflows."""

import pytest
import torch

from assignment5_alignment import models
from assignment5_alignment.tests.dpo_reference import WHO, check_either_loss, check_loss, expected_loss, shifted

OTHERS = [
    ("Which birds swim?", "Ducks, swans and geese do.", "Ducks, swans and geese."),
    ("Count to three.", "one\ntwo\nthree", "one two three four five six seven eight nine ten"),
]


@pytest.mark.parametrize("pair", OTHERS)
def test_other_comparisons_whether_or_not_the_template_ends_in_a_line_end(drivers, check, draw, pair):
    beta = draw.number(0.1, 0.6)
    check_either_loss(check, drivers, "tiny-qwen-like", shifted(draw), models.weights("tiny-gpt2"), beta, pair)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("pair", OTHERS)
def test_other_comparisons(drivers, check, draw, pair):
    beta = draw.number(0.1, 0.6)
    check_loss(check, drivers, "tiny-llama3-like", shifted(draw), models.weights("tiny-gpt2"), beta, pair)


def test_equal_responses_have_no_preference(drivers, check, draw):
    weights = shifted(draw)
    pair = ("Which bird is small?", ("A goose.", "A goose."))
    loss, _ = expected_loss("tiny-qwen-like", weights, models.weights("tiny-gpt2"), 0.5, *pair)
    found = drivers.dpo_loss("tiny-qwen-like", weights, models.weights("tiny-gpt2"), 0.5, *pair)
    check.close(found["loss"], loss, rtol=1e-5, who=f"{WHO} of a response and itself", dtype=torch.float32)


def test_margins_of_hundreds_do_not_overflow(drivers, check, draw):
    """log σ(m) is m far below zero, and 0 far above."""
    weights = shifted(draw, scale=0.3)
    long = "It is hard to say what that would be, as nobody knows. " * 3
    reference = models.weights("tiny-gpt2")
    losses = []
    for responses in (("7", long), (long, "7")):
        found = drivers.dpo_loss("tiny-qwen-like", weights, reference, 50.0, "Add 2 and 5.", responses)
        fine = isinstance(found["loss"], torch.Tensor) and found["loss"].shape == ()
        check.that(fine, f"{WHO} returned no scalar tensor; expected one")
        losses.append(float(found["loss"]))
    low, high = sorted(losses)
    check.that(0 <= low < 1e-6, f"{WHO} at a huge margin is {low:.3g}; expected 0")
    check.that(
        200 < high < 1e6,
        f"{WHO} at a hugely negative margin is {high:.3g}; expected the margin itself, a finite number",
    )
