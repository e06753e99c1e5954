"""One server's parts over one database: what routes, pages, workers and commands are given."""

import secrets
from pathlib import Path

from sqlalchemy import select

from grader.database import public
from grader.errors import ConfigError
from grader.gradebook import Gradebook
from grader.server.access import Door
from grader.server.accounts import Accounts
from grader.server.audit import Audit
from grader.server.database import Database
from grader.server.queries import Queries
from grader.server.queue import Queue
from grader.server.scores import Scores
from grader.server.settings import Clock, Settings, system_clock
from grader.server.submissions import Submissions
from grader.server.tables import CourseRow

FILE = "server.sqlite"


class Office:
    """A server's parts. Without an address the database is a file in the server's folder.

    Raises:
        ConfigError: the folder is not there, the database cannot be reached, or holds no course server of this version.
    """

    def __init__(self, settings: Settings, address: str | None = None, clock: Clock = system_clock) -> None:
        if not settings.data.is_dir():
            raise ConfigError(f"{settings.data}: there is no such folder; `grader server init` makes a server")
        address = address or default_address(settings.data)
        self.settings, self.address, self.clock = settings, address, clock
        self.database = Database(address)
        try:
            self.database.check()
            with self.database.reading() as session:
                course = session.scalar(select(CourseRow))
            if course is None:
                raise ConfigError(f"database {public(address)}: `grader server init` has not ended; run it again")
            self.seed = course.seed
            self.book = Gradebook(address)
        except ConfigError:
            self.database.close()
            raise
        self.scores = Scores(settings.root, self.book)
        self.audit = Audit(self.database, clock)
        self.accounts = Accounts(self.database, self.audit, settings)
        self.door = Door(self.accounts, settings, clock)
        self.submissions = Submissions(self.database, self.audit, settings)
        self.queue = Queue(self.database, self.audit, settings)
        self.queries = Queries(self.database, self.scores, settings)

    @property
    def root(self) -> Path:
        """The course's folder."""
        return self.settings.root

    def close(self) -> None:
        """Let go of the database."""
        self.book.close()
        self.database.close()


def default_address(data: Path) -> str:
    """The database of a server that was given none: a file in its folder."""
    return f"sqlite:///{data.absolute() / FILE}"


def begin(data: Path, address: str | None = None) -> bool:
    """Make a server's folder and tables, or bring its tables up to date; False where it had all of them.

    Raises:
        ConfigError: the folder cannot be made, or the database cannot be reached.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700)  # other users of the machine have no business in it
    except OSError as error:
        raise ConfigError(f"{data}: cannot be made: {error.strerror}") from None
    database = Database(address or default_address(data))
    try:
        before = database.version()
        database.migrate()
        with database.writing() as session:
            if session.scalar(select(CourseRow)) is None:
                session.add(CourseRow(id=1, seed=secrets.randbelow(2**31), created_at=system_clock()))
        return before != database.version()
    finally:
        database.close()
