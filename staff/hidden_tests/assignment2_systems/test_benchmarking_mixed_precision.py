"""What autocast does to dtypes on a GPU: all answers at once."""

import pytest


@pytest.mark.parametrize("low", ["bfloat16", "float16"])
def test_the_whole_toy_model(adapters, check, low):
    same = dict.fromkeys(("parameters", "layer_norm", "loss", "gradients"), "float32")
    check.equal(adapters.run_autocast_dtypes(low), {**same, "fc1": low, "logits": low}, who="run_autocast_dtypes")


@pytest.mark.parametrize("low", ["bfloat16", "float16"])
def test_a_branch_is_low_until_it_meets_the_residual_stream(adapters, check, low):
    """What a pre-norm block does: norm, product, activation, product, sum."""
    stream = "float32"
    dtype = adapters.run_autocast_result("layer_norm", [stream], low)
    for operation, inputs in (("linear", ["float32"]), ("relu", []), ("linear", ["float32"]), ("add", [stream])):
        dtype = adapters.run_autocast_result(operation, [dtype, *inputs], low)
        expected = "float32" if operation == "add" else low
        check.equal(dtype, expected, who=f"run_autocast_result for {operation} within a block")
