"""Other sentences, and questions with more choices."""

import pytest

from assignment5_alignment.tests.letters import QUESTION, check_letter


@pytest.mark.parametrize("letter", ["A", "B", "C", "D"])
@pytest.mark.parametrize(
    "form",
    [
        "The correct answer is {}.",
        "Well. The correct answer is {}",
        pytest.param("the correct answer is {}!", marks=pytest.mark.beyond_public_course),
    ],
)
def test_the_sentence(adapters, check, letter, form):
    check_letter(adapters.run_parse_mmlu_response, check, form.format(letter), letter)


@pytest.mark.parametrize(
    "output",
    [
        pytest.param("A Dog, A Cat", marks=pytest.mark.beyond_public_course),
        "Can Bees dance?",
        "The correct answer is",
        "Answer",
        "All of them",
        "\n\n",
        pytest.param("I C", marks=pytest.mark.beyond_public_course),
    ],
)
def test_no_letter(adapters, check, output):
    check_letter(adapters.run_parse_mmlu_response, check, output, None)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("My answer: D", "D"), ("ANSWER IS [ C ]", "C"), ("answer is: *A*, not B", "A"), ("The answer is D's twin", None),
        ("(D", "D"), ("\n\n C \n", "C"), ("* A) a river", "A"), ("C, a desert", None), ("The answer is A.\nThe answer is B?", "B"),
        ("Not A. The answer is C because the answer is never D2.", "C"), ("'A'", "A"), ("d)", None), ("E", None), ("A.B.", "A"),
    ],
)  # fmt: skip
def test_forms(adapters, check, output, expected):
    check_letter(adapters.run_parse_mmlu_response, check, output, expected)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("count", [2, 3, 5, 10])
def test_as_many_letters_as_options(adapters, check, count):
    example = QUESTION | {"options": ["anything"] * count}
    for place in range(12):
        letter = chr(ord("A") + place)
        check_letter(
            adapters.run_parse_mmlu_response,
            check,
            f"The correct answer is {letter}.",
            letter if place < count else None,
            example,
        )
