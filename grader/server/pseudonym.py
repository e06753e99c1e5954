"""The names that stand on public pages: drawn for everybody, and then each person's own choice."""

import secrets
import unicodedata

from grader.server.errors import Refused

KINDS = ("amber", "brisk", "calm", "dapper", "early", "fond", "gentle", "hazel", "ivory", "jolly", "keen", "lucid",
         "mellow", "nimble", "olive", "plucky", "quiet", "rosy", "sunny", "tidy", "umber", "vivid", "warm", "zesty")  # fmt: skip
BIRDS = ("avocet", "bittern", "curlew", "dunlin", "egret", "finch", "godwit", "heron", "ibis", "jay", "kite", "lark",
         "merlin", "nuthatch", "oriole", "plover", "quail", "robin", "swift", "tern", "veery", "wren")  # fmt: skip
SHORTEST, LONGEST = 3, 32
MARKS = frozenset(" -_.'")


def drawn() -> str:
    """A pseudonym that tells nothing of the person."""
    return f"{secrets.choice(KINDS)} {secrets.choice(BIRDS)} {secrets.randbelow(900) + 100}"


def checked(wanted: str) -> str:
    """`wanted` in one spelling.

    Raises:
        Refused: it is too short or long, or holds more than letters, digits, spaces and -_.'.
    """
    found = " ".join(unicodedata.normalize("NFKC", wanted).split())
    if not SHORTEST <= len(found) <= LONGEST:
        raise Refused(f"the pseudonym has {len(found)} characters; expected {SHORTEST} to {LONGEST}")
    odd = next((c for c in found if not (c.isalnum() or c in MARKS)), None)
    if odd is not None:
        raise Refused(f"the pseudonym holds {odd!a}; expected letters, digits, spaces, and any of -_.'")
    if not any(c.isalpha() for c in found):
        raise Refused("the pseudonym holds no letter; expected at least one")
    return found


def key(pseudonym: str) -> str:
    """What two people must not share: letters and digits alone, in one case."""
    folded = unicodedata.normalize("NFKD", pseudonym.casefold())
    return "".join(c for c in folded if c.isalnum())[:64]
