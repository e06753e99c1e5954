"""What plain attention keeps: large sizes, and any amount of memory."""


def test_large_sizes_are_exact(adapters, check, draw):
    for _ in range(6):
        B, T, d, width = draw.integer(1, 4096), draw.integer(10**6, 10**9), draw.integer(16, 513), draw.choice([2, 4])
        found = adapters.run_attention_saved_bytes(B, T, d, width)
        check.equal(found, width * B * T * (3 * d + T), who="run_attention_saved_bytes")


def test_the_length_is_the_largest_that_fits(adapters, check, draw):
    for _ in range(12):
        memory, B = draw.integer(1, 10 ** draw.integer(3, 15)), draw.integer(1, 100)
        d, width = draw.integer(1, 300), draw.choice([1, 2, 4])
        T = adapters.run_largest_attention_length(memory, B, d, width)
        check.that(T >= 0, "run_largest_attention_length returned a negative length")
        sizes = [width * B * length * (3 * d + length) for length in (T, T + 1)]
        check.that(sizes[0] <= memory, "run_largest_attention_length returned a length that does not fit")
        check.that(sizes[1] > memory, "run_largest_attention_length returned a length, and one more fits, too")
