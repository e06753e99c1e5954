"""The last number of a response, as it is written but for its commas."""

import pytest

from assignment5_alignment.tests.last_numbers import check_number


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("She sells 12 in the morning and 6 later, which makes 18 loaves altogether", "18"),
        ("12 + 6 = 18", "18"),
        ("First 100, then 7", "7"),
        ("= 12, and that is 3 more than 9", "9"),
        ("42", "42"),
        ("0", "0"),
        ("It takes 3 hours\nand 20 minutes\n", "20"),
        ("007", "007"),
    ],
)
def test_the_last_number(adapters, check, output, expected):
    check_number(adapters.run_parse_gsm8k_response, check, output, expected)


@pytest.mark.parametrize("output", ["", "I do not know.", "eighteen", "-, . $ %", "no number\n"])
def test_nothing_where_there_is_no_number(adapters, check, output):
    check_number(adapters.run_parse_gsm8k_response, check, output, None)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("He has 18.", "18"),
        ("It is 18!", "18"),
        ("18, I think.", "18"),
        ("costs $18.", "18"),
        ("25%.", "25"),
        ("(18)", "18"),
    ],
)
def test_marks_around_it_are_not_part_of_it(adapters, check, output, expected):
    check_number(adapters.run_parse_gsm8k_response, check, output, expected)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("It is -3", "-3"), ("-3", "-3"), ("x = -12.5.", "-12.5"), ("(-4)", "-4"), ("It fell:-7 degrees", "-7"),
        ("5-3", "3"), ("x-2", "2"), ("from 3-5 apples", "5"), ("(1)-2", "2"), ("5 - 3", "3"), ("COVID-19", "19"),
    ],
)  # fmt: skip
def test_a_minus_is_a_sign_where_nothing_is_taken_from(adapters, check, output, expected):
    check_number(
        adapters.run_parse_gsm8k_response,
        check,
        output,
        expected,
        "a minus between two things takes one from the other",
    )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("$1,234", "1234"), ("1,234,567 stars.", "1234567"), ("-12,345.60", "-12345.60"), ("1, 2", "2"), ("12,5", "5"),
        ("1,2345", "2345"), ("1,000,", "1000"), ("3,100,20", "20"),
    ],
)  # fmt: skip
def test_commas_between_thousands(adapters, check, output, expected):
    check_number(
        adapters.run_parse_gsm8k_response,
        check,
        output,
        expected,
        "a comma belongs to a number between groups of three digits",
    )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    ("output", "expected"), [("2.5", "2.5"), ("It is 7.50.", "7.50"), ("0.125 m", "0.125"), ("3. 4", "4")]
)
def test_decimals(adapters, check, output, expected):
    check_number(adapters.run_parse_gsm8k_response, check, output, expected)


@pytest.mark.beyond_public_course
def test_drawn_numbers(adapters, check, draw):
    for _ in range(8):
        number = draw.integer(-3_000_000, 3_000_000) / draw.choice([1, 10, 100])
        text = f"{number:,.2f}"
        output = f"{draw.integer(0, 5000)} and {draw.integer(0, 9)}, in the end {text}" + draw.choice(
            ["", ".", " dollars", "!"]
        )
        check_number(adapters.run_parse_gsm8k_response, check, output, text.replace(",", ""))
