"""IPv4 addresses are masked, and what merely looks like them is not."""

import pytest

from assignment4_data.tests.personal import IPS, NO_IPS, OPEN_IPS, OPEN_NO_IPS, plain, unmarked

beyond = pytest.mark.beyond_public_course
TOKEN = "|||IP_ADDRESS|||"
WHO = "run_mask_ips"
ALL = IPS + NO_IPS + OPEN_IPS + OPEN_NO_IPS


def check_masks(adapters, check, marked):
    text, masked, count = unmarked(marked, TOKEN)
    check.equal(adapters.run_mask_ips(text), (masked, count), who=WHO, hint=f"the text was {text!r}")


@pytest.mark.parametrize("marked", IPS, ids=plain)
def test_addresses_are_masked_and_nothing_else_is(adapters, check, marked):
    check_masks(adapters, check, marked)


@pytest.mark.parametrize("text", NO_IPS, ids=plain)
def test_what_looks_like_one_stays(adapters, check, text):
    check_masks(adapters, check, text)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("marked", OPEN_IPS + OPEN_NO_IPS, ids=plain)
def test_conventions_of_the_handout(adapters, check, marked):
    check_masks(adapters, check, marked)


@pytest.mark.parametrize("texts", [IPS + NO_IPS, pytest.param(ALL, marks=beyond)], ids=["public", "ours"])
def test_many_in_one_text(adapters, check, draw, texts):
    for _ in range(10):
        chosen = [draw.choice(texts) for _ in range(draw.integer(5, 30))]
        check_masks(adapters, check, " and ".join(chosen))


def test_tokens_that_are_there_stay_and_are_not_counted(adapters, check):
    check_masks(
        adapters, check, f"{TOKEN} «192.0.2.1» |||EMAIL_ADDRESS||| |||PHONE_NUMBER||| |||IP_ADDRESS||| ||| {TOKEN}"
    )


def test_what_was_masked_has_nothing_left_to_mask(adapters, check):
    once, _ = adapters.run_mask_ips(unmarked("\n".join(IPS), TOKEN)[0])
    check.that(once.count(TOKEN) == sum(unmarked(marked, TOKEN)[2] for marked in IPS), f"{WHO} left some unmasked")
    check.equal(adapters.run_mask_ips(once), (once, 0), who=WHO, hint="the text was masked already")


def test_drawn_addresses(adapters, check, draw):
    for _ in range(20):
        octets = [draw.choice((draw.integer(0, 256), draw.integer(0, 10), draw.integer(250, 256))) for _ in range(4)]
        address = f"«{'.'.join(map(str, octets))}»"
        text = draw.choice(("from {}", "{}, {}", "at {}.", "\n{}\n", "[{}]", "ip={};", "//{}/x", "{}:443", "{}..."))
        check_masks(adapters, check, text.replace("{}", address))


def test_one_octet_beyond_255_and_none_is_masked(adapters, check, draw):
    for place in range(4):
        octets = [draw.integer(1, 256) for _ in range(4)]
        octets[place] = draw.integer(256, 1000)
        check_masks(adapters, check, f"from {'.'.join(map(str, octets))}, it says")


@pytest.mark.beyond_public_course
def test_a_long_line_takes_no_longer_than_short_ones(adapters, check):
    for piece in ("1", ".", "1.", "1.2."):
        line = piece * (300_000 // len(piece))
        check.equal(adapters.run_mask_ips(line), (line, 0), who=WHO, hint=f"the text was many times {piece!r}")
    check_masks(adapters, check, "a " * 150_000 + "«192.0.2.1»" + " b" * 150_000)
