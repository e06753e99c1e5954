"""Tests of `double`."""


def test_every_value_is_doubled(adapters, draw, check):
    x = draw.normal(3, 4)
    check.close(adapters.run_double(x), x * 2, rtol=1e-6, who="run_double")


def test_the_shape_may_be_empty(adapters, draw, check):
    x = draw.normal(0, 4)
    check.close(adapters.run_double(x), x, rtol=1e-6, who="run_double")
