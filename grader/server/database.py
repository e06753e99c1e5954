"""The course server's database: `grader.database`, and tables that migrations make and bring up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from grader.database import AddressError, Transactions, first_line, public
from grader.errors import ConfigError
from grader.server.errors import Unavailable

MAKING = 336_336
"""The number of PostgreSQL's advisory lock under which tables are made and changed."""
MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "server_version"


class Database(Transactions):
    """The database at an address. A transaction raises `Unavailable` where it does not answer.

    Raises:
        ConfigError: there is no such kind of database, or it cannot be reached.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address, Unavailable, what="database ", extra="server")
        try:
            with self._engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (DBAPIError, NoConnection) as error:
            self.close()
            raise AddressError(f"database {public(address)}: {first_line(error)}") from None

    def version(self) -> str | None:
        """The migration that the tables stand at; None for a database without any."""
        with self._answering(), self._engine.connect() as connection:
            return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()

    def migrate(self) -> None:
        """Make the tables, or bring them to what this server wants; one process at a time."""
        with self._writing.connect() as connection, connection.begin():
            if self.kind == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MAKING})
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def check(self) -> None:
        """Hold that the tables are those that this server wants.

        Raises:
            ConfigError: they are not there, or of another version.
        """
        found, wanted = self.version(), newest()
        where = f"database {public(self.address)}"
        if found is None:
            raise ConfigError(f"{where}: holds no course server; `grader server init` makes one")
        if found != wanted:
            raise ConfigError(
                f"{where}: its tables are of version {found}, this server wants {wanted}; `grader server migrate` "
                "brings older ones up to it (`grader server backup` first)"
            )


def newest() -> str:
    """The migration that this server's tables are."""
    return str(ScriptDirectory.from_config(_alembic()).get_current_head())


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
