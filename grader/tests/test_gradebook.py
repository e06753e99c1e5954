"""The gradebook on a real SQLite file and a real PostgreSQL server."""

import multiprocessing
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from grader import scoring
from grader.errors import ConfigError
from grader.gradebook import Gradebook, run_key, source_sha256
from grader.outcome import ExpectedTest, HandinOutcome, TestOutcome, Verdict
from grader.task import PolicyMode, Task
from grader.tests import postgresql

HASHES = {"double": "d1", "count": "c1"}


@pytest.fixture(scope="session")
def postgres():
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        os.chmod(folder, 0o755)
        with postgresql.server(Path(folder) / "server") as address:
            yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book.sqlite'}"
    url = request.getfixturevalue("postgres")
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()
    return url


@pytest.fixture
def book(address):
    made = Gradebook(address)
    yield made
    made.close()


def outcome(name: str = "heron", verdict: Verdict = Verdict.PASS, **more) -> HandinOutcome:
    tests = tuple(TestOutcome(f"test_{p}", p, False, verdict, "", 0.1) for p in ("double", "count"))
    expected = {p: (ExpectedTest(f"test_{p}"),) for p in ("double", "count")}
    made = HandinOutcome(
        "assignment0_tiny", name, "5" * 64, "a" * 64, 336, "plain", "graded", expected=expected, tests=tests
    )
    return replace(made, **more)


def entered(book, tiny, made, key="k1"):
    return book.enter(key, scoring.score(made, tiny), HASHES, Path("/handins") / made.submission)


def test_what_is_kept_is_found_again_by_another_process_as_it_were(book, address, tiny):
    made = outcome(warnings=("a warning \u2603 \x1b[31m 'quoted'; drop table runs; --",))
    assert entered(book, tiny, made)
    other = Gradebook(address)
    assert other.find("k1") == made
    assert other.find("k2") is None
    (entry,) = other.entries("assignment0_tiny")
    assert (entry.name, entry.score, entry.max_score, entry.outcome) == ("heron", 5, 5, made)
    assert (entry.source, entry.problem_hashes, entry.proposed) == (Path("/handins/heron"), HASHES, None)
    assert list(other.entries("assignment1_x")) == []
    other.close()


def test_an_error_of_ours_is_never_kept_and_overwrites_no_score(book, tiny):
    assert entered(book, tiny, outcome())
    ours = outcome(verdict=Verdict.GRADER_ERROR)
    assert not entered(book, tiny, ours, "k2")
    assert not book.keep("k2", ours, HASHES)
    assert not book.propose("k2", ours, HASHES)
    assert book.find("k2") is None
    assert [(entry.score, entry.proposed) for entry in book.entries("assignment0_tiny")] == [(5, None)]


def test_a_later_grade_takes_the_place_of_an_earlier_one(book, tiny):
    entered(book, tiny, outcome())
    entered(book, tiny, outcome(verdict=Verdict.FAIL), "k2")
    assert [(entry.score, entry.outcome.tests[0].verdict) for entry in book.entries("assignment0_tiny")] == [
        (0, "FAIL")
    ]
    assert book.find("k1") == outcome()


def test_a_key_is_written_once(book, tiny):
    entered(book, tiny, outcome())
    entered(book, tiny, outcome(verdict=Verdict.FAIL))
    assert book.find("k1") == outcome()


def test_a_proposal_counts_when_it_is_applied(book, tiny):
    entered(book, tiny, outcome())
    worse = outcome(verdict=Verdict.FAIL)
    assert book.propose("k2", worse, HASHES)
    (entry,) = book.entries("assignment0_tiny")
    assert (entry.score, entry.proposed) == (5, worse)
    book.apply(scoring.score(worse, tiny))
    (entry,) = book.entries("assignment0_tiny")
    assert (entry.score, entry.outcome, entry.proposed) == (0, worse, None)


