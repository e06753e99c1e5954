"""Parameters, bytes and FLOP of a Transformer: random shapes, and the models of the handout's table."""

import pytest

from assignment1_basics.tests import model_costs as costs
from assignment1_basics.tests.random_transformer import language_model

COUNTED = ("vocab_size", "num_layers", "d_model", "d_ff")
PARTS = (
    "qkv_projections",
    "attention_scores",
    "attention_values",
    "output_projection",
    "feed_forward",
    "lm_head",
)

# Percentages of one forward pass, in the order of PARTS. (model, context length)
SHARES = {
    ("small", 1024): (14.9, 6.6, 6.6, 5.0, 39.8, 27.1),
    ("medium", 1024): (18.6, 6.2, 6.2, 6.2, 50.1, 12.7),
    ("large", 1024): (20.5, 5.5, 5.5, 6.8, 54.3, 7.4),
    ("xl", 1024): (21.5, 4.6, 4.6, 7.2, 57.5, 4.7),
    ("xl", 16384): (9.0, 30.9, 30.9, 3.0, 24.2, 2.0),
    ("xl_of_four_widths", 1024): (16.7, 3.6, 3.6, 5.6, 66.9, 3.6),
}


def flops_of(adapters, check, **shape):
    """The student's parts, each there and none besides."""
    found = adapters.run_transformer_forward_flops(**shape)
    check.that(
        found.keys() == set(PARTS),
        f"run_transformer_forward_flops returned the keys {', '.join(map(str, found))}; expected {', '.join(PARTS)}",
    )
    return found


# ----------------------------------------------------------------------------------------------------------
# Parameters


def test_parameters_of_the_table(adapters, check):
    for name, row in costs.SWIGLU.items():
        found = adapters.run_transformer_param_count(**costs.only(costs.model(name), *COUNTED))
        check.equal(found, row[4], who="run_transformer_param_count", hint=f"The model was {name}")


def test_parameters_of_random_models(adapters, check, draw):
    for _ in range(10):
        shape = costs.only(costs.random_model(draw), *COUNTED)
        found = adapters.run_transformer_param_count(**shape)
        check.equal(found, costs.param_count(**shape), who="run_transformer_param_count")


def test_parameters_are_the_numbers_that_a_model_is_loaded_with(adapters, check, draw):
    made = language_model(draw, vocab_size=31, context_length=9, d_model=12, num_layers=3, num_heads=4, d_ff=20)
    found = adapters.run_transformer_param_count(**{name: made[name] for name in COUNTED})
    expected = sum(tensor.numel() for tensor in made["weights"].values())
    check.equal(found, expected, who="run_transformer_param_count")


def test_the_xl_model_in_float32_takes_6561811200_bytes(adapters, check):
    shape = costs.only(costs.model("xl"), *COUNTED)
    found = adapters.run_transformer_bytes(**shape, bytes_per_parameter=4)
    check.equal(found, 6_561_811_200, who="run_transformer_bytes")


def test_bytes_are_those_of_the_dtype(adapters, check, draw):
    for width in (1, 2, 4, 8):
        shape = costs.only(costs.random_model(draw), *COUNTED)
        found = adapters.run_transformer_bytes(**shape, bytes_per_parameter=width)
        check.equal(found, width * costs.param_count(**shape), who="run_transformer_bytes")


# ----------------------------------------------------------------------------------------------------------
# FLOP


@pytest.mark.parametrize("part", PARTS)
def test_flops_of_each_part_of_random_models(adapters, check, draw, part):
    for _ in range(6):
        shape = {**costs.random_model(draw), "batch_size": draw.integer(1, 50)}
        found = flops_of(adapters, check, **shape)
        expected = costs.forward_flops(**shape)
        check.equal(found[part], expected[part], who=f"run_transformer_forward_flops for {part}")


def test_flops_of_the_table(adapters, check):
    for name, row in costs.SWIGLU.items():
        found = flops_of(adapters, check, **costs.model(name), batch_size=1)
        check.equal(
            sum(found.values()),
            row[5],
            who="run_transformer_forward_flops in sum",
            hint=f"The model was {name}",
        )


