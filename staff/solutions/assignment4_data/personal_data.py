"""Addresses and numbers of people and machines, masked.

All patterns look at ASCII only, so that a number amid Chinese text is found, where every character is a letter. None of
them starts twice within one run of characters: a page may be one line of a megabyte, and the time must not be its square.
"""

import re

EMAIL_TOKEN = "|||EMAIL_ADDRESS|||"
PHONE_TOKEN = "|||PHONE_NUMBER|||"
IP_TOKEN = "|||IP_ADDRESS|||"

_ATOM = "[A-Za-z0-9_%+-]"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL = re.compile(
    rf"(?<!{_ATOM})(?<!{_ATOM}\.)"  # the first atom of the local part, not one in its middle
    rf"{_ATOM}++(?:\.{_ATOM}++)*+"
    rf"@(?:{_LABEL}\.)+[A-Za-z]{{2,}}(?![A-Za-z0-9])"
)

_ALONE = "(?<![A-Za-z0-9_])(?<![0-9][.-])"
_ENDED = "(?![A-Za-z0-9_])(?![.-][0-9])"
_COUNTRY = r"(?:\+1[ .-]?|1[ .-])?"
_AREA = r"(?:\([0-9]{3}\)|[0-9]{3})"
_PHONE = re.compile(rf"{_ALONE}{_COUNTRY}{_AREA}[ .-]?[0-9]{{3}}[ .-]?[0-9]{{4}}{_ENDED}")

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IP = re.compile(rf"(?<![A-Za-z0-9_])(?<![0-9]\.){_OCTET}(?:\.{_OCTET}){{3}}(?![A-Za-z0-9_])(?!\.[0-9])")


def mask_emails(text: str) -> tuple[str, int]:
    """`text` with `EMAIL_TOKEN` in place of each address of electronic mail, and how many were replaced."""
    return _EMAIL.subn(EMAIL_TOKEN, text)


def mask_phone_numbers(text: str) -> tuple[str, int]:
    """`text` with `PHONE_TOKEN` in place of each telephone number of the North American form, and how many were replaced."""
    return _PHONE.subn(PHONE_TOKEN, text)


def mask_ips(text: str) -> tuple[str, int]:
    """`text` with `IP_TOKEN` in place of each IPv4 address, and how many were replaced."""
    return _IP.subn(IP_TOKEN, text)
