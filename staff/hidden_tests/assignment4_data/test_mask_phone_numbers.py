"""Telephone numbers: other spellings and other neighbours."""

import pytest

from assignment4_data.tests.personal import PHONES, unmarked

TOKEN = "|||PHONE_NUMBER|||"
MARKED = (
    '"«2125550150»"',
    "the 20 of «212-555-0153» and 7",
    "iban DE89370400440532013000, card 5500-0000-0000-0004",
)
OPEN = (
    "Office: «(212) 555.0142»; night: «+1-212-555-0143»",
    "«+1(212)5550144»",
    "«1.212.555.0145», «1 212 555 0146»",
    "«212 5550147»\r\n«212.5550148»\r\n",
    "tel:«+12125550149»;ext=7",
    "order 88-212-555-0151, part 212-555-0152-3",
    "拨打«(212) 555-0154»或«+1 212.555.0155»。",
    "A2125550157 is a serial number",
    "212_555_0158 and 212:555:0159 and 212 - 555 - 0160",
    "12.2125550161 percent",
    "212\t555\t0162",
    "(«212 555 0163»",
)


@pytest.mark.parametrize("marked", MARKED, ids=range(len(MARKED)))
def test_numbers_among_other_text(adapters, check, marked):
    text, masked, count = unmarked(marked, TOKEN)
    got = adapters.run_mask_phone_numbers(text)
    check.equal(got, (masked, count), who="run_mask_phone_numbers", hint=f"{count} numbers were there")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("marked", OPEN, ids=range(len(OPEN)))
def test_other_conventions_of_the_handout(adapters, check, marked):
    text, masked, count = unmarked(marked, TOKEN)
    got = adapters.run_mask_phone_numbers(text)
    check.equal(got, (masked, count), who="run_mask_phone_numbers", hint=f"{count} numbers were there")


def test_many_numbers(adapters, check, draw):
    chosen = [draw.choice(MARKED + PHONES) for _ in range(400)]
    text, masked, count = unmarked("\n".join(chosen), TOKEN)
    got = adapters.run_mask_phone_numbers(text)
    check.equal(got, (masked, count), who="run_mask_phone_numbers", hint=f"{count} numbers were there")
