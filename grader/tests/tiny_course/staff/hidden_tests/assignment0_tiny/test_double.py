"""Hidden tests of `double`."""

SECRET = "hidden-otter-7431"


def test_large_values_are_doubled(adapters, draw, check):
    x = draw.normal(5, scale=1e6)
    check.close(adapters.run_double(x), x * 2, rtol=1e-6, who="run_double")
