"""What Alembic runs: the steps, in the transaction that `Database.migrate` has begun."""

from alembic import context

from grader.server.database import VERSION_TABLE
from grader.server.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
