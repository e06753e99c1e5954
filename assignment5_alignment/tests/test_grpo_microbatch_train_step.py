"""A backward pass of policy gradient by each of its losses, and microbatches that add up to a batch."""

import pytest
import torch

from assignment5_alignment.tests import token_loss_reference as reference

WHO = "run_grpo_microbatch_train_step"
METHODS = {"no_baseline": "none", "reinforce_with_baseline": "none", "grpo_clip": "grpo", "grpo_no_clip": "noclip"}
LOSSES = [
    "no_baseline",
    "reinforce_with_baseline",
    "grpo_clip",
    pytest.param("grpo_no_clip", marks=pytest.mark.beyond_public_course),
]
CLIP = 0.2


def drawn(draw, loss_type, accumulation, batch=4, length=9):
    """Log-probabilities and the other arguments of one microbatch. Rewards and advantages differ: only one is right.

    The weights of one sign are larger than those of the other, so that the loss is not a difference of near numbers.
    """
    log_probs = reference.drawn_log_probs(draw, batch, length)
    weights = reference.drawn_advantages(draw, batch)
    weights = torch.where(weights < 0, 0.2 * weights, weights)
    given = {
        "response_mask": reference.drawn_mask(draw, batch, length),
        "gradient_accumulation_steps": accumulation,
        "loss_type": loss_type,
        "raw_rewards": weights if loss_type == "no_baseline" else 5.0 + draw.uniform(batch, 1),
        "advantages": 5.0 + draw.uniform(batch, 1) if loss_type == "no_baseline" else weights,
    }
    if loss_type.startswith("grpo"):
        given["old_log_probs"] = log_probs - reference.ratios_around(draw, CLIP, batch, length)
        given["cliprange"] = CLIP
    return log_probs, given


def expected_steps(log_probs, microbatches):
    exact, start = reference.leaf(log_probs), 0
    losses, gradients, size = [], [], 0.0
    total = torch.zeros_like(exact)
    for given in microbatches:
        mask = given["response_mask"]
        rows = exact[start : start + len(mask)]
        start += len(mask)
        weights = given["raw_rewards" if given["loss_type"] == "no_baseline" else "advantages"]
        tokens = reference.token_losses(
            METHODS[given["loss_type"]], weights, rows, given.get("old_log_probs"), given.get("cliprange")
        )
        means = [row[kept].sum() / max(int(kept.sum()), 1) for row, kept in zip(tokens, mask, strict=True)]
        loss = torch.stack(means).mean() / given["gradient_accumulation_steps"]
        total = total + torch.autograd.grad(loss, [exact])[0]
        losses.append(loss.detach())
        gradients.append(total)
        terms = torch.stack(means).detach().abs().mean() / given["gradient_accumulation_steps"]
        size = max(size, float(terms))
    return losses, gradients, size


def check_steps(drivers, check, log_probs, microbatches, hint=""):
    found = drivers.microbatch_steps(WHO, log_probs, microbatches)
    losses, gradients, size = expected_steps(log_probs, microbatches)
    reference.check_microbatches(check, found, losses, gradients, who=WHO, size=0.1 * size, hint=hint)
    return found


@pytest.mark.parametrize("accumulation", [1, 4])
@pytest.mark.parametrize("loss_type", LOSSES)
def test_one_microbatch(drivers, check, draw, loss_type, accumulation):
    log_probs, given = drawn(draw, loss_type, accumulation)
    hint = "the mean over a response's own tokens, of these the mean, divided by gradient_accumulation_steps"
    check_steps(drivers, check, log_probs, [given], hint)


@pytest.mark.parametrize("loss_type", LOSSES)
def test_gradients_of_microbatches_add_up(drivers, check, draw, loss_type):
    parts = [drawn(draw, loss_type, 3) for _ in range(3)]
    check_steps(drivers, check, torch.cat([part[0] for part in parts]), [part[1] for part in parts])


