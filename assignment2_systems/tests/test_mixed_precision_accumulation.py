"""Sums in mixed precision: every rounding is done where the docstring says, and nowhere else."""

import pytest

from assignment2_systems.tests.float_formats import accumulated

WHO = "run_accumulate"
THOUSAND = {
    ("float32", "float32", False): 10.000133514404297,
    ("float16", "float16", False): 9.953125,
    ("float32", "float16", False): 10.00213623046875,
    ("float32", "float16", True): 10.00213623046875,
}


@pytest.mark.parametrize("case", THOUSAND, ids=str)
def test_a_thousand_hundredths(adapters, check, case):
    found = adapters.run_accumulate(1000, 0.01, *case)
    check.close(found, THOUSAND[case], rtol=1e-9, who=f"{WHO} (accumulator, term, cast_first: {case})")


@pytest.mark.parametrize("accumulator", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("term", ["float32", "float16", "bfloat16"])
def test_sums_of_every_pair_of_dtypes(adapters, check, draw, accumulator, term):
    value = float(draw.uniform(1, low=0.3, high=1.7)[0])
    for cast_first in (False, True):
        found = adapters.run_accumulate(90, value, accumulator, term, cast_first)
        expected = accumulated(90, value, accumulator, term, cast_first)
        check.close(
            found, expected, rtol=1e-12, who=f"{WHO} ({accumulator} += {term}, cast_first {cast_first})",
            hint="the term is rounded once; a sum is made in the wider dtype and rounded to the accumulator's",
        )  # fmt: skip


@pytest.mark.parametrize("accumulator", ["float16", "bfloat16"])
def test_a_cast_before_the_sum_and_one_after_it_are_not_the_same(adapters, check, draw, accumulator):
    """One term in six or so shows it: a sum with the rounded term is a tie, that with the term itself is not."""
    values = draw.uniform(200, low=0.3, high=1.7).tolist()
    sums = (
        (value, [accumulated(12, value, accumulator, "float32", first) for first in (True, False)]) for value in values
    )
    value, expected = next((value, pair) for value, pair in sums if pair[0] != pair[1])
    for cast_first, result in zip((True, False), expected, strict=True):
        found = adapters.run_accumulate(12, value, accumulator, "float32", cast_first)
        check.close(found, result, rtol=1e-12, who=f"{WHO} ({accumulator} += float32, cast_first {cast_first})")


@pytest.mark.parametrize(("dtype", "stall"), [("float16", 2048), ("bfloat16", 256)])
def test_a_sum_of_ones_stalls_where_the_spacing_is_two(adapters, check, dtype, stall):
    for count, expected in ((stall - 1, stall - 1), (stall + 50, stall)):
        check.close(adapters.run_accumulate(count, 1.0, dtype, dtype, False), expected, rtol=1e-12, who=WHO)
    found = adapters.run_accumulate(stall + 50, 1.0, "float32", dtype, True)
    check.close(found, stall + 50, rtol=1e-12, who=f"{WHO} with a float32 accumulator")
