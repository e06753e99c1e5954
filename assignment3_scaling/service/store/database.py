"""The service's database: `grader.database`, its tables, and the salt of a course. It may be in memory, too."""

import secrets

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from assignment3_scaling.service.errors import Unavailable
from assignment3_scaling.service.store.tables import Course, Row
from grader.database import AddressError, Transactions, first_line, public

SCHEMA = 1
MAKING = 33_600
"""The number of the advisory lock of PostgreSQL under which tables are made and runs are given out."""


class Database(Transactions):
    """The tables at an address. A transaction raises `Unavailable` where the database does not answer.

    Raises:
        AddressError: there is no such kind of database, or the tables there are of another version.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address, Unavailable, what="", extra="scaling", in_memory=True)
        try:
            with self.writing() as session:
                self.alone(session)
                Row.metadata.create_all(session.connection())
                courses = list(session.scalars(select(Course)))
                if not courses:
                    courses = [Course(schema=SCHEMA, salt=secrets.token_hex(16))]
                    session.add_all(courses)
                schemas, self.salt = [course.schema for course in courses], courses[0].salt
        except (DBAPIError, Unavailable) as error:
            self.close()
            cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
            raise AddressError(f"{public(address)}: {first_line(cause)}") from None
        if schemas != [SCHEMA]:
            self.close()
            raise AddressError(f"{public(address)}: its tables are of version {schemas}; expected {SCHEMA}")

    def alone(self, session: Session) -> None:
        """Keep every other process that says so out until the end of the transaction."""
        if self.kind == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MAKING})
