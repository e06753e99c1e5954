"""Files for the judges of AlpacaEval and SimpleSafetyTests: which keys, whose texts, and in which form."""

import pytest

from assignment5_alignment.tests.judged_files import (
    ALPACA,
    ANSWERS,
    SST,
    check_refused,
    check_written,
    prompts,
    questions,
)

EXAMPLES = {ALPACA: questions, SST: prompts}


@pytest.mark.parametrize("adapter", EXAMPLES)
def test_a_row_for_every_example(drivers, check, adapter):
    check_written(check, drivers, adapter, EXAMPLES[adapter](5), ANSWERS, "a_small_model")


@pytest.mark.parametrize("adapter", EXAMPLES)
def test_one_example(drivers, check, adapter):
    check_written(check, drivers, adapter, EXAMPLES[adapter](1), ["Gladly."], "another model")


@pytest.mark.parametrize("adapter", EXAMPLES)
def test_an_older_file_is_replaced(drivers, check, adapter):
    check_written(check, drivers, adapter, EXAMPLES[adapter](2), ["one", "two"], "m", older=b"an older file\n" * 200)


@pytest.mark.parametrize("older", [None, b"an older file"])
@pytest.mark.parametrize("adapter", EXAMPLES)
def test_as_many_outputs_as_examples(drivers, check, adapter, older):
    for outputs in (["one"], ["one", "two", "three"]):
        check_refused(check, drivers, adapter, EXAMPLES[adapter](2), outputs, older)
