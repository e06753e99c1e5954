"""A small class at a deadline; `python -m benchmarks.server` is the same with 200."""

import pytest

from benchmarks import server


@pytest.mark.slow
@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_a_class_at_a_deadline_loses_and_doubles_nothing(database):
    measured = server.measure(database, 12)
    assert {name: stats["requests"] for name, stats in measured.stats.items()} == {
        "log in": 12, "hand in": 12, "hand in again": 12, "page": 60,
    }  # fmt: skip
    text = server.page([measured], 0.0)
    assert f"| {database} | page | 60 | 0 |" in text
