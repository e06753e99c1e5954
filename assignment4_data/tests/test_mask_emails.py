"""Addresses of electronic mail are masked, whole, and nothing around them."""

import pytest

from assignment4_data.tests.personal import EMAILS, NO_EMAILS, OPEN_EMAILS, OPEN_NO_EMAILS, plain, unmarked

beyond = pytest.mark.beyond_public_course
TOKEN = "|||EMAIL_ADDRESS|||"
WHO = "run_mask_emails"
ALL = EMAILS + NO_EMAILS + OPEN_EMAILS + OPEN_NO_EMAILS
MARKS = (" ", ", ", ".\n", "; ", "<", "> ", " (", ") ", ":", '"', "'s ", "! ", "? ")
OPEN_MARKS = ("/", "!", "?", "=", "&")  # RFC 5322 has them in local parts, as it has %


def check_masks(adapters, check, marked):
    text, masked, count = unmarked(marked, TOKEN)
    check.equal(adapters.run_mask_emails(text), (masked, count), who=WHO, hint=f"the text was {text!r}")


@pytest.mark.parametrize("marked", EMAILS, ids=plain)
def test_addresses_are_masked_and_nothing_else_is(adapters, check, marked):
    check_masks(adapters, check, marked)


@pytest.mark.parametrize("text", NO_EMAILS, ids=plain)
def test_what_looks_like_one_stays(adapters, check, text):
    check_masks(adapters, check, text)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("marked", OPEN_EMAILS + OPEN_NO_EMAILS, ids=plain)
def test_conventions_of_the_handout(adapters, check, marked):
    check_masks(adapters, check, marked)


@pytest.mark.parametrize("texts", [EMAILS + NO_EMAILS, pytest.param(ALL, marks=beyond)], ids=["public", "ours"])
def test_many_in_one_text(adapters, check, draw, texts):
    for _ in range(10):
        chosen = [draw.choice(texts) for _ in range(draw.integer(5, 30))]
        check_masks(adapters, check, " and ".join(chosen))


def test_tokens_that_are_there_stay_and_are_not_counted(adapters, check):
    check_masks(
        adapters,
        check,
        f"{TOKEN} «anna@example.com» |||EMAIL_ADDRESS||| |||PHONE_NUMBER||| |||IP_ADDRESS||| ||| {TOKEN}",
    )


def test_what_was_masked_has_nothing_left_to_mask(adapters, check):
    once, _ = adapters.run_mask_emails(unmarked("\n".join(EMAILS), TOKEN)[0])
    check.that(once.count(TOKEN) == sum(unmarked(marked, TOKEN)[2] for marked in EMAILS), f"{WHO} left some unmasked")
    check.equal(adapters.run_mask_emails(once), (once, 0), who=WHO, hint="the text was masked already")


@pytest.mark.parametrize(
    ("inside", "marks"),
    [("_+-", MARKS), pytest.param("_%+-", MARKS + OPEN_MARKS, marks=beyond)],
    ids=["public", "ours"],
)
def test_drawn_addresses(adapters, check, draw, inside, marks):
    letters = "abcxyzABCXYZ0189"

    def word(extra):
        middle = "".join(draw.choice(letters + extra) for _ in range(draw.integer(0, 8)))
        return draw.choice(letters) + middle + draw.choice(letters)

    def address():
        local = ".".join(word(inside) for _ in range(draw.integer(1, 4)))
        domain = ".".join(word("-") for _ in range(draw.integer(1, 4)))
        return f"«{local}@{domain}.{draw.choice(('com', 'org', 'de', 'info', 'photography'))}»"

    for _ in range(10):
        pieces = [piece for _ in range(draw.integer(2, 8)) for piece in (draw.choice(marks), address())]
        check_masks(adapters, check, "".join((*pieces, draw.choice(marks))))


def test_text_without_an_at_sign_stays(adapters, check, draw):
    for _ in range(10):
        check_masks(adapters, check, draw.text(300).translate(dict.fromkeys(map(ord, "@«»"))))


@pytest.mark.beyond_public_course
def test_a_long_line_takes_no_longer_than_short_ones(adapters, check):
    for piece in ("a", "1", "-", "@", "a@", "a@a-"):
        line = piece * (300_000 // len(piece))
        check.equal(adapters.run_mask_emails(line), (line, 0), who=WHO, hint=f"the text was many times {piece!r}")
    check_masks(adapters, check, "a " * 150_000 + "«anna@example.com»" + " b" * 150_000)
