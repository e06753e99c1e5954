"""norm="none": logits, and that no norm is left.

Logits come by run_ablated_lm, parameters and gradients of what get_build_lm builds.
"""

from assignment1_basics.tests import ablated


def test_logits_without_norms(adapters, check, draw):
    ablated.check_logits(adapters, check, draw, "no norm within the blocks, and none at the end", norm="none")


def test_no_norm_has_parameters(drivers, check):
    ablated.check_parameters(drivers, check, ablated.SIZES, norm="none")


def test_every_parameter_gets_a_gradient(drivers, check, draw):
    ablated.check_gradients(drivers, check, draw, norm="none")


def test_the_stream_keeps_its_scale(adapters, check, draw):
    """With all branches silenced the logits are those of the embedding, at any scale."""
    arguments = ablated.ablated_lm(draw, ablated.SIZES, norm="none")
    weights = arguments["weights"]
    for key in weights:
        if key.endswith(("output_proj.weight", "w2.weight")):
            weights[key] = weights[key] * 0
    weights["token_embeddings.weight"] *= 100
    tokens = draw.integers(0, 30, 2, 10)
    expected = weights["token_embeddings.weight"].double()[tokens] @ weights["lm_head.weight"].double().T
    logits = adapters.run_ablated_lm(**arguments, in_indices=tokens)
    check.close(logits, expected, rtol=1e-5, dtype=expected.float().dtype, who=f"{ablated.WHO}(norm='none')")


def test_an_unknown_norm_is_refused(drivers, check):
    ablated.check_refused(drivers, check, norm="layer")
