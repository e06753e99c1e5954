"""A server in a process of its own, as an instructor starts it."""

from collections.abc import Iterator
from contextlib import contextmanager

from grader.tests.started import Started


@contextmanager
def server(address: str, *options: object) -> Iterator[tuple[Started, str]]:
    """The process and the URL of a server over a database, on a port that is free."""
    started = Started("assignment3_scaling.service", "serve", "--port", 0, "--database", address, *options)
    try:
        yield started, started.wait_for(r"listening on (http://\S+)")[1]
    finally:
        started.stop()
