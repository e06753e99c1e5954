"""The letter that a model means: from a sentence that says so, or from a letter alone, and from nothing else."""

import pytest

from assignment5_alignment.tests.letters import QUESTION, check_letter


@pytest.mark.parametrize("letter", ["A", "B", "C", "D"])
@pytest.mark.parametrize("end", ["", ".", "\n", ". Valleys lie between mountains.", ", because A and C are wrong"])
def test_the_sentence_that_was_asked_for(adapters, check, letter, end):
    check_letter(adapters.run_parse_mmlu_response, check, f"The correct answer is {letter}{end}", letter)


@pytest.mark.parametrize(
    "output",
    [
        "I do not know.", "", "The correct answer is Below the mountains.", "the river, I guess",
        "Answering is Difficult", "BADCABAD",
        # The public handout does not say whether a small letter, or the text of an option, is an answer.
        pytest.param("The correct answer is a valley.", marks=pytest.mark.beyond_public_course),
    ],
)  # fmt: skip
def test_what_says_no_letter_has_none(adapters, check, output):
    check_letter(adapters.run_parse_mmlu_response, check, output, None)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    "output",
    [
        "A dog would know this.",
        "Apples grow in A valley",
        "Both B and C could be right",
        "The correct answer is unclear: A or B.",
    ],
)
def test_a_letter_within_a_sentence_is_no_answer(adapters, check, output):
    check_letter(adapters.run_parse_mmlu_response, check, output, None)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    "output",
    [
        "THE ANSWER IS: B", "the correct answer is (B).", "The correct answer is **B**.", 'The answer is "B"', "Answer: B",
        "The correct answer is\nB", "The correct answer is [B]: a valley", "The answer is: **(B)** a valley",
        "A river is wet. The correct answer is B.", "The answer is 'B'.",
    ],
)  # fmt: skip
def test_other_ways_to_say_it(adapters, check, output):
    check_letter(adapters.run_parse_mmlu_response, check, output, "B")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    "output",
    ["B", " B\n", "(B)", "B.", "**B**", "[B]", '"B"', "B. a valley", "(B) a valley", "B) A valley", "B: a valley"],
)
def test_a_letter_alone_or_first(adapters, check, output):
    check_letter(adapters.run_parse_mmlu_response, check, output, "B")


@pytest.mark.beyond_public_course
def test_the_last_that_was_said_counts(adapters, check):
    output = "The answer is A. No: valleys lie lower. The correct answer is C."
    check_letter(adapters.run_parse_mmlu_response, check, output, "C")
    check_letter(adapters.run_parse_mmlu_response, check, "A. The answer is D", "D")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    "output",
    [
        "The correct answer is b.",
        "b",
        "The answer is Bs",
        "The answer is B2",
        "The answer is A's",
        "answer B",
        "B river",
    ],
)
def test_only_a_letter_that_stands_alone(adapters, check, output):
    check_letter(adapters.run_parse_mmlu_response, check, output, None)


@pytest.mark.beyond_public_course
def test_only_letters_of_the_options(adapters, check):
    many = QUESTION | {"options": [f"option {n}" for n in range(7)]}
    check_letter(adapters.run_parse_mmlu_response, check, "The correct answer is F.", "F", many)
    check_letter(adapters.run_parse_mmlu_response, check, "The correct answer is H.", None, many)
    check_letter(adapters.run_parse_mmlu_response, check, "The correct answer is E.", None)
    check_letter(adapters.run_parse_mmlu_response, check, "The answer is C. Or rather: the answer is E.", "C")
    two = QUESTION | {"options": ["yes", "no"]}
    check_letter(adapters.run_parse_mmlu_response, check, "C", None, two)
    check_letter(adapters.run_parse_mmlu_response, check, "(B)", "B", two)
