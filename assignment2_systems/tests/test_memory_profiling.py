"""Where memory goes: the residual stream, the largest tensor of a forward pass, and a record of allocations."""

import pytest

XL = {"d": 2560, "f": 10240, "h": 32, "V": 10_000}
STREAM, LARGEST, TRACE = "run_residual_stream_mib", "run_largest_forward_allocation", "run_peak_of_trace"


def tensors(B, T, d, f, h, V):
    """The bytes of every candidate."""
    return {
        "residual_stream": 4 * B * T * d,
        "feed_forward": 4 * B * T * f,
        "attention_scores": 4 * B * h * T * T,
        "logits": 4 * B * T * V,
    }


@pytest.mark.parametrize(("T", "mib"), [(128, 5), (512, 20), (2048, 80)])
def test_the_residual_stream_of_the_xl_model(adapters, check, T, mib):
    check.close(adapters.run_residual_stream_mib(4, T, 2560), mib, rtol=1e-9, who=STREAM)


def test_the_residual_stream_of_random_models(adapters, check, draw):
    for _ in range(6):
        B, T, d = draw.integer(1, 65), draw.integer(1, 5000), draw.integer(1, 9000)
        check.close(adapters.run_residual_stream_mib(B, T, d), B * T * d * 4 / 1024 / 1024, rtol=1e-9, who=STREAM)


@pytest.mark.parametrize(
    ("T", "name", "mib"), [(128, "feed_forward", 20), (512, "attention_scores", 128), (2048, "attention_scores", 2048)]
)
def test_the_largest_tensor_of_the_xl_model(adapters, check, T, name, mib):
    found = adapters.run_largest_forward_allocation(4, T, **XL)
    check.equal(found[0], name, who=f"{LARGEST} for T = {T}, as the name,")
    check.close(found[1], mib, rtol=1e-9, who=f"{LARGEST} for T = {T}, as MiB,")


@pytest.mark.parametrize("name", ["residual_stream", "feed_forward", "attention_scores", "logits"])
def test_each_tensor_can_be_the_largest(adapters, check, draw, name):
    shape = {"d": draw.integer(40, 70), "f": draw.integer(80, 120), "h": 1, "V": draw.integer(100, 200)}
    T = draw.integer(20, 60)
    grown = {"residual_stream": "d", "feed_forward": "f", "attention_scores": "h", "logits": "V"}[name]
    shape[grown] = draw.integer(30_000, 40_000)
    B = draw.integer(1, 9)
    found = adapters.run_largest_forward_allocation(B, T, **shape)
    check.equal(found[0], name, who=f"{LARGEST}, as the name,")
    check.close(found[1], tensors(B, T, **shape)[name] / 2**20, rtol=1e-9, who=f"{LARGEST}, as MiB,")


def test_a_longer_context_makes_attention_the_largest(adapters, check, draw):
    """The scores pass the widest of the others where h T is its width."""
    for _ in range(4):
        h, width = draw.integer(2, 40), draw.integer(3000, 60_000)
        shape = {"d": 64, "f": width, "h": h, "V": 1000}
        crossover = width // h
        found = [adapters.run_largest_forward_allocation(2, T, **shape)[0] for T in (crossover - 1, crossover + 1)]
        check.equal(found, ["feed_forward", "attention_scores"], who=f"{LARGEST}, before and after h T = f,")


# ----------------------------------------------------------------------------------------------------------
# A record of allocations


def test_a_record_by_hand(adapters, check):
    trace = [("alloc", 1, 100), ("alloc", 2, 50), ("free", 1, 100), ("alloc", 3, 80), ("alloc", 4, 20), ("free", 3, 80)]
    check.equal(
        adapters.run_peak_of_trace(trace), {"peak": 150, "at": 1, "largest": 100, "left": 70}, who=TRACE,
        hint="at is the first event that reaches the peak",
    )  # fmt: skip


def test_a_free_block_may_be_allocated_anew(adapters, check):
    trace = [("alloc", 7, 10), ("free", 7, 10), ("alloc", 7, 90), ("alloc", 8, 5), ("free", 7, 90), ("alloc", 7, 30)]
    check.equal(adapters.run_peak_of_trace(trace), {"peak": 95, "at": 3, "largest": 90, "left": 35}, who=TRACE)


def test_blocks_from_before_the_record_do_not_count(adapters, check):
    trace = [("free", 9, 1000), ("alloc", 1, 40), ("free", 8, 500), ("alloc", 9, 7)]
    check.equal(adapters.run_peak_of_trace(trace), {"peak": 47, "at": 3, "largest": 40, "left": 47}, who=TRACE)


@pytest.mark.parametrize("trace", [[], [("free", 3, 10)]], ids=["empty", "frees_only"])
def test_a_record_without_allocations(adapters, check, trace):
    check.equal(adapters.run_peak_of_trace(trace), {"peak": 0, "at": -1, "largest": 0, "left": 0}, who=TRACE)


def test_the_largest_block_is_that_of_the_peak(adapters, check):
    trace = [("alloc", 1, 60), ("free", 1, 60), *(("alloc", place, 9) for place in range(2, 12)), ("free", 4, 9)]
    check.equal(adapters.run_peak_of_trace(trace), {"peak": 90, "at": 11, "largest": 9, "left": 81}, who=TRACE)
