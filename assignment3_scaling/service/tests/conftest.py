"""What the tests of the training API share: a service in memory, one on each kind of database, and the API over it."""

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from starlette.testclient import TestClient

from assignment3_scaling.service.api.app import create_app
from assignment3_scaling.service.clock import ManualClock
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.tests.scripted import ScriptedBackend
from grader.tests import (
    postgresql,
    steady,  # noqa: F401 — sets the profile of property tests, and more
)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that the test advances."""
    return ManualClock()


@pytest.fixture
def backend() -> ScriptedBackend:
    """A backend whose runs complete, unless the test says otherwise."""
    return ScriptedBackend()


@pytest.fixture
def service(backend, clock) -> Iterator[Service]:
    """A service in memory."""
    found = Service.in_memory(backend, clock=clock)
    yield found
    found.close()


@pytest.fixture
def heron(service) -> int:
    """A student."""
    return service.add_student("heron", seed=7).id


@pytest.fixture
def api(service) -> Iterator[TestClient]:
    """The API over the service in memory; `api.key` is the key of a student, which every request carries."""
    with TestClient(create_app(service), raise_server_exceptions=True) as client:
        client.key = service.add_student("plover").key
        client.headers["X-API-Key"] = client.key
        yield client


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of this test run."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the server's user must get at its own folder in it
        with postgresql.server(Path(folder) / "server") as address:
            yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'scaling.sqlite'}"
    server = request.getfixturevalue("postgres")
    name = f"scaling_{uuid.uuid4().hex}"
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")
