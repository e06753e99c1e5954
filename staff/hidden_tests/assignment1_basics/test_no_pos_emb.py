"""pos="none" at random sizes."""

import pytest

from assignment1_basics.tests import ablated


@pytest.mark.parametrize("case", range(3))
def test_random_sizes(adapters, drivers, check, draw, case):
    heads = draw.integer(1, 4)
    sizes = {
        "vocab_size": draw.integer(5, 40),
        "context_length": draw.integer(4, 12),
        "d_model": heads * 2 * draw.integer(2, 6),
        "num_layers": draw.integer(1, 4),
        "num_heads": heads,
        "d_ff": draw.integer(3, 50),
    }
    ablated.check_logits(adapters, check, draw, sizes=sizes, pos="none")
    ablated.check_parameters(drivers, check, sizes, pos="none")
