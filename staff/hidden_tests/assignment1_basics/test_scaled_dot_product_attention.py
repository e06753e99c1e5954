"""Scaled dot-product attention with lopsided shapes, extreme scores, and masks made for them."""

import torch

from assignment1_basics.tests import float64_reference as reference


def test_lopsided_shapes_with_a_shared_mask(adapters, check, draw):
    for queries, keys, d_k, d_v in ((1, 13, 6, 2), (11, 1, 3, 7), (5, 12, 20, 1)):
        given = {
            "Q": draw.normal(2, 3, queries, d_k),
            "K": draw.normal(2, 3, keys, d_k),
            "V": draw.normal(2, 3, keys, d_v),
        }
        mask = draw.boolean(queries, keys)
        mask[:, 0] = True
        check.close(
            adapters.run_scaled_dot_product_attention(**given, mask=mask),
            reference.attention(**given, mask=mask),
            rtol=1e-5,
            dtype=torch.float32,
            who="run_scaled_dot_product_attention",
        )


def test_no_finite_penalty_hides_a_key(adapters, check, draw):
    # All numbers are powers of two: every visible score is -2^33 exactly, every hidden one +2^33.
    keys = 7
    Q, K = torch.zeros(1, 3, 4), torch.zeros(1, keys, 4)
    Q[..., 0], K[..., 0] = 2.0**17, -(2.0**17)
    visible = torch.tensor([True, False, True, True, False, True, False])
    K[:, ~visible, 0] = 2.0**17
    V = draw.normal(1, keys, 5)
    check.close(
        adapters.run_scaled_dot_product_attention(Q, K, V, visible.expand(1, 3, keys).contiguous()),
        V.double()[:, visible].mean(1, keepdim=True).expand(1, 3, 5),
        rtol=1e-5,
        dtype=torch.float32,
        who="run_scaled_dot_product_attention",
        hint="a hidden key has weight exactly 0, however large its score and small the others",
    )


def test_a_mask_of_one_key_returns_its_value(adapters, check, draw):
    chosen = draw.permutation(8)
    mask = torch.nn.functional.one_hot(chosen, 8).bool()
    V = draw.normal(2, 8, 6)
    check.equal(
        adapters.run_scaled_dot_product_attention(draw.normal(2, 8, 4), draw.normal(2, 8, 4), V, mask),
        V[:, chosen],
        who="run_scaled_dot_product_attention with one visible key a query",
    )


def test_gradients_are_finite_with_a_causal_mask_and_large_scores(drivers, check, draw):
    given = {name: draw.normal(2, 6, size) for name, size in (("Q", 4), ("K", 4), ("V", 3))}
    # All scores of a query are about as large, and beyond what float32 can exponentiate; none has all of the weight.
    given["Q"][..., 0] = given["Q"][..., 0].abs() + 1.0
    given["K"][..., 0] += 200.0
    mask, cotangent = torch.ones(6, 6, dtype=torch.bool).tril(), draw.normal(2, 6, 3)
    _, gradients = drivers.call_with_gradients(
        "run_scaled_dot_product_attention", {**given, "mask": mask}, ["Q", "K", "V"], cotangent
    )
    expected = reference.gradients(lambda Q, K, V: reference.attention(Q, K, V, mask), cotangent, *given.values())
    # What the keys have in common cancels in the gradient of Q, and its rounding does not.
    common = 5e-4 * float((cotangent @ given["V"].mT).abs().max() * given["K"].abs().max())
    for name, wanted in zip(given, expected, strict=True):
        check.close(
            gradients[name],
            wanted,
            rtol=2e-3,
            scale=common if name == "Q" else 0.0,
            dtype=torch.float32,
            who=f"the gradient of run_scaled_dot_product_attention for {name}",
        )
