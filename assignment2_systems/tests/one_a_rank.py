"""What came back from the ranks: whoever looks at each of none has looked at nothing."""

from typing import Any


def one_a_rank(check: Any, found: list[Any], count: int, who: str) -> list[Any]:
    """`found`, which holds an entry for each of `count` ranks."""
    check.equal(len(found), count, who=f"{who}, as the number of ranks that answered,")
    return found
