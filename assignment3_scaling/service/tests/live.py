"""A real server on a port of its own, in a thread of the tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from assignment3_scaling.service.api.access import Access
from assignment3_scaling.service.serving import application

SECONDS = 60


class Signalling(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config):
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets=None):
        await super().startup(sockets)
        self.listens.set()


@contextmanager
def served(service, *, access: Access | None = None, slots: int = 2) -> Iterator[str]:
    """The address of a server over `service`, which ends with the block."""
    app = application(service, access or Access(100_000, 100_000, 100_000), slots=slots, log=None)
    server = Signalling(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.listens.wait(SECONDS), "the server did not come up"
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(SECONDS)
        assert not thread.is_alive(), "the server did not stop"
