"""Workers on several machines: one database, folders of uploads that are one and the same, all else their own."""

import shutil
import tempfile
import time
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from grader.errors import ConfigError
from grader.server.office import Office
from grader.server.settings import Settings
from grader.server.submissions import State
from grader.server.worker import Worker
from grader.tests import postgresql
from grader.tests.course_server import PLENTY, office, person, rows, sent
from grader.tests.started import REPOSITORY, SECONDS, Started

LOST_AFTER = 3


@contextmanager
def machine(course, data, address, folder):
    """A worker as on a machine of its own: its temporary files in `folder`, whose name is short as a socket's must be; and
    its name."""
    folder.mkdir()
    started = Started(
        "grader", "server", "worker", "--data", data, "--database", address, "--jobs", 1, "--lost-after", LOST_AFTER,
        cwd=course, PYTHONPATH=str(REPOSITORY), TMPDIR=str(folder), OMP_NUM_THREADS="1",
    )  # fmt: skip
    try:
        yield started, started.wait_for(r"working as (\S+)")[1]
    finally:
        started.stop()


def until(opened, what):
    """Wait until the rows of the table are as `what` says."""
    deadline = time.monotonic() + SECONDS
    while not what(found := rows(opened)):
        assert time.monotonic() < deadline, [(row.state, row.worker) for row in found]
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_machines_grade_one_queue_once_and_one_that_is_killed_loses_nothing(tiny, handin, tmp_path):
    archives = [
        Path(shutil.make_archive(str(tmp_path / f"work{number}"), "zip", handin(append=f"\n# {number}\n")))
        for number in range(10)
    ]
    one, two = tmp_path / "one", tmp_path / "two"
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user must get at its folder in it
        with (
            postgresql.server(Path(folder) / "server") as address,
            office(tiny.root, one, address, **PLENTY) as opened,
        ):
            heron = person(opened, "heron")
            two.mkdir()
            (one / "uploads").mkdir(exist_ok=True)
            (two / "uploads").symlink_to(one / "uploads")  # as where the folder is mounted
            with (
                machine(tiny.root, one, address, Path(folder) / "one") as (killed, name),
                machine(tiny.root, two, address, Path(folder) / "two") as (_, other),
            ):
                for archive in archives:  # more than one worker claims at once
                    sent(opened, heron, archive)
                until(opened, lambda found: {name, other} <= {row.worker for row in found})
                killed.kill()
                until(opened, lambda found: all(row.state == State.DONE.value for row in found))
            assert [row.score for row in rows(opened)] == [5.0] * 10
            deeds = [deed for deed in opened.audit.deeds() if deed.action == "hand-in done"]
            assert Counter(deed.subject for deed in deeds) == {f"heron-{number}": 1 for number in range(1, 11)}
            assert other in {deed.actor for deed in deeds}
        assert not (two / "server.sqlite").exists()


@pytest.fixture
def opened(tiny, tmp_path):
    with office(tiny.root, tmp_path / "data", **PLENTY) as found:
        yield found


def test_a_machine_without_the_uploads_says_so_and_costs_nobody_anything(opened, tiny, handin, tmp_path):
    sent(opened, person(opened, "heron"), Path(shutil.make_archive(str(tmp_path / "work"), "zip", handin())))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    address = f"sqlite:///{next((tmp_path / 'data').glob('*.sqlite'))}"
    with closing(Office(Settings(tiny.root, elsewhere), address)) as far:
        with pytest.raises(ConfigError, match=r"elsewhere/uploads: there is no such folder; expected the folder in"):
            Worker(far, 1).step()
        assert [(row.state, row.attempts) for row in rows(opened)] == [("queued", 0)]
        (elsewhere / "uploads").mkdir()
        assert Worker(far, 1).step()
    (row,) = rows(opened)
    assert row.state == State.FAILED.value
    assert row.reason.startswith("an error of the grader: the file is not there")
    assert row.score is None
