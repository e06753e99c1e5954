"""Four losses by name: of the policy's own samples, and of older ones by tokens or by whole responses."""

import pytest
import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_compute_policy_gradient_loss"
METHODS = ["none", "noclip", "grpo", "gspo"]
CLIP = 0.2


def drawn(draw, method, batch=6, length=9, cliprange=CLIP, masked=False):
    """Arguments for `method`; for "gspo", the mean of each row's logarithms is inside, above or below the range."""
    log_probs = reference.drawn_log_probs(draw, batch, length)
    mask = reference.drawn_mask(draw, batch, length) if masked else torch.ones(batch, length, dtype=torch.bool)
    log_ratios = reference.ratios_around(draw, cliprange, batch, length)
    if method == "gspo":
        noise = draw.uniform(batch, length, low=-0.5, high=0.5) * mask
        noise = noise - noise.sum(1, keepdim=True) / mask.sum(1, keepdim=True)
        log_ratios = torch.where(mask, reference.ratios_around(draw, cliprange, batch, 1) + noise, 1.5)
    given = {
        "raw_rewards_or_advantages": reference.drawn_advantages(draw, batch),
        "policy_log_probs": log_probs,
        "importance_reweighting_method": method,
    }
    if method != "none":
        given["old_log_probs"] = log_probs - log_ratios
    if method in ("grpo", "gspo"):
        given["cliprange"] = cliprange
    if masked or method == "gspo":
        given["response_mask"] = mask
    return given


def expected_losses(given):
    log_probs = reference.leaf(given["policy_log_probs"])
    losses = reference.token_losses(
        given["importance_reweighting_method"],
        given["raw_rewards_or_advantages"],
        log_probs,
        given.get("old_log_probs"),
        given.get("cliprange"),
        given.get("response_mask"),
    )
    return log_probs, losses


def check_loss(drivers, check, draw, given, hint=""):
    """Loss and gradient are those of the formulas; what is outside the mask is not looked at."""
    shape = given["policy_log_probs"].shape
    mask = given.get("response_mask", torch.ones(shape, dtype=torch.bool))
    cotangent = draw.uniform(*shape, low=0.5, high=1.5) * mask
    found = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], cotangent)
    log_probs, losses = expected_losses(given)
    output = found["output"]
    check.that(
        isinstance(output, torch.Tensor) and output.dtype is torch.float32 and output.shape == shape,
        f"{WHO} returned something else than one loss a token in float32; expected a tensor {tuple(shape)}",
    )
    check.close(output[mask], losses.detach()[mask], rtol=1e-5, dtype=torch.float32, who=WHO, hint=hint)
    check.close(
        found["d_policy_log_probs"],
        reference.gradient(losses, log_probs, cotangent),
        rtol=1e-4,
        dtype=torch.float32,
        who=f"the gradient of {WHO}",
        hint=hint,
    )
    return found


@pytest.mark.parametrize("method", METHODS)
def test_the_loss_and_its_gradient(drivers, check, draw, method):
    check_loss(drivers, check, draw, drawn(draw, method))


@pytest.mark.parametrize("method", METHODS)
def test_advantages_may_have_one_dimension(drivers, check, draw, method):
    # As many responses as tokens: where they are not turned into a column, nothing else complains.
    given = drawn(draw, method, batch=6, length=6)
    given["raw_rewards_or_advantages"] = given["raw_rewards_or_advantages"].squeeze(1)
    check_loss(drivers, check, draw, given, hint="advantages (batch,) are one number a response, not one a place")


@pytest.mark.parametrize("method", METHODS)
def test_only_tokens_of_the_response_count(drivers, check, draw, method):
    hint = "the mean over a response is over its own tokens" if method == "gspo" else ""
    check_loss(drivers, check, draw, drawn(draw, method, masked=True), hint)


@pytest.mark.beyond_public_course
def test_without_a_mask_all_places_are_of_the_response(drivers, check, draw):
    given = drawn(draw, "gspo")
    del given["response_mask"]
    check_loss(drivers, check, draw, given)


@pytest.mark.parametrize("method", ["grpo", "gspo"])
@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["positive", "negative"])
def test_each_sign_of_the_advantage_is_clipped_on_its_own_side(drivers, check, draw, method, sign):
    given = drawn(draw, method, masked=True)
    given["raw_rewards_or_advantages"] = sign * given["raw_rewards_or_advantages"].abs()
    check_loss(drivers, check, draw, given)


