"""Sums in mixed precision: random terms and counts, float64 among the dtypes."""

import pytest

from assignment2_systems.tests.float_formats import accumulated

DTYPES = ("float64", "float32", "float16", "bfloat16")


@pytest.mark.parametrize("number", range(8))
def test_random_sums(adapters, check, draw, number):
    accumulator, term = draw.choice(DTYPES), draw.choice(DTYPES)
    count, value = draw.integer(20, 150), float(draw.uniform(1, low=-2.0, high=-0.1)[0])
    for cast_first in (False, True):
        found = adapters.run_accumulate(count, value, accumulator, term, cast_first)
        expected = accumulated(count, value, accumulator, term, cast_first)
        check.close(found, expected, rtol=1e-14, who=f"run_accumulate ({accumulator} += {term})")


def test_no_terms_are_zero(adapters, check):
    check.that(adapters.run_accumulate(0, 3.0, "float16", "float32", True) == 0, "run_accumulate of no terms is not 0")
