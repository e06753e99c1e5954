"""Telephone numbers are masked in every form that the handout names, and no other numbers."""

import pytest

from assignment4_data.tests.personal import NO_PHONES, OPEN_NO_PHONES, OPEN_PHONES, PHONES, plain, unmarked

TOKEN = "|||PHONE_NUMBER|||"
WHO = "run_mask_phone_numbers"


def check_masks(adapters, check, marked):
    text, masked, count = unmarked(marked, TOKEN)
    check.equal(adapters.run_mask_phone_numbers(text), (masked, count), who=WHO, hint=f"the text was {text!r}")


@pytest.mark.parametrize("marked", PHONES, ids=plain)
def test_numbers_are_masked_and_nothing_else_is(adapters, check, marked):
    check_masks(adapters, check, marked)


@pytest.mark.parametrize("text", NO_PHONES, ids=plain)
def test_what_looks_like_one_stays(adapters, check, text):
    check_masks(adapters, check, text)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("marked", OPEN_PHONES + OPEN_NO_PHONES, ids=plain)
def test_conventions_of_the_handout(adapters, check, marked):
    check_masks(adapters, check, marked)


def test_many_in_one_text(adapters, check, draw):
    for _ in range(10):
        chosen = [draw.choice(PHONES + NO_PHONES) for _ in range(draw.integer(5, 30))]
        check_masks(adapters, check, " and ".join(chosen))


def test_tokens_that_are_there_stay_and_are_not_counted(adapters, check):
    check_masks(
        adapters, check, f"{TOKEN} «283-182-3829» |||EMAIL_ADDRESS||| |||PHONE_NUMBER||| |||IP_ADDRESS||| ||| {TOKEN}"
    )


def test_what_was_masked_has_nothing_left_to_mask(adapters, check):
    once, _ = adapters.run_mask_phone_numbers(unmarked("\n".join(PHONES), TOKEN)[0])
    check.that(once.count(TOKEN) == sum(unmarked(marked, TOKEN)[2] for marked in PHONES), f"{WHO} left some unmasked")
    check.equal(adapters.run_mask_phone_numbers(once), (once, 0), who=WHO, hint="the text was masked already")


@pytest.mark.beyond_public_course
def test_drawn_numbers(adapters, check, draw):
    for _ in range(20):
        area, exchange, line = (str(draw.integer(10**n, 10 ** (n + 1))) for n in (2, 2, 3))
        first, second, third = (draw.choice(("", " ", "-", ".")) for _ in range(3))
        country = draw.choice(("", f"+1{first}", f"1{first or '-'}"))
        area = draw.choice((area, f"({area})"))
        number = f"«{country}{area}{second}{exchange}{third}{line}»"
        text = draw.choice(("call {}", "{}, please", "on {}.", "\n{}\n", "[{}]", "tel:{}; {}", "{} or {}"))
        check_masks(adapters, check, text.replace("{}", number))


def test_longer_runs_of_digits_stay(adapters, check, draw):
    for length in (8, 9, 11, 12, 13, 15, 16, 19, 24):
        digits = "".join(str(draw.integer(2, 10)) for _ in range(length))
        check_masks(adapters, check, f"account {digits}, please")


@pytest.mark.beyond_public_course
def test_a_long_line_takes_no_longer_than_short_ones(adapters, check):
    for piece in ("1", "(", "1-", "123."):
        line = piece * (300_000 // len(piece))
        check.equal(
            adapters.run_mask_phone_numbers(line), (line, 0), who=WHO, hint=f"the text was many times {piece!r}"
        )
    check_masks(adapters, check, "a " * 150_000 + "«283-182-3829»" + " b" * 150_000)
