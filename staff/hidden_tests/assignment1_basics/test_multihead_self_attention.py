"""Multi-head self-attention over changing lengths, offset positions, and sequences that must not mix."""

import torch

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests.random_transformer import projections


def test_lengths_and_heads_change_from_call_to_call(adapters, check, draw):
    for length, num_heads in ((3, 2), (11, 5), (1, 10), (6, 1)):
        weights, x = projections(draw, 20), draw.normal(2, length, 20)
        check.close(
            adapters.run_multihead_self_attention(20, num_heads, **weights, in_features=x),
            reference.self_attention(num_heads, *weights.values(), x),
            rtol=2e-5,
            dtype=torch.float32,
            who=f"run_multihead_self_attention of {length} rows with {num_heads} heads",
        )


def test_shifting_all_positions_changes_nothing(adapters, check, draw):
    weights, x, start = projections(draw, 24), draw.normal(2, 9, 24), draw.integer(20, 50)

    def output(positions):
        return adapters.run_multihead_self_attention_with_rope(
            24, 3, 64, 10000.0, **weights, in_features=x, token_positions=positions
        )

    check.close(
        output(start + torch.arange(9).unsqueeze(0)),
        output(torch.arange(9).unsqueeze(0)),
        rtol=2e-4,
        constant=True,
        who="run_multihead_self_attention_with_rope with shifted positions",
    )


def test_spread_positions_and_another_theta(adapters, check, draw):
    weights, x = projections(draw, 32), draw.normal(2, 6, 32)
    positions = draw.permutation(90)[:6].unsqueeze(0)
    check.close(
        adapters.run_multihead_self_attention_with_rope(
            32, 4, 90, 777.0, **weights, in_features=x, token_positions=positions
        ),
        reference.self_attention(4, *weights.values(), x, 777.0, positions),
        rtol=1e-4,
        dtype=torch.float32,
        who="run_multihead_self_attention_with_rope",
    )


def test_sequences_of_a_batch_do_not_mix(adapters, check, draw):
    weights, x, order = projections(draw, 12), draw.normal(4, 5, 12), draw.permutation(4)
    given, shuffled = (
        adapters.run_multihead_self_attention(12, 3, **weights, in_features=batch)
        for batch in (x, x[order].contiguous())
    )
    check.that(
        given.shape == shuffled.shape == x.shape,
        "run_multihead_self_attention changed the shape of its input",
    )
    check.close(
        shuffled,
        given[order],
        rtol=1e-5,
        constant=True,
        who="run_multihead_self_attention with its sequences in another order",
    )
