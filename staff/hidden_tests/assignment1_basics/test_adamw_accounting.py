"""Memory, batches, FLOP and hours of other random models."""

from assignment1_basics.tests import model_costs as costs


def test_memory_and_batch_of_random_models(adapters, check, draw):
    for _ in range(8):
        shape, width = costs.random_model(draw), draw.choice([2, 4, 8])
        batch_size = draw.integer(1, 64)
        expected = costs.adamw_memory(**shape, batch_size=batch_size, bytes_per_value=width)
        found = adapters.run_adamw_memory(**shape, batch_size=batch_size, bytes_per_value=width)
        check.equal(found, expected, who="run_adamw_memory")
        slack = draw.integer(0, expected["activations"] // batch_size)
        found = adapters.run_largest_batch_size(
            memory_bytes=sum(expected.values()) + slack, **shape, bytes_per_value=width
        )
        check.equal(found, batch_size, who="run_largest_batch_size")


def test_batches_beyond_what_a_float_can_count(adapters, check, draw):
    shape = costs.random_model(draw)
    memory = costs.adamw_memory(**shape, batch_size=10**15 + 1, bytes_per_value=2)
    found = adapters.run_largest_batch_size(memory_bytes=sum(memory.values()), **shape, bytes_per_value=2)
    check.equal(found, 10**15 + 1, who="run_largest_batch_size")


def test_too_little_memory_is_no_batch(adapters, check, draw):
    shape = costs.random_model(draw)
    one = sum(costs.adamw_memory(**shape, batch_size=1, bytes_per_value=4).values())
    for memory_bytes, batch_size in ((0, 0), (one // 10, 0), (one - 1, 0), (one, 1)):
        found = adapters.run_largest_batch_size(memory_bytes=memory_bytes, **shape, bytes_per_value=4)
        check.equal(found, batch_size, who="run_largest_batch_size")


def test_flops_and_hours(adapters, check, draw):
    for _ in range(5):
        num_parameters = draw.integer(10**6, 10**15)
        check.equal(adapters.run_adamw_step_flops(num_parameters), 14 * num_parameters, who="run_adamw_step_flops")
        flops, peak, share = draw.integer(10**6, 10**16), draw.number(1e11, 1e16), draw.number(0.01, 1)
        batch, steps = draw.integer(1, 10**4), draw.integer(1, 10**7)
        found = adapters.run_training_hours(flops, batch, steps, peak, share)
        check.close(found, flops / peak * batch * steps / share / 1200, rtol=1e-9, who="run_training_hours")
