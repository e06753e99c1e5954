"""A course server for tests: in this process over a small course, or as a process of its own that can be killed."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from grader.server import office as offices
from grader.server.accounts import Account
from grader.server.office import Office
from grader.server.role import Role
from grader.server.settings import Settings, system_clock
from grader.server.submissions import Accepted, Kind
from grader.server.tables import SubmissionRow
from grader.server.uploads import keep
from grader.tests.started import REPOSITORY, Started

PLENTY = {
    "requests_per_minute": 10**9, "uploads_per_minute": 10**9, "strangers_per_minute": 10**9,
    "wrong_tokens_per_minute": 10**9, "most_waiting": 10**6,
}  # fmt: skip


class ManualClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        """Go on by some seconds."""
        self.now += timedelta(seconds=seconds)


@contextmanager
def office(root: Path, data: Path, address: str | None = None, clock=system_clock, **settings) -> Iterator[Office]:
    """A new server over the course in `root`, or the one that is in the folder `data`."""
    offices.begin(data, address)
    opened = Office(Settings(root, data, **settings), address, clock)
    try:
        yield opened
    finally:
        opened.close()


def person(office: Office, name: str, role: Role = Role.STUDENT) -> Account:
    """An account of that name."""
    return office.accounts.by_token(office.accounts.add(name, role, actor="test"))


def sent(office: Office, account: Account, file: Path, kind=Kind.HAND_IN, track: str = "") -> Accepted:
    """A file, as if it had been uploaded to the tiny assignment."""
    upload = keep(file, office.settings.uploads)
    return office.submissions.accept(account, kind, "assignment0_tiny", track, upload)


def rows(office: Office) -> list[SubmissionRow]:
    """All submissions as they stand in the table."""
    with office.database.reading() as session:
        return list(session.scalars(select(SubmissionRow).order_by(SubmissionRow.id)))


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()


@contextmanager
def server(course: Path, data: Path, *options: object) -> Iterator[tuple[Started, str]]:
    """The process and the URL of `grader serve`, on a port that is free."""
    started = Started(
        "grader", "serve", "--data", data, "--port", 0, *options, cwd=course, PYTHONPATH=str(REPOSITORY),
        OMP_NUM_THREADS="1",
    )  # fmt: skip
    try:
        yield started, started.wait_for(r"listening on (http://\S+)")[1]
    finally:
        started.stop()
