"""The block with weights that single out each of its parts."""

import torch

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests.random_transformer import block_weights

WHO = "run_transformer_block"


def test_a_silenced_block_returns_its_input(adapters, check, draw):
    weights, x = block_weights(draw, 16, 24), draw.normal(2, 5, 16, scale=4.0)
    weights["attn.output_proj.weight"].zero_()
    weights["ffn.w2.weight"].zero_()
    check.equal(
        adapters.run_transformer_block(16, 2, 24, 5, 10000.0, weights, x),
        x,
        who=f"{WHO} whose attention and feed-forward give zero",
        hint="the residual stream is not normalised",
    )


def test_either_part_alone(adapters, check, draw):
    for silenced in ("attn.output_proj.weight", "ffn.w2.weight"):
        weights, x = block_weights(draw, 20, 30), draw.normal(2, 7, 20, scale=3.0)
        weights[silenced].zero_()
        check.close(
            adapters.run_transformer_block(20, 5, 30, 7, 10000.0, weights, x),
            reference.transformer_block(5, 10000.0, weights, x),
            rtol=3e-5,
            dtype=torch.float32,
            who=f"{WHO} with {silenced} of zeros",
        )


def test_blocks_of_changing_sizes(adapters, check, draw):
    for _ in range(3):
        num_heads, d_head, length = draw.integer(1, 5), 2 * draw.integer(1, 6), draw.integer(2, 20)
        d_model, d_ff, theta = (
            num_heads * d_head,
            draw.integer(5, 50),
            draw.choice([100.0, 10000.0, 500000.0]),
        )
        weights, x = block_weights(draw, d_model, d_ff), draw.normal(2, length, d_model)
        check.close(
            adapters.run_transformer_block(d_model, num_heads, d_ff, 20, theta, weights, x),
            reference.transformer_block(num_heads, theta, weights, x),
            rtol=1e-4,
            dtype=torch.float32,
            who=WHO,
        )
