"""The gradebook: what was graded, kept in a database, so that nothing is graded twice and nothing is lost.

tables   the database's tables
key      what decides an outcome, as one hash
book     the gradebook itself: keep, look up, enter, propose, apply
"""

from grader.gradebook.book import Entry, Gradebook, Standing
from grader.gradebook.key import run_key, source_sha256

__all__ = ["Entry", "Gradebook", "Standing", "run_key", "source_sha256"]
