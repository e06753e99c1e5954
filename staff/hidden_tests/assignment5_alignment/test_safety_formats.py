"""Hidden: many examples, texts of many scripts, and none at all."""

import pytest

from assignment5_alignment.tests.judged_files import ALPACA, SST, check_written, prompts, questions

EXAMPLES = {ALPACA: questions, SST: prompts}


@pytest.mark.parametrize("adapter", EXAMPLES)
def test_texts_of_many_scripts(drivers, check, draw, adapter):
    count = draw.integer(20, 40)
    outputs = [draw.text(draw.integer(0, 50)) for _ in range(count)]
    check_written(check, drivers, adapter, EXAMPLES[adapter](count), outputs, "模型 one")


@pytest.mark.parametrize("adapter", EXAMPLES)
def test_equal_examples_have_a_row_each(drivers, check, adapter):
    examples = EXAMPLES[adapter](1) * 3
    check_written(check, drivers, adapter, examples, ["a", "b", "a"], "m")


@pytest.mark.parametrize("adapter", EXAMPLES)
def test_no_example_makes_a_file_without_rows(drivers, check, adapter):
    check_written(check, drivers, adapter, [], [], "m")
