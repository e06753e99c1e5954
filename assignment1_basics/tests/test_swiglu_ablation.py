"""ffn="silu": logits, two matrices of the right size, and that the switches combine.

Logits come by run_ablated_lm, parameters and gradients of what get_build_lm builds.
"""

import pytest
import torch

from assignment1_basics.tests import ablated


def test_logits_without_the_gate(adapters, check, draw):
    ablated.check_logits(adapters, check, draw, "W2 silu(W1 x)", ffn="silu")


def test_a_feed_forward_network_has_two_matrices(drivers, check):
    ablated.check_parameters(drivers, check, ablated.SIZES, ffn="silu")


def test_every_parameter_gets_a_gradient(drivers, check, draw):
    ablated.check_gradients(drivers, check, draw, ffn="silu")


@pytest.mark.parametrize("d_model", [96, 384, 768])
def test_without_d_ff_both_networks_are_of_one_size(drivers, check, d_model):
    sizes = {"vocab_size": 64, "context_length": 8, "d_model": d_model, "num_layers": 1, "num_heads": 2}
    counts = {}
    for ffn, width in (("silu", 4 * d_model), ("swiglu", 64 * ((d_model + 12) // 24))):
        found = drivers.parameter_descriptions(ablated.BUILD, {**sizes, "ffn": ffn, "device": "meta"})
        widths = sorted({size for shape, _, _ in found for size in shape} - {64, d_model})
        check.equal(widths, [width], who=f"build_lm(ffn={ffn!r}) as d_ff for d_model = {d_model}")
        counts[ffn] = sum(int(torch.tensor(shape).prod()) for shape, _, _ in found)
        check.equal(
            {device for _, _, device in found}, {"meta"}, who=f"build_lm(ffn={ffn!r}, device='meta') as devices"
        )
    ratio = counts["silu"] / max(1, counts["swiglu"])
    check.that(0.97 < ratio < 1.03, f"the model without a gate has {ratio:.3f} times the parameters; expected about 1")


def test_the_dtype_reaches_every_parameter(drivers, check):
    found = drivers.parameter_descriptions(ablated.BUILD, {**ablated.SIZES, "ffn": "silu", "dtype": "bfloat16"})
    check.equal({dtype for _, dtype, _ in found}, {"bfloat16"}, who="build_lm(ffn='silu', dtype=bfloat16) as dtypes")


@pytest.mark.parametrize("norm", ["post", "none"])
def test_the_switches_combine(adapters, drivers, check, draw, norm):
    switches = {"norm": norm, "pos": "none", "ffn": "silu"}
    ablated.check_logits(adapters, check, draw, **switches)
    ablated.check_parameters(drivers, check, ablated.SIZES, **switches)


def test_an_unknown_feed_forward_is_refused(drivers, check):
    ablated.check_refused(drivers, check, ffn="relu")
