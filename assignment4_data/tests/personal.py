"""Texts with personal data between « and », and texts that only look as if they had some.

`OPEN_` are texts about which the public course's handout says nothing, and ours does.
"""

EMAILS = (
    "«anna@example.com»",
    "Write to «info@example.com».",
    "«first.last@example.co.uk» is what the form says.",
    "Ask «a.b+c@mail.example.org», «d@e.de» or «f_g@h.io»!",
    "<«anna@example.com»> wrote:",
    "(«anna@example.com»)",
    "mailto:«anna@example.com»?subject=none",
    "«x_1@sub-domain.example.net»",
    "«UPPER.Case@EXAMPLE.COM»",
    "«0042@example.com»",
    "«anna@example.com»;«ben@example.org»,«carl@example.net»",
    "«anna@a.b.c.d.example.museum»",
    "«anna@3d-prints.example»",
    "one\n«anna@example.com»\n\ntwo\t«ben@example.org»\n",
    "  «anna@example.com»  ",
    "@anna, or «anna@example.com»",
)
OPEN_EMAILS = (
    "user=«x_1%y@sub-domain.example.net»",
    "«anna@example.com»;«ben@example.org»/«carl@example.net»",
    "It ended so...«anna@example.com»",
    "邮箱«anna@example.com»。",
)
NO_EMAILS = (
    "",
    "no address at all",
    "@anna",
    "anna@",
    "anna@localhost",
    "anna @ example.com",
    "anna@ example.com",
    "anna @example.com",
    "anna (at) example (dot) com",
    "anna@.com",
    "@example.com",
    "@media.screen and @import.it",
    "example.com/a@b",
)
OPEN_NO_EMAILS = (
    "two for 3@5.00",
    "anna@192.168.0.1",
    "anna@example.c",
)
PHONES = (
    "«2831823829»",
    "«(283)-182-3829»",
    "«(283) 182 3829»",
    "«(283) 182-3829»",
    "«283-182-3829»",
    "Call «283-182-3829».",
    "Tel:«283-182-3829», fax:«283-182-3830»; mobile «(650) 555 0100»",
    "In 2021 «283-182-3829» was changed to «283-182-3830».",
    "«283-182-3829»\n«283-182-3830»\n",
)
OPEN_PHONES = (
    "«(283)182-3829»",
    "«283.182.3829»",
    "«283182-3829»",
    "«+1 283-182-3829»",
    "«+12831823829»",
    "«+1 (283) 182-3829»",
    "«+1.283.182.3829»",
    "«1-283-182-3829»",
    "«1 (283) 182-3829»",
    "Call («283-182-3829»), or not.",
    "Tel-«283-182-3829»",
    "«283-182-3829»/«283-182-3830»",
    "电话«283-182-3829»。",
    "«283 182 3829»",
)
NO_PHONES = (
    "",
    "no number at all",
    "182-3829",
    "4111111111111111",
    "4111 1111 1111 1111",
    "28318238291",
    "283182382",
    "283x182x3829",
    "283/182/3829",
    "94305-1234",
    "2024-01-02 and 12/31/2024",
)
OPEN_NO_PHONES = (
    "12831823829",
    "283,182,3829",
    "283--182--3829",
    "283\n182\n3829",
    "12-283-182-3829",
    "283-182-3829-12",
    "978.283.182.3829",
    "3.2831823829",
    "2831823829.50",
    "SKU2831823829",
    "id_2831823829",
    "283-1823-829",
    "(28)-3182-3829",
)
IPS = (
    "«192.0.2.1»",
    "«0.0.0.0», «255.255.255.255» and «249.250.199.200»",
    "from «192.0.2.1».",
    "«10.0.0.1», «10.0.0.2»;«10.0.0.3»",
    "http://«10.0.0.1»/index.html",
    "«10.0.0.1»:8080",
    "«10.0.0.0»/8",
    "[«198.51.100.7»]",
    "«10.0.0.1»-«10.0.0.9»",
    "one\n«192.0.2.1»\n\ntwo\t«192.0.2.2»\n",
    "Is it «192.0.2.1»? It is «192.0.2.1»...",
)
OPEN_IPS = ("服务器«192.0.2.1»的",)
NO_IPS = (
    "",
    "no address at all",
    "999.999.999.999",
    "256.1.1.1",
    "1.256.1.1",
    "1.1.256.1",
    "1.1.1.256",
    "1.2.3",
    "1.2.3.1234",
    "1234.1.2.3",
    "1,2,3,4",
    "12-31-20-24",
    "10 20 30 40",
    "1x2x3x4",
    "1. 2. 3. 4",
    "3.14159 and 2.71828",
)
OPEN_NO_IPS = (
    "1.2.3.4.5",
    "v1.2.3.4",
    "1.2.3.4rc",
)


def unmarked(marked: str, token: str) -> tuple[str, str, int]:
    """The text itself, the text with `token` in place of what is marked, and how much is."""
    pieces = marked.replace("»", "«").split("«")
    masked = [token if number % 2 else piece for number, piece in enumerate(pieces)]
    return "".join(pieces), "".join(masked), len(pieces) // 2


def plain(marked: str) -> str:
    """A name for the test of this text: the text on one line."""
    return " ".join(unmarked(marked, "")[0].split()) or "nothing"