@pytest.mark.parametrize(("name", "total"), [("xl", 133_577_729_638_400), ("xl_of_four_widths", 149_522_795_724_800)])
def test_flops_of_a_long_context(adapters, check, name, total):
    found = flops_of(adapters, check, **costs.model(name, context_length=16_384), batch_size=1)
    check.equal(sum(found.values()), total, who="run_transformer_forward_flops in sum")


def test_flops_grow_with_the_batch(adapters, check, draw):
    shape, batch_size = costs.random_model(draw), draw.integer(2, 100)
    one = flops_of(adapters, check, **shape, batch_size=1)
    many = flops_of(adapters, check, **shape, batch_size=batch_size)
    expected = {part: count * batch_size for part, count in one.items()}
    check.equal(many, expected, who="run_transformer_forward_flops")


def test_counts_are_exact_however_large(adapters, check):
    shape = {
        "vocab_size": 2**40 + 1,
        "context_length": 2**30 + 1,
        "num_layers": 1001,
        "d_model": 3 * (2**20 + 1),
        "num_heads": 3,
        "d_ff": 2**24 + 1,
    }
    found = flops_of(adapters, check, **shape, batch_size=2**20 + 1)
    expected = costs.forward_flops(**shape, batch_size=2**20 + 1)
    check.equal(found, expected, who="run_transformer_forward_flops")
    counted = costs.only(shape, *COUNTED)
    found = adapters.run_transformer_param_count(**counted)
    check.equal(found, costs.param_count(**counted), who="run_transformer_param_count")
    found = adapters.run_attention_crossover_length(d_model=3, d_ff=2**60 + 1)
    check.equal(found, 3 * 2**59 + 2, who="run_attention_crossover_length")


# ----------------------------------------------------------------------------------------------------------
# Shares


@pytest.mark.parametrize(("name", "context_length"), SHARES)
def test_percentages_of_the_table(adapters, check, name, context_length):
    flops = costs.forward_flops(**costs.model(name, context_length), batch_size=1)
    found = adapters.run_flops_shares(flops)
    check.that(
        found.keys() == flops.keys(), f"run_flops_shares returned {len(found)} keys; expected those it was given"
    )
    rounded = tuple(round(100 * found[part], 1) for part in PARTS)
    check.that(
        rounded == SHARES[name, context_length],
        f"run_flops_shares returned shares of {name} that are {rounded} % when rounded; expected the table's",
    )


def test_shares_of_any_parts(adapters, check, draw):
    flops = {f"part {index}": draw.integer(0, 10**12) for index in range(draw.integer(2, 9))}
    found = adapters.run_flops_shares({**flops, "nothing": 0})
    check.that(
        found.keys() == {*flops, "nothing"},
        f"run_flops_shares returned {len(found)} keys; expected those it was given",
    )
    for part, count in flops.items():
        check.close(found[part], count / sum(flops.values()), rtol=1e-9, who="run_flops_shares")
    check.close(found["nothing"], 0.0, rtol=1e-9, who="run_flops_shares")


@pytest.mark.parametrize("odd", [False, True])
def test_from_the_crossover_on_attention_costs_as_much_as_feed_forward(adapters, check, draw, odd):
    for _ in range(5):
        d_ff = 2 * draw.integer(1, 5000) + odd
        d_model = draw.integer(1, 5000)
        found = adapters.run_attention_crossover_length(d_model=d_model, d_ff=d_ff)
        sides = []
        for context_length in (found - 1, found):
            flops = costs.forward_flops(
                vocab_size=10,
                context_length=context_length,
                num_layers=2,
                d_model=d_model,
                num_heads=1,
                d_ff=d_ff,
                batch_size=1,
            )
            sides.append(flops["attention_scores"] + flops["attention_values"] >= flops["feed_forward"])
        check.that(
            found > 0 and sides[1] and (found == 1 or not sides[0]),
            f"run_attention_crossover_length returned {found} for d_model={d_model}, d_ff={d_ff}; expected the "
            "first length at which attention costs at least as much",
        )