def test_long_responses_weigh_as_much_as_short_ones(drivers, check):
    log_probs = torch.tensor([[-1.0] * 8, [-1.0] * 8])
    mask = torch.tensor([[True] * 8, [True] + [False] * 7])
    given = {
        "response_mask": mask,
        "gradient_accumulation_steps": 1,
        "loss_type": "reinforce_with_baseline",
        "advantages": torch.tensor([[1.0], [3.0]]),
    }
    check_steps(drivers, check, log_probs, [given], hint="the mean of the means, not of all tokens")


@pytest.mark.parametrize("loss_type", ["no_baseline", "reinforce_with_baseline", "grpo_clip"])
def test_only_what_the_loss_needs_has_to_be_there(drivers, check, draw, loss_type):
    log_probs, given = drawn(draw, loss_type, 2)
    del given["advantages" if loss_type == "no_baseline" else "raw_rewards"]
    check_steps(drivers, check, log_probs, [given])


@pytest.mark.parametrize(("loss_type", "missing"), [("no_baseline", "raw_rewards"), ("reinforce_with_baseline", "advantages"),
                                                ("grpo_clip", "advantages"), ("grpo_clip", "old_log_probs"),
                                                ("grpo_clip", "cliprange")])  # fmt: skip
def test_a_loss_without_what_it_needs_is_refused(drivers, check, draw, loss_type, missing):
    log_probs, given = drawn(draw, loss_type, 2)
    del given[missing]
    check.rejects(drivers.microbatch_steps, WHO, log_probs, [given], who=f"{WHO} by {loss_type!r} without {missing}")


@pytest.mark.beyond_public_course
def test_an_unknown_loss_is_refused(drivers, check, draw):
    log_probs, given = drawn(draw, "grpo_clip", 2)
    given["loss_type"] = "clip"
    check.rejects(drivers.microbatch_steps, WHO, log_probs, [given], who=f"{WHO} by the loss 'clip'")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("loss_type", LOSSES)
def test_an_empty_response_counts_as_zero(drivers, check, draw, loss_type):
    log_probs, given = drawn(draw, loss_type, 2)
    given["response_mask"][1] = False
    check_steps(drivers, check, log_probs, [given], hint="the mean of no token is 0, and it stays in the batch's mean")


@pytest.mark.beyond_public_course
def test_the_returned_loss_holds_no_graph(drivers, check, draw):
    log_probs, given = drawn(draw, "grpo_clip", 2)
    found = check_steps(drivers, check, log_probs, [given])
    hint = "a list of such losses keeps the activations of every microbatch: detach it"
    check.equal(found["attached"], False, who=f"{WHO}, as whether its loss requires a gradient,", hint=hint)


@pytest.mark.beyond_public_course
def test_the_metadata_of_the_loss_is_handed_on(drivers, check, draw):
    log_probs, given = drawn(draw, "grpo_clip", 2)
    clipped = drivers.microbatch_steps(WHO, log_probs, [given])["clipped"]
    mask = given["response_mask"]
    expected = reference.clipped("grpo", given["advantages"], log_probs, given["old_log_probs"], CLIP, None)
    there = isinstance(clipped, list) and len(clipped) == 1 and isinstance(clipped[0], torch.Tensor)
    check.that(
        there and clipped[0].dtype is torch.bool and clipped[0].shape == mask.shape,
        f'{WHO} has no bool tensor {tuple(mask.shape)} as metadata["clipped"]',
    )
    check.equal(clipped[0][mask], expected[mask], who=f'{WHO} as metadata["clipped"] within the mask')


@pytest.mark.beyond_public_course
def test_the_arguments_are_left_alone(drivers, check, draw):
    log_probs, given = drawn(draw, "grpo_clip", 2)
    found = drivers.microbatch_steps(WHO, log_probs, [given])
    check.equal(found["log_probs"], log_probs, who=f"{WHO}'s log-probabilities after the call")
    check.equal(found["arguments"], [given], who=f"{WHO}'s other arguments after the call")
