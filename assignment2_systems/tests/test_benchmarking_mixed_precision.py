"""What autocast does to dtypes on a GPU: literal facts, since a CPU's autocast has other lists."""

import pytest

LOW = ("float16", "bfloat16")
MODEL, RESULT = "run_autocast_dtypes", "run_autocast_result"


@pytest.mark.parametrize("low", LOW)
@pytest.mark.parametrize(
    ("what", "is_low"),
    [("parameters", False), ("fc1", True), ("layer_norm", False), ("logits", True), ("loss", False), ("gradients", False)],
)  # fmt: skip
def test_dtypes_in_the_toy_model(adapters, check, low, what, is_low):
    found = adapters.run_autocast_dtypes(low)
    check.that(what in found, f"{MODEL} has no key '{what}'; expected one")
    check.equal(found[what], low if is_low else "float32", who=f"{MODEL} for {what}, under {low},")


@pytest.mark.parametrize("low", LOW)
def test_the_toy_model_has_six_entries(adapters, check, low):
    expected = ["fc1", "gradients", "layer_norm", "logits", "loss", "parameters"]
    check.equal(sorted(adapters.run_autocast_dtypes(low)), expected, who=f"{MODEL}, as its keys,")


@pytest.mark.parametrize("low", LOW)
@pytest.mark.parametrize("operation", ["linear", "matmul"])
def test_products_are_made_in_the_low_precision(adapters, check, low, operation):
    for dtypes in (["float32", "float32"], [low, "float32"], [low, low]):
        check.equal(adapters.run_autocast_result(operation, dtypes, low), low, who=f"{RESULT} for {operation}")


@pytest.mark.parametrize("low", LOW)
@pytest.mark.parametrize("operation", ["softmax", "layer_norm", "exp", "sum", "cross_entropy"])
def test_sums_and_exponentials_are_made_in_float32(adapters, check, low, operation):
    for dtypes in (["float32"], [low]):
        check.equal(adapters.run_autocast_result(operation, dtypes, low), "float32", who=f"{RESULT} for {operation}")


@pytest.mark.parametrize("low", LOW)
def test_other_operations_follow_their_inputs(adapters, check, low):
    for dtype in (low, "float32"):
        check.equal(adapters.run_autocast_result("relu", [dtype], low), dtype, who=f"{RESULT} for relu")
    for operation in ("add", "mul"):
        for dtypes in ([low, low], ["float32", low], [low, "float32"], ["float32", "float32"]):
            expected = "float32" if "float32" in dtypes else low
            found = adapters.run_autocast_result(operation, dtypes, low)
            check.equal(found, expected, who=f"{RESULT} for {operation} of {' and '.join(dtypes)}")
