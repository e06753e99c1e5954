"""Rows of prompt and output: no special tokens, padding at the end, a mask that goes with the labels."""

import pytest

from assignment5_alignment.tests.token_rows import PADDING, TOKENIZERS, WHO, check_rows, known_rows, tokens

PROMPTS = ["How many loaves are 12 + 6?", "What is higher,\nthe mountain or the valley?", "Say yes."]
OUTPUTS = ["She sells 18 loaves altogether.", "The mountain.", " Yes! And then she says it once more, slowly."]


@pytest.mark.parametrize("name", TOKENIZERS)
def test_three_rows(drivers, check, name):
    check_rows(drivers, check, PROMPTS, OUTPUTS, name, "no special tokens, and padding at the end")


@pytest.mark.parametrize("name", TOKENIZERS)
def test_one_row_needs_no_padding(drivers, check, name):
    for prompt, output in zip(PROMPTS, OUTPUTS, strict=True):
        check_rows(drivers, check, [prompt], [output], name)


@pytest.mark.parametrize("name", TOKENIZERS)
def test_prompt_and_output_are_tokenised_apart(drivers, check, name):
    """Together they would merge across the border: the row would be shorter, and the border nowhere."""
    prompts, outputs = ["She asks t", "The mountain an", "How m"], ["he baker", "d the river", "any"]
    joint = sum(len(tokens(name, p + o)) for p, o in zip(prompts, outputs, strict=True))
    assert joint < sum(len(tokens(name, text)) for text in (*prompts, *outputs))
    check_rows(drivers, check, prompts, outputs, name, "tokenise prompt and output apart from each other")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("name", sorted(PADDING))
def test_an_output_or_a_prompt_may_be_empty(drivers, check, name):
    check_rows(drivers, check, PROMPTS, [OUTPUTS[0], "", OUTPUTS[2]], name, "an output may be empty")
    check_rows(drivers, check, ["", PROMPTS[1], PROMPTS[2]], OUTPUTS, name, "a prompt may be empty")


@pytest.mark.parametrize("name", TOKENIZERS)
def test_a_token_of_the_output_counts_though_padding_looks_the_same(drivers, check, name):
    outputs = [f"18{PADDING[name]}", f"Both.{PADDING[name]}{PADDING[name]}", "Yes."]
    hint = "an output may end with the token that is also used for padding; it is the output's all the same"
    check_rows(drivers, check, PROMPTS, outputs, name, hint)
    check_rows(drivers, check, [PROMPTS[0] + PADDING[name], "Is it?", "a"], outputs, name, hint)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("name", sorted(PADDING))
def test_a_token_that_looks_like_padding_counts_after_an_empty_prompt(drivers, check, name):
    outputs = [f"18{PADDING[name]}", f"Both.{PADDING[name]}{PADDING[name]}", PADDING[name]]
    check_rows(drivers, check, [PROMPTS[0] + PADDING[name], "", ""], outputs, name)


@pytest.mark.beyond_public_course
def test_padding_is_what_the_tokenizer_says(drivers, check):
    check_rows(drivers, check, PROMPTS, OUTPUTS, "tiny-llama3-like", "pad with pad_token_id", "<|begin_of_text|>")
    check_rows(drivers, check, PROMPTS, OUTPUTS, "tiny-qwen-like", "pad with pad_token_id", "~")


@pytest.mark.beyond_public_course
def test_without_a_token_for_padding_the_end_of_text_is_taken(drivers, check):
    found = drivers.tokenize(PROMPTS, OUTPUTS, "tiny-llama3-like")
    known = known_rows(PROMPTS, OUTPUTS, "tiny-llama3-like", "<|end_of_text|>")
    for key in ("input_ids", "labels"):
        check.equal(found[key], known[key], who=f"{WHO}, {key},", hint="there is no pad_token_id")


@pytest.mark.beyond_public_course
def test_the_mask_is_of_booleans(drivers, check):
    found = drivers.tokenize(PROMPTS, OUTPUTS, "tiny-qwen-like")
    known = known_rows(PROMPTS, OUTPUTS, "tiny-qwen-like", PADDING["tiny-qwen-like"])
    check.equal(found["response_mask"], known["response_mask"], who=f"{WHO}, response_mask,")


@pytest.mark.beyond_public_course
def test_as_many_outputs_as_prompts(drivers, check):
    check.rejects(drivers.tokenize, PROMPTS, OUTPUTS[:2], "tiny-qwen-like", who=WHO, hint="an output is missing")
    check.rejects(drivers.tokenize, PROMPTS[:1], OUTPUTS[:2], "tiny-qwen-like", who=WHO, hint="a prompt is missing")


@pytest.mark.parametrize("name", TOKENIZERS)
def test_any_text(drivers, check, draw, name):
    rows = draw.integer(2, 6)
    prompts, outputs = ([draw.text(draw.integer(1, 40)) for _ in range(rows)] for _ in range(2))
    check_rows(drivers, check, prompts, outputs, name)
