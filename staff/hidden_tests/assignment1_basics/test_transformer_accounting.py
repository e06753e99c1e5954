"""Parameters, FLOP and shares of other random models."""

from assignment1_basics.tests import model_costs as costs

COUNTED = ("vocab_size", "num_layers", "d_model", "d_ff")


def test_every_count_of_a_random_model(adapters, check, draw):
    for _ in range(10):
        shape = costs.random_model(draw)
        counted, width = costs.only(shape, *COUNTED), draw.integer(1, 9)
        parameters = costs.param_count(**counted)
        check.equal(adapters.run_transformer_param_count(**counted), parameters, who="run_transformer_param_count")
        found = adapters.run_transformer_bytes(**counted, bytes_per_parameter=width)
        check.equal(found, width * parameters, who="run_transformer_bytes")
        batch_size = draw.integer(1, 20)
        found = adapters.run_transformer_forward_flops(**shape, batch_size=batch_size)
        check.equal(found, costs.forward_flops(**shape, batch_size=batch_size), who="run_transformer_forward_flops")


def test_the_smallest_model(adapters, check):
    one = dict.fromkeys(("vocab_size", "context_length", "num_layers", "d_model", "num_heads", "d_ff"), 1)
    found = adapters.run_transformer_param_count(**costs.only(one, *COUNTED))
    check.equal(found, 2 + 4 + 3 + 3, who="run_transformer_param_count")
    found = adapters.run_transformer_forward_flops(**one, batch_size=1)
    expected = dict(zip(costs.forward_flops(**one, batch_size=1), (6, 2, 2, 2, 6, 2), strict=True))
    check.equal(found, expected, who="run_transformer_forward_flops")


def test_heads_change_no_count(adapters, check, draw):
    shape = {**costs.random_model(draw), "d_model": 840, "batch_size": 2}
    counts = [adapters.run_transformer_forward_flops(**{**shape, "num_heads": heads}) for heads in (1, 7, 120, 840)]
    for found in counts:
        check.equal(found, costs.forward_flops(**{**shape, "num_heads": 1}), who="run_transformer_forward_flops")


def test_shares_add_up(adapters, check, draw):
    flops = costs.forward_flops(**costs.random_model(draw), batch_size=3)
    found = adapters.run_flops_shares(flops)
    check.that(found.keys() == flops.keys(), f"run_flops_shares returned {len(found)} keys; expected {len(flops)}")
    check.close(sum(found.values()), 1.0, rtol=1e-9, who="run_flops_shares in sum")
    for part, count in flops.items():
        check.close(found[part], count / sum(flops.values()), rtol=1e-9, who="run_flops_shares")


def test_the_crossover_is_half_as_long_again_as_the_inner_width(adapters, check, draw):
    for d_ff, length in ((1, 2), (2, 3), (3, 5), (2048, 3072), (4288, 6432), (10**18 + 1, 15 * 10**17 + 2)):
        found = adapters.run_attention_crossover_length(d_model=draw.integer(1, 10**5), d_ff=d_ff)
        check.equal(found, length, who="run_attention_crossover_length")
