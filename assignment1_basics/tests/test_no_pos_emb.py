"""pos="none": logits, and that attention no longer knows the order of what it looks at.

Logits come by run_ablated_lm, parameters and gradients of what get_build_lm builds.
"""

import torch

from assignment1_basics.tests import ablated


def test_logits_without_positions(adapters, check, draw):
    ablated.check_logits(adapters, check, draw, "queries and keys are not turned", pos="none")


def test_the_order_of_the_past_does_not_matter_to_one_layer(adapters, check, draw):
    arguments = ablated.ablated_lm(draw, {**ablated.SIZES, "num_layers": 1}, pos="none")
    tokens = draw.permutation(30)[:10].reshape(1, 10)
    shuffled = torch.cat([tokens[:, :9].flip(1), tokens[:, 9:]], dim=1)
    first, second = (adapters.run_ablated_lm(**arguments, in_indices=ids) for ids in (tokens, shuffled))
    check.that(first.shape == second.shape == (1, 10, 30), f"{ablated.WHO} did not return logits (1, 10, 30)")
    check.close(
        second[:, -1], first[:, -1].double(), rtol=1e-4, dtype=torch.float32,
        who=f"{ablated.WHO}(pos='none'), at the last position with the others in another order,",
    )  # fmt: skip


def test_the_future_stays_hidden(adapters, check, draw):
    arguments = ablated.ablated_lm(draw, ablated.SIZES, pos="none")
    tokens = draw.integers(0, 30, 2, 10)
    whole, part = (adapters.run_ablated_lm(**arguments, in_indices=ids) for ids in (tokens, tokens[:, :4]))
    check.that(whole.shape == (2, 10, 30), f"{ablated.WHO} did not return logits (2, 10, 30)")
    who = f"{ablated.WHO}(pos='none') of the first 4 tokens"
    check.close(part, whole[:, :4].double(), rtol=1e-4, dtype=torch.float32, who=who)


def test_no_parameter_is_gained_or_lost(drivers, check):
    ablated.check_parameters(drivers, check, ablated.SIZES, pos="none")


def test_with_rope_it_is_the_model_as_it_was(adapters, check, draw):
    ablated.check_logits(adapters, check, draw, "pos='rope' is the model as it was", pos="rope")


def test_unknown_positions_are_refused(drivers, check):
    ablated.check_refused(drivers, check, pos="sine")
