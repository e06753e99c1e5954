"""Other texts, other numbers of rows, and rows that are all of one length."""

import pytest

from assignment5_alignment.tests.token_rows import PADDING, TOKENIZERS, check_rows


@pytest.mark.parametrize("name", TOKENIZERS)
@pytest.mark.parametrize("rows", [1, 3, 8])
def test_any_text(drivers, check, draw, name, rows):
    prompts, outputs = ([draw.text(draw.integer(1, 60)) for _ in range(rows)] for _ in range(2))
    check_rows(drivers, check, prompts, outputs, name)


@pytest.mark.parametrize("name", TOKENIZERS)
def test_equal_rows_and_equal_texts(drivers, check, name):
    check_rows(drivers, check, ["What is 7 * 9?"] * 3, ["sixty-three"] * 3, name)
    check_rows(drivers, check, ["sixty-three", "63"], ["sixty-three", "63"], name)


@pytest.mark.parametrize("name", TOKENIZERS)
def test_words_that_go_on_across_the_border(drivers, check, name):
    prompts = ["The garden", "between no", "multip", "<think>", "1", "\n"]
    outputs = ["er plants tulips", "on", "ly", "</think> <answer>", "2345", "\n\n"]
    check_rows(drivers, check, prompts, outputs, name, "tokenise prompt and output apart from each other")


@pytest.mark.parametrize("name", TOKENIZERS)
def test_white_space_stays_where_it_is(drivers, check, name):
    prompts, outputs = [" a", "b ", "\tc\n", "  "], ["d ", " e", "\n", "  f  "]
    check_rows(drivers, check, prompts, outputs, name, "neither is stripped, and nothing is put between them")


@pytest.mark.parametrize("name", TOKENIZERS)
def test_special_tokens_that_are_written_out_are_tokens(drivers, check, name):
    end = PADDING[name]
    check_rows(drivers, check, [f"a{end}b", end, "c"], [f"{end}x", f"yes{end}", end], name)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("name", sorted(PADDING))
def test_only_empty_outputs(drivers, check, name):
    check_rows(drivers, check, ["Thank you for watering", "my plants"], ["", ""], name, "outputs may be empty")
