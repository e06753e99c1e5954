"""A pytest plugin for planted bugs: once a test of a problem has failed, the others of that problem are not run.

A judge loads it where a task says so, and counts what is left out as failed: the problem is lost already, and nothing
else is asked of such a run.
"""

import pytest

from grader.assignment import problem_of

_FAILED = pytest.StashKey[set[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing has failed yet."""
    config.stash[_FAILED] = set()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Leave the test out, before anything is set up for it, if its problem is lost."""
    return True if problem_of(item.path) in item.config.stash[_FAILED] else None


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Note the problem of a test that has not passed."""
    if call.excinfo is not None:
        item.config.stash[_FAILED].add(problem_of(item.path))
