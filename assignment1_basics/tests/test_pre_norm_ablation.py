"""norm="post": logits, and what stands on the residual stream.

Logits come by run_ablated_lm, parameters and gradients of what get_build_lm builds.
"""

import torch

from assignment1_basics.tests import ablated


def test_logits_with_norms_on_the_stream(adapters, check, draw):
    ablated.check_logits(adapters, check, draw, "norm(x + branch(x)), and no norm at the end", norm="post")


def test_two_norms_a_block_and_none_at_the_end(drivers, check):
    ablated.check_parameters(drivers, check, ablated.SIZES, norm="post")


def test_every_parameter_gets_a_gradient(drivers, check, draw):
    ablated.check_gradients(drivers, check, draw, norm="post")


def test_the_output_of_a_block_has_unit_size(adapters, check, draw):
    """With gains of 1 and an output map that changes nothing, logits are the last block's output."""
    arguments = ablated.ablated_lm(draw, {**ablated.SIZES, "vocab_size": 16}, norm="post")
    weights = arguments["weights"]
    for key in weights:
        if ".ln" in key:
            weights[key] = torch.ones(16)
    weights["lm_head.weight"] = torch.eye(16)
    logits = adapters.run_ablated_lm(**arguments, in_indices=draw.integers(0, 16, 3, 10))
    check.that(tuple(logits.shape) == (3, 10, 16), f"{ablated.WHO} returned logits of another shape than (3, 10, 16)")
    size = logits.double().square().mean(-1).sqrt()
    check.close(
        size, torch.ones(3, 10, dtype=torch.float64), rtol=1e-3, constant=True,
        who=f"the root mean square of the last block's output in {ablated.WHO}(norm='post')",
    )  # fmt: skip


def test_pre_norm_is_the_default(drivers, check):
    ablated.check_parameters(drivers, check, ablated.SIZES)
