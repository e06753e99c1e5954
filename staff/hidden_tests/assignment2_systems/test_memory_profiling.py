"""Where memory goes: random models, and long records of allocations."""

import pytest


def test_random_models(adapters, check, draw):
    for _ in range(10):
        B, T, d = draw.integer(1, 40), draw.integer(10, 4000), draw.integer(10, 4000)
        f, h, V = draw.integer(10, 16_000), draw.integer(1, 60), draw.integer(100, 100_000)
        sizes = {"residual_stream": d, "feed_forward": f, "attention_scores": h * T, "logits": V}
        name, mib = adapters.run_largest_forward_allocation(B, T, d, f, h, V)
        check.that(
            sizes.get(name) == max(sizes.values()), f"run_largest_forward_allocation says {str(name)[:30]!r}; wrong"
        )
        check.close(mib, B * T * max(sizes.values()) / 2**18, rtol=1e-9, who="run_largest_forward_allocation, as MiB,")


def test_an_xl_model_of_twice_the_batch(adapters, check):
    check.close(adapters.run_residual_stream_mib(8, 512, 2560), 40, rtol=1e-9, who="run_residual_stream_mib")


@pytest.mark.parametrize("number", range(5))
def test_random_records(adapters, check, draw, number):
    trace, alive, totals, largest = [], {}, [0], [0]
    for _ in range(120):
        if alive and draw.number(0, 1) < 0.45:
            address = draw.choice(sorted(alive))
            trace.append(("free", address, alive.pop(address)))
        elif draw.number(0, 1) < 0.1:
            trace.append(("free", draw.integer(10_000, 20_000), draw.integer(1, 10**9)))
        else:
            address = draw.choice([free for free in range(1, 80) if free not in alive])
            alive[address] = draw.integer(1, 10**6)
            trace.append(("alloc", address, alive[address]))
        totals.append(sum(alive.values()))
        largest.append(max(alive.values(), default=0))
    peak = max(totals)
    first = totals.index(peak)
    expected = {"peak": peak, "at": first - 1, "largest": largest[first], "left": totals[-1]}
    check.equal(adapters.run_peak_of_trace(trace), expected, who="run_peak_of_trace")
