"""What is kept: the tables, and the transactions over them.

tables   the rows
database an open database, SQLite or PostgreSQL
"""

from assignment3_scaling.service.store.database import Database

__all__ = ["Database"]
