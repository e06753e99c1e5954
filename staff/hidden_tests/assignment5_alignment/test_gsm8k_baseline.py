"""Other responses, and numbers drawn in every form."""

import pytest

from assignment5_alignment.tests.last_numbers import check_number


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("9 of 10", "10"),
        ("<answer>63</answer>", "63"),
        ("#### 52", "52"),
        ("so 7*9=63 flowers!", "63"),
        ("3\n\n", "3"),
        pytest.param("1+1", "1", marks=pytest.mark.beyond_public_course),
    ],
)
def test_whole_numbers(adapters, check, output, expected):
    check_number(adapters.run_parse_gsm8k_response, check, output, expected)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("[-5]", "-5"), ("= -5", "-5"), ("a-5", "5"), ("]-5", "5"), ("}-5", "5"), ("7 -5", "-5"), ("--5", "-5"), ("3,-4", "-4"),
        ("999,999", "999999"), ("99,9999", "9999"), ("1,000,000.5.", "1000000.5"), ("0.5%", "0.5"), ("10.", "10"), ("9,", "9"),
    ],
)  # fmt: skip
def test_forms(adapters, check, output, expected):
    check_number(adapters.run_parse_gsm8k_response, check, output, expected)


@pytest.mark.beyond_public_course
def test_the_last_of_many(adapters, check, draw):
    for _ in range(6):
        numbers = [f"{draw.integer(-(10**6), 10**6) / draw.choice([1, 8]):,}" for _ in range(draw.integer(2, 6))]
        check_number(
            adapters.run_parse_gsm8k_response, check, "; then ".join(numbers) + " in all", numbers[-1].replace(",", "")
        )
