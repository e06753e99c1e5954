"""IPv4 addresses: other numbers and other neighbours."""

import pytest

from assignment4_data.tests.personal import IPS, unmarked

beyond = pytest.mark.beyond_public_course
TOKEN = "|||IP_ADDRESS|||"
MARKED = (
    '«203.0.113.77» - - "GET / HTTP/1.1" 200 5120',
    "allow «10.20.30.40»/16,«172.16.0.9»/12;",
    "«8.8.8.8»\r\n«8.8.4.4»\r\n",
    "x@[«203.0.113.5»]",
    "between «1.0.0.0» and «223.255.255.254»!",
    "build 10.0.19045.3803, build 300.1.2.3, build 1.300.2.3, build 1.2.300.4, build 1.2.3.300",
    "ping «127.0.0.1»?",
    "10.20.30 40, 10:20:30:40, 10_20_30_40, 10..20.30.40",
    "0.0.0.256 is none; «0.0.0.255» is one",
    "«100.100.100.100», «99.99.99.99», «9.9.9.9», «209.219.229.239»",
)
OPEN = (
    "r1.2.3.4 and 1.2.3.4b and _9.9.9.9",
    "oid 1.3.6.1.4.1.311 and section 2.10.4.1.7",
    "地址为«203.0.113.9»，端口«203.0.113.10»:80",
)


@pytest.mark.parametrize("marked", MARKED, ids=range(len(MARKED)))
def test_addresses_among_other_text(adapters, check, marked):
    text, masked, count = unmarked(marked, TOKEN)
    check.equal(adapters.run_mask_ips(text), (masked, count), who="run_mask_ips", hint=f"{count} addresses were there")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("marked", OPEN, ids=range(len(OPEN)))
def test_other_conventions_of_the_handout(adapters, check, marked):
    text, masked, count = unmarked(marked, TOKEN)
    check.equal(adapters.run_mask_ips(text), (masked, count), who="run_mask_ips", hint=f"{count} addresses were there")


@pytest.mark.parametrize(
    "texts", [MARKED + IPS, pytest.param(MARKED + OPEN + IPS, marks=beyond)], ids=["public", "ours"]
)
def test_many_addresses(adapters, check, draw, texts):
    chosen = [draw.choice(texts) for _ in range(400)]
    text, masked, count = unmarked("\n".join(chosen), TOKEN)
    check.equal(adapters.run_mask_ips(text), (masked, count), who="run_mask_ips", hint=f"{count} addresses were there")


def test_every_octet(adapters, check):
    for octets in ("{}.1.2.3", "1.{}.2.3", "1.2.{}.3", "1.2.3.{}"):
        addresses = [octets.format(number) for number in range(256)]
        beyond = [octets.format(number) for number in range(256, 1010)]
        text, masked, count = unmarked("; ".join(["«" + address + "»" for address in addresses] + beyond), TOKEN)
        got = adapters.run_mask_ips(text)
        check.equal(got, (masked, count), who="run_mask_ips", hint="the text had all octets and some beyond 255")
