"""The keys of students: drawn at random, shown once, kept as hashes."""

import functools
import hashlib
import secrets

DIGITS = 8
"""The client of 2026 sends no keys but such of eight digits."""


def draw_key(*, digits: bool = False) -> str:
    """A new key. Of eight digits there are few enough to try all of them: the API must count wrong keys."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}" if digits else secrets.token_urlsafe(24)


@functools.lru_cache(maxsize=4096)
def hash_key(key: str, salt: str) -> str:
    """What is kept of a key. Slow on purpose (some 10 ms) for those who try all keys of eight digits on a copy of the
    database; the cache spares requests the wait."""
    return hashlib.scrypt(key.encode("utf-8", "surrogatepass"), salt=salt.encode(), n=2**12, r=8, p=1, dklen=32).hex()
