"""Addresses and numbers of people and machines, masked."""

EMAIL_TOKEN = "|||EMAIL_ADDRESS|||"
PHONE_TOKEN = "|||PHONE_NUMBER|||"
IP_TOKEN = "|||IP_ADDRESS|||"


def mask_emails(text: str) -> tuple[str, int]:
    """`text` with `EMAIL_TOKEN` in place of each address of electronic mail, and how many were replaced."""
    raise NotImplementedError("mask_emails: write mask_emails in assignment4_data/personal_data.py")


def mask_phone_numbers(text: str) -> tuple[str, int]:
    """`text` with `PHONE_TOKEN` in place of each telephone number of the North American form, and how many were replaced."""
    raise NotImplementedError("mask_phone_numbers: write mask_phone_numbers in assignment4_data/personal_data.py")


def mask_ips(text: str) -> tuple[str, int]:
    """`text` with `IP_TOKEN` in place of each IPv4 address, and how many were replaced."""
    raise NotImplementedError("mask_ips: write mask_ips in assignment4_data/personal_data.py")