@pytest.mark.parametrize("method", ["grpo", "gspo"])
def test_the_range_is_the_given_one(drivers, check, draw, method):
    check_loss(drivers, check, draw, drawn(draw, method, cliprange=0.05))


def test_no_method_means_the_samples_are_the_policys_own(drivers, check, draw):
    given = drawn(draw, "none")
    del given["importance_reweighting_method"]
    cotangent = draw.uniform(6, 9, low=0.5, high=1.5)
    found = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], cotangent)
    expected = reference.token_losses("none", given["raw_rewards_or_advantages"], given["policy_log_probs"])
    check.close(found["output"], expected, rtol=1e-5, dtype=torch.float32, who=WHO)


@pytest.mark.parametrize("method", ["noclip", "grpo", "gspo"])
def test_equal_policies_have_one_gradient_in_all_methods(drivers, check, draw, method):
    given = drawn(draw, method)
    given["old_log_probs"] = given["policy_log_probs"].clone()
    check_loss(drivers, check, draw, given)


@pytest.mark.parametrize(
    ("method", "missing"), [("noclip", "old_log_probs"), ("grpo", "old_log_probs"), ("gspo", "old_log_probs"),
                        ("grpo", "cliprange"), ("gspo", "cliprange")],
)  # fmt: skip
def test_a_method_without_what_it_needs_is_refused(adapters, check, draw, method, missing):
    given = drawn(draw, method)
    del given[missing]
    check.rejects(adapters.run_compute_policy_gradient_loss, who=f"{WHO} by {method!r} without {missing}", **given)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("method", ["ppo", "GRPO", ""])
def test_an_unknown_method_is_refused(adapters, check, draw, method):
    given = {**drawn(draw, "grpo"), "importance_reweighting_method": method}
    check.rejects(adapters.run_compute_policy_gradient_loss, who=f"{WHO} by the method {method!r}", **given)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("method", ["grpo", "gspo"])
def test_the_metadata_says_where_it_was_clipped(drivers, check, draw, method):
    given = drawn(draw, method, masked=True)
    mask = given["response_mask"]
    clipped = drivers.call_with_gradients(WHO, given, ["policy_log_probs"], torch.ones(6, 9))["clipped"]
    expected = reference.clipped(
        method,
        given["raw_rewards_or_advantages"],
        given["policy_log_probs"],
        given["old_log_probs"],
        given["cliprange"],
        mask,
    )
    check.that(
        isinstance(clipped, torch.Tensor) and clipped.dtype is torch.bool and clipped.shape == mask.shape,
        f'{WHO} has no bool tensor {tuple(mask.shape)} as metadata["clipped"]',
    )
    check.equal(clipped[mask], expected[mask], who=f'{WHO} as metadata["clipped"] within the mask')


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("method", ["noclip", "grpo", "gspo"])
def test_what_is_outside_the_mask_may_be_anything(drivers, check, draw, method):
    given = drawn(draw, method, masked=True)
    outside = ~given["response_mask"]
    given["old_log_probs"] = torch.where(outside, -2e4, given["old_log_probs"])
    check_loss(drivers, check, draw, given, hint="exp of a large number is infinite, and infinity times zero is NaN")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("method", ["noclip", "grpo", "gspo"])
def test_old_log_probabilities_are_constants(drivers, check, draw, method):
    wrt = ["policy_log_probs", "old_log_probs"]
    found = drivers.call_with_gradients(WHO, drawn(draw, method), wrt, torch.ones(6, 9))
    old = found["d_old_log_probs"]
    none = old is None or (isinstance(old, torch.Tensor) and bool((old == 0).all()))
    check.that(none, f"{WHO} has a gradient for old_log_probs; expected none, they are constants")
    check.that(found["d_policy_log_probs"] is not None, f"{WHO} has no gradient for policy_log_probs")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("method", METHODS)
def test_the_arguments_are_left_alone(drivers, check, draw, method):
    given = drawn(draw, method, masked=True)
    after = drivers.call_keeping_arguments(WHO, given)
    check.equal(after["arguments"], given, who=f"{WHO}'s arguments after the call")
