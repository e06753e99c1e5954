"""Rotary position embedding with other bases, tables and orders of calls."""

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference


def test_widths_bases_and_lengths_do_not_leak_between_calls(adapters, check, draw):
    for theta in (50.0, 1234.5, 10000.0, 500000.0):
        d_k, max_seq_len = 2 * draw.integer(1, 20), draw.integer(20, 90)
        x, positions = draw.normal(2, 3, 6, d_k), draw.integers(0, max_seq_len, 2, 1, 6)
        check.close(
            adapters.run_rope(d_k, theta, max_seq_len, x, positions),
            reference.rope(theta, x, positions),
            rtol=7e-5,
            dtype=torch.float32,
            who="run_rope",
        )


def test_one_module_serves_changing_positions_and_lengths(drivers, check, draw):
    arguments = {"theta": 10000.0, "d_k": 6, "max_seq_len": 50}
    calls = [[draw.normal(2, n, 6), draw.integers(0, 50, n)] for n in (9, 9, 4, 9)]
    outputs = drivers.module_outputs("get_rope_cls", arguments, calls, 0)
    check.that(len(outputs) == len(calls), "RotaryPositionalEmbedding did not return once a call")
    for (x, positions), output in zip(calls, outputs, strict=True):
        check.close(
            output,
            reference.rope(10000.0, x, positions),
            rtol=5e-5,
            dtype=torch.float32,
            who="RotaryPositionalEmbedding",
        )


def test_a_position_beyond_the_table_is_never_silently_wrong(drivers, check, draw):
    x, positions = draw.normal(3, 8), torch.tensor([1, 10, 47])
    arguments = {
        "d_k": 8,
        "theta": 100.0,
        "max_seq_len": 10,
        "in_query_or_key": x,
        "token_positions": positions,
    }
    turned = drivers.result_or_refusal("run_rope", arguments)
    if turned is not None:
        check.close(
            turned,
            reference.rope(100.0, x, positions),
            rtol=5e-5,
            dtype=torch.float32,
            who="run_rope with a position beyond max_seq_len",
            hint="raise, or compute the right angle",
        )


@pytest.mark.beyond_public_course
def test_bfloat16_far_from_the_origin(adapters, check, draw):
    x, positions = draw.normal(4, 12, 8, dtype=torch.bfloat16), draw.integers(900, 1000, 12)
    check.close(
        adapters.run_rope(8, 10000.0, 1000, x, positions),
        reference.rope(10000.0, x, positions),
        rtol=0.05,
        dtype=torch.bfloat16,
        who="run_rope",
        hint="bfloat16 cannot tell position 997 from 1000: angles are computed in float32",
    )
