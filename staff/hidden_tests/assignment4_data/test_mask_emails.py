"""Addresses of electronic mail: other spellings and other neighbours."""

import pytest

from assignment4_data.tests.personal import EMAILS, unmarked

beyond = pytest.mark.beyond_public_course
TOKEN = "|||EMAIL_ADDRESS|||"
MARKED = (
    "Kontakt: «karl-heinz+shop@post.example.de», Tel. folgt",
    "«a@x-1.example»\r\n«b@x-2.example»\r\n",
    '"Office, North" <«office.north@north.example.gov.au»>, «q@z.io»',
    "[«tom_1999@example.info»](mailto:«tom_1999@example.info»)",
    "to «x@example.com»: see https://example.com/@x and @x@",
    "cc «Ada.B.C@Dept.Example.EDU», «ada.b.c@dept.example.edu»!",
    "地址：«wen.ti@example.cn»，谢谢",
    "не «kot@example.org» ли это?",
    "price@ 3.50, «b.52@example.com»'s",
    "user@host, @host.example, host.example@",
    "«a@b.cd»",
    "rate 5@9 and 7 @ 3.14",
)
OPEN = (
    "sign-up:«%relay%@relay.example.net»",
    "ssh root@10.1.2.3 -p 22",
    "rate 5@9 and 7@3.14",
    "«anna@example.com»?cc=«ben@example.com»&bcc=«carl@example.com»",
)


@pytest.mark.parametrize("marked", MARKED, ids=range(len(MARKED)))
def test_addresses_among_other_text(adapters, check, marked):
    text, masked, count = unmarked(marked, TOKEN)
    check.equal(
        adapters.run_mask_emails(text), (masked, count), who="run_mask_emails", hint=f"{count} addresses were there"
    )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("marked", OPEN, ids=range(len(OPEN)))
def test_other_conventions_of_the_handout(adapters, check, marked):
    text, masked, count = unmarked(marked, TOKEN)
    check.equal(
        adapters.run_mask_emails(text), (masked, count), who="run_mask_emails", hint=f"{count} addresses were there"
    )


@pytest.mark.parametrize(
    "texts",
    [MARKED + EMAILS, pytest.param(MARKED + OPEN + EMAILS, marks=beyond)],
    ids=["public", "ours"],
)
def test_many_addresses(adapters, check, draw, texts):
    chosen = [draw.choice(texts) for _ in range(400)]
    text, masked, count = unmarked("\n".join(chosen), TOKEN)
    check.equal(
        adapters.run_mask_emails(text), (masked, count), who="run_mask_emails", hint=f"{count} addresses were there"
    )