def test_many_writers_at_once_lose_nothing(book, address, tiny):
    def write(number: int) -> None:
        mine = Gradebook(address)
        for turn in range(5):
            entered(mine, tiny, outcome(f"h{number}-{turn}"), f"key {number} {turn}")
            entered(mine, tiny, outcome("shared"), "shared key")
        mine.close()

    with ThreadPoolExecutor(6) as writers:
        list(writers.map(write, range(6)))
    names = [entry.name for entry in book.entries("assignment0_tiny")]
    assert names == sorted([*(f"h{n}-{turn}" for n in range(6) for turn in range(5)), "shared"])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://me:secret@host/db", "expected sqlite:///FILE or postgresql://"),
        ("no address", "Could not parse"),
        ("sqlite:////no/such/folder/book.sqlite", "unable to open database file"),
        ("postgresql://grader:secret@/postgres?host=/no/such/folder", "connection"),
    ],
)
def test_a_wrong_address_is_one_clear_line_without_the_password(address, said):
    with pytest.raises(ConfigError) as error:
        Gradebook(address)
    assert said in str(error.value)
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path):
    (tmp_path / "gradebook.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(ConfigError, match="file is not a database"):
        Gradebook.in_folder(tmp_path)


def test_a_gradebook_of_another_schema_is_refused(tmp_path):
    made = Gradebook.in_folder(tmp_path)
    with made._engine.begin() as connection:
        connection.execute(text("update gradebook set schema = 99"))
    made.close()
    with pytest.raises(ConfigError, match=r"of schema .*99"):
        Gradebook.in_folder(tmp_path)


def test_graders_that_begin_at_once_agree_on_the_tables(address):
    with ThreadPoolExecutor(8) as openers:
        for made in openers.map(lambda _: Gradebook(address), range(8)):
            made.close()


def test_processes_that_make_a_file_at_once_wait_for_each_other(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as processes:
        for round_ in range(20):
            processes.map(_make, [tmp_path / str(round_)] * 8, chunksize=1)


def _make(folder):
    Gradebook.in_folder(folder).close()


# What decides an outcome


@pytest.fixture
def task(tmp_path):
    return Task(tmp_path, "assignment0_tiny", tmp_path / "handin", "heron", 336, "plain")


def test_a_key_depends_on_all_that_decides_an_outcome_and_not_on_names(task, tmp_path):
    keys = {
        run_key(task, "s", "a"),
        run_key(task, "s2", "a"),
        run_key(task, "s", "a2"),
        run_key(replace(task, seed=1), "s", "a"),
        run_key(replace(task, engine="bubblewrap"), "s", "a"),
        run_key(replace(task, policy=PolicyMode.WARN), "s", "a"),
        run_key(replace(task, problems=("double",)), "s", "a"),
        run_key(replace(task, problems=("double", "count")), "s", "a"),
        run_key(replace(task, assignment="assignment9_x"), "s", "a"),
    }
    assert len(keys) == 9
    assert run_key(replace(task, name="ibis", handin=tmp_path / "elsewhere"), "s", "a") == run_key(task, "s", "a")


def test_a_hand_ins_hash_is_of_names_and_bytes(tmp_path):
    def made(name: str, **files: bytes) -> str | None:
        folder = tmp_path / name
        for path, content in files.items():
            (folder / path.replace("__", "/")).parent.mkdir(parents=True, exist_ok=True)
            (folder / path.replace("__", "/")).write_bytes(content)
        return source_sha256(folder)

    first = made("a", x=b"1", y__z=b"2")
    assert first == made("b", y__z=b"2", x=b"1")
    others = [made("c", x=b"12"), made("d", x=b"1", y=b"2"), made("e", x=b"2", y__z=b"1"), made("f", xy=b"1", z=b"2")]
    assert len({first, *others}) == 5
    (tmp_path / "a" / "__pycache__").mkdir()
    (tmp_path / "a" / "__pycache__" / "x.pyc").write_bytes(b"")
    assert source_sha256(tmp_path / "a") == first


def test_a_hand_in_that_would_be_refused_or_may_change_has_no_hash(tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    assert source_sha256(folder) is None
    (folder / "x").write_text("1")
    assert source_sha256(folder) is not None
    (folder / "link").symlink_to("x")
    assert source_sha256(folder) is None
    (folder / "link").unlink()
    os.mkfifo(folder / "pipe")
    assert source_sha256(folder) is None
    assert source_sha256(tmp_path / "absent") is None
