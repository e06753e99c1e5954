"""Rotary position embedding: the pair (x[2k], x[2k + 1]) is turned by position / theta^(2k / d_k)."""

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference

RTOL = 5e-5  # angles of up to 60 in float32


def test_neighbouring_features_are_turned_by_their_position(adapters, check, draw):
    x, positions = draw.normal(2, 12, 16), torch.arange(12)
    check.close(
        adapters.run_rope(16, 10000.0, 12, x, positions),
        reference.rope(10000.0, x, positions),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_rope",
        hint="the pairs are neighbours, (x[2k], x[2k + 1]), and stay in place; k counts from 0",
    )


@pytest.mark.parametrize(
    ("leading", "positions_leading"),
    [((), ()), ((3,), ()), ((3,), (1,)), ((3,), (3,)), ((3, 2), ()), ((3, 2), (3, 1)), ((2, 2, 3), (3,))],
)
def test_positions_may_be_any_integers(adapters, check, draw, leading, positions_leading):
    x, positions = draw.normal(*leading, 7, 8), draw.integers(0, 60, *positions_leading, 7)
    check.close(
        adapters.run_rope(8, 10000.0, 60, x, positions),
        reference.rope(10000.0, x, positions),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_rope",
        hint="token_positions come in any order, and their leading dimensions broadcast against the input's",
    )


def test_theta_is_an_argument(adapters, check, draw):
    x, positions = draw.normal(2, 9, 12), draw.permutation(9)
    for theta in (10000.0, 100.0, 500000.0):
        check.close(
            adapters.run_rope(12, theta, 9, x, positions),
            reference.rope(theta, x, positions),
            rtol=RTOL,
            dtype=torch.float32,
            who=f"run_rope with theta {theta:.0f}",
        )


def test_a_single_pair_turns_by_its_position_in_radians(adapters, check, draw):
    x, positions = draw.normal(5, 2), draw.integers(0, 30, 5)
    check.close(
        adapters.run_rope(2, 10000.0, 30, x, positions),
        reference.rope(10000.0, x, positions),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_rope",
    )


def test_every_pair_keeps_its_length(adapters, check, draw):
    x, positions = draw.normal(2, 6, 10), draw.integers(0, 50, 6)
    turned = adapters.run_rope(10, 1000.0, 50, x, positions)
    check.that(
        turned.shape == x.shape and turned.dtype == x.dtype, "run_rope changed the shape or the dtype of its input"
    )
    check.close(
        turned.unflatten(-1, (5, 2)).norm(dim=-1),
        x.double().unflatten(-1, (5, 2)).norm(dim=-1),
        rtol=1e-5,
        dtype=torch.float32,
        who="the lengths of pairs from run_rope",
    )


def test_dot_products_depend_on_the_distance_of_positions_alone(adapters, check, draw):
    query, key = draw.normal(8, 16), draw.normal(8, 16)
    near = draw.integers(0, 20, 8)
    far, shift = near + draw.integers(0, 10, 8), draw.integer(10, 30)

    def dot_products(offset):
        turned = [
            adapters.run_rope(16, 10000.0, 64, x, positions + offset) for x, positions in ((query, near), (key, far))
        ]
        for result in turned:
            check.that(
                result.shape == query.shape and result.dtype == query.dtype,
                "run_rope changed the shape or the dtype of its input",
            )
        return (turned[0] * turned[1]).sum(-1)

    check.close(dot_products(shift), dot_products(0), rtol=1e-4, constant=True, who="the dot products after run_rope")


def test_the_last_position_is_one_less_than_max_seq_len(adapters, check, draw):
    for length in (5, 3000):
        x, positions = draw.normal(4, 8), torch.tensor([length - 1, 0, length - 2, 1])
        check.close(
            adapters.run_rope(8, 10000.0, length, x, positions),
            reference.rope(10000.0, x, positions),
            rtol=RTOL + 4e-7 * length,
            dtype=torch.float32,
            who=f"run_rope with max_seq_len {length}",
        )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(("dtype", "rtol"), [(torch.bfloat16, 0.05), (torch.float16, 0.01), (torch.float64, RTOL)])
def test_the_dtype_of_the_input_is_returned(adapters, check, draw, dtype, rtol):
    x, positions = draw.normal(2, 10, 8, dtype=dtype), draw.integers(0, 60, 10)
    check.close(
        adapters.run_rope(8, 10000.0, 60, x, positions),
        reference.rope(10000.0, x, positions),
        rtol=rtol,
        dtype=dtype,
        who="run_rope",
        hint="sines and cosines are float32, and must not turn the result into float32",
    )


def test_the_gradient_is_turned_back(drivers, check, draw):
    x, cotangent, positions = draw.normal(2, 6, 8), draw.normal(2, 6, 8), draw.integers(0, 40, 6)
    arguments = {
        "d_k": 8,
        "theta": 10000.0,
        "max_seq_len": 40,
        "in_query_or_key": x,
        "token_positions": positions,
    }
    _, gradients = drivers.call_with_gradients("run_rope", arguments, ["in_query_or_key"], cotangent)
    check.close(
        gradients["in_query_or_key"],
        reference.rope(10000.0, cotangent, -positions),
        rtol=RTOL,
        dtype=torch.float32,
        who="the gradient of run_rope",
    )


def test_the_arguments_are_left_alone(drivers, check, draw):
    given = {"in_query_or_key": draw.normal(2, 6, 8), "token_positions": draw.permutation(6)}
    sizes = {"d_k": 8, "theta": 10000.0, "max_seq_len": 6}
    _, after = drivers.call_keeping_arguments("run_rope", {**sizes, **given})
    check.equal(after, {**sizes, **given}, who="run_rope's arguments after the call")


def test_nothing_is_learned(drivers, check):
    arguments = {"theta": 10000.0, "d_k": 8, "max_seq_len": 16}
    found = drivers.parameter_descriptions("get_rope_cls", arguments)
    check.that(found == [], f"RotaryPositionalEmbedding has {len(found)} trainable parameters; expected none")


@pytest.mark.beyond_public_course
def test_nothing_is_saved(drivers, check):
    arguments = {"theta": 10000.0, "d_k": 8, "max_seq_len": 16}
    keys = drivers.state_dict_keys("get_rope_cls", arguments)
    check.that(
        keys == [],
        f"RotaryPositionalEmbedding puts {keys} into the state dict; expected nothing",
    )


def test_tables_are_made_on_the_device(drivers, check):
    arguments = {"theta": 10000.0, "d_k": 8, "max_seq_len": 16, "device": "meta"}
    found = drivers.buffer_descriptions("get_rope_cls", arguments)
    check.that(
        all(device == "meta" for _, _, device in found),
        f"RotaryPositionalEmbedding(device='meta') has buffers elsewhere: {found}",
    )
