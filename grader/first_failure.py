"""A pytest plugin for planted bugs: once a test of a problem has failed, the others of that problem are not run.

A judge loads it where `OPTIONS` stand in `PYTEST_ADDOPTS`. A test that is left out counts as failed, with `NOT_RUN`
as its message: the problem is lost already, and nothing else is asked of such a run.
"""

import pytest

from grader.testing.check import Wrong
from grader.testing.setting import problem_of

OPTIONS = "-p grader.first_failure"
NOT_RUN = "not run: an earlier test of the problem has failed"

_FAILED = pytest.StashKey[set[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing has failed yet."""
    config.stash[_FAILED] = set()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave the test out, before anything of the hand-in is started for it, if its problem is lost."""
    if problem_of(item.path) in item.config.stash[_FAILED]:
        raise Wrong(NOT_RUN)


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Note the problem of a test that has not passed."""
    if call.excinfo is not None:
        item.config.stash[_FAILED].add(problem_of(item.path))
