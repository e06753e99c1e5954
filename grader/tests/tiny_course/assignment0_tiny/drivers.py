"""Drivers of the tiny assignment."""

from assignment0_tiny import adapters


def count_to(n: int) -> list[int]:
    """What the first `n` calls of a new counter return."""
    counter = adapters.get_counter()()
    return [counter.next() for _ in range(n)]
