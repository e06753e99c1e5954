"""Training with AdamW: the memory it keeps, the batch that fits, its FLOP, and the hours it takes."""

import pytest

from assignment1_basics.tests import model_costs as costs

PARTS = ("parameters", "gradients", "optimizer_state", "activations")
MEMORY, BATCH = "run_adamw_memory", "run_largest_batch_size"


def memory_of(adapters, check, **shape):
    """The student's parts, each there and none besides."""
    found = adapters.run_adamw_memory(**shape)
    check.that(
        found.keys() == set(PARTS),
        f"{MEMORY} returned the keys {', '.join(map(str, found))}; expected {', '.join(PARTS)}",
    )
    return found


def fixed_and_per_sequence(shape, bytes_per_value):
    """What does not grow with the batch, and what each of its sequences adds."""
    memory = costs.adamw_memory(batch_size=1, bytes_per_value=bytes_per_value, **shape)
    activations = memory.pop("activations")
    return sum(memory.values()), activations


# ----------------------------------------------------------------------------------------------------------
# Memory


@pytest.mark.parametrize("part", PARTS)
def test_memory_of_each_part_of_random_models(adapters, check, draw, part):
    for _ in range(6):
        shape = {
            **costs.random_model(draw),
            "batch_size": draw.integer(1, 300),
            "bytes_per_value": draw.choice([2, 4, 8]),
        }
        found = memory_of(adapters, check, **shape)
        check.equal(found[part], costs.adamw_memory(**shape)[part], who=f"{MEMORY} for {part}")


def test_the_xl_model_keeps_26247244800_bytes_beside_its_activations(adapters, check):
    found = memory_of(adapters, check, **costs.model("xl"), batch_size=5, bytes_per_value=4)
    rest = sum(count for part, count in found.items() if part != "activations")
    check.equal(rest, 26_247_244_800, who=f"{MEMORY} without activations")


def test_the_xl_model_keeps_16373391360_bytes_of_activations_a_sequence(adapters, check):
    found = memory_of(adapters, check, **costs.model("xl"), batch_size=1, bytes_per_value=4)
    check.equal(found["activations"], 16_373_391_360, who=f"{MEMORY} for activations")


def test_only_activations_grow_with_the_batch(adapters, check, draw):
    shape = {**costs.random_model(draw), "bytes_per_value": 4}
    one = memory_of(adapters, check, **shape, batch_size=1)
    many = memory_of(adapters, check, **shape, batch_size=7)
    check.equal(many, {**one, "activations": 7 * one["activations"]}, who=MEMORY)


# ----------------------------------------------------------------------------------------------------------
# The batch that fits


@pytest.mark.parametrize("memory_bytes", [80 * 10**9, 80 * 2**30])
def test_three_sequences_of_the_xl_model_fit_into_80_gigabytes(adapters, check, memory_bytes):
    found = adapters.run_largest_batch_size(memory_bytes=memory_bytes, **costs.model("xl"), bytes_per_value=4)
    check.equal(found, 3, who=BATCH)


def test_the_batch_that_just_fits_and_the_byte_that_is_missing(adapters, check, draw):
    for _ in range(5):
        shape, width = costs.random_model(draw), draw.choice([2, 4, 8])
        fixed, each = fixed_and_per_sequence(shape, width)
        batch_size = draw.integer(2, 10**6)
        for missing in (0, 1):
            found = adapters.run_largest_batch_size(
                memory_bytes=fixed + batch_size * each - missing, **shape, bytes_per_value=width
            )
            check.equal(found, batch_size - missing, who=BATCH)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_no_batch_fits_into_less_than_the_model_needs(adapters, check, draw, share):
    shape = costs.random_model(draw)
    fixed, _ = fixed_and_per_sequence(shape, 4)
    found = adapters.run_largest_batch_size(memory_bytes=int(share * fixed), **shape, bytes_per_value=4)
    check.equal(found, 0, who=BATCH)


# ----------------------------------------------------------------------------------------------------------
# FLOP and hours


@pytest.mark.parametrize("num_parameters", [1, 1_640_452_800, 175 * 10**15 + 1])
def test_a_step_takes_fourteen_flops_a_parameter(adapters, check, num_parameters):
    found = adapters.run_adamw_step_flops(num_parameters)
    check.equal(found, 14 * num_parameters, who="run_adamw_step_flops")


def test_flops_of_a_step_for_random_sizes(adapters, check, draw):
    for _ in range(5):
        num_parameters = draw.integer(1, 10**12)
        expected = (2 + 3 + 4 + 5) * num_parameters
        check.equal(adapters.run_adamw_step_flops(num_parameters), expected, who="run_adamw_step_flops")


def test_the_xl_model_trains_for_4850_hours(adapters, check):
    found = adapters.run_training_hours(
        forward_flops_per_sequence=3_516_769_894_400,
        batch_size=1024,
        num_steps=400_000,
        peak_flops_per_second=495e12,
        utilisation=0.5,
    )
    check.that(
        round(found, 2) == 4850.06, f"run_training_hours returned {found:.6g} for the XL model; expected the handout's"
    )


def test_hours_of_random_runs(adapters, check, draw):
    for _ in range(8):
        flops, batch, steps = draw.integer(10**9, 10**15), draw.integer(1, 4096), draw.integer(1, 10**6)
        peak, share = draw.number(1e12, 2e15), draw.number(0.05, 1)
        found = adapters.run_training_hours(flops, batch, steps, peak, share)
        seconds = (flops + 2 * flops) * batch * steps / (share * peak)
        check.close(found, seconds / 60 / 60, rtol=1e-9, who="run_training_hours")
