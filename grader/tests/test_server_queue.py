"""The queue on both kinds of database: nothing is given to two, nothing is lost with a worker, nothing is taken twice."""

import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from grader.errors import ConfigError
from grader.server import backup, boards
from grader.server.database import Database, newest
from grader.server.office import Office
from grader.server.queue import Result
from grader.server.settings import Settings
from grader.server.submissions import Kind, State
from grader.server.tables import Row
from grader.tests import postgresql
from grader.tests.course_server import PLENTY, ManualClock, office, person, rows, sent

LOST = 30


@pytest.fixture(scope="module")
def cluster():
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user must get at its folder in it
        with postgresql.server(Path(folder) / "server") as address:
            yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'server.sqlite'}"
        return
    yield from empty_postgresql(request.getfixturevalue("cluster"))


def empty_postgresql(address):
    database = Database(address)
    with database.writing() as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    database.close()
    yield address


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def opened(tiny_root, tmp_path, address, clock):
    settings = {**PLENTY, "lost_after_seconds": LOST}
    with office(tiny_root, tmp_path / "data", address, clock, **settings) as found:
        yield found


@pytest.fixture
def file(tmp_path):
    """Makes files of different contents."""
    count = iter(range(10**6))

    def made():
        path = tmp_path / f"work{next(count)}.py"
        path.write_text(f"x = '{path.name}'\n")
        return path

    return made


def test_hand_ins_are_claimed_together_and_entries_alone_the_oldest_first(opened, file):
    ada = person(opened, "ada")
    for kind, track in [(Kind.HAND_IN, ""), (Kind.ENTRY, "speed"), (Kind.HAND_IN, ""), (Kind.ENTRY, "speed")]:
        sent(opened, ada, file(), kind, track)
    first, second, third = (opened.queue.claim("w", 8) for _ in range(3))
    assert [item.name for item in first.items] == ["ada-1", "ada-2"]
    assert (second.kind, second.track, [item.id for item in second.items]) == (Kind.ENTRY, "speed", [2])
    assert [item.id for item in third.items] == [4]
    assert opened.queue.claim("w", 8) is None


def test_what_a_worker_lacks_a_gpu_for_waits_for_another(opened, file):
    ada = person(opened, "ada")
    for kind, track in [(Kind.ENTRY, "gpu"), (Kind.ENTRY, "speed"), (Kind.HAND_IN, "")]:
        sent(opened, ada, file(), kind, track)
    beyond = {("assignment0_tiny", "gpu"), ("assignment0_other", "speed")}
    claimed = [[item.id for item in opened.queue.claim("w", 8, beyond).items] for _ in range(2)]
    assert claimed == [[2], [3]]
    assert opened.queue.claim("w", 8, beyond) is None
    assert [item.id for item in opened.queue.claim("with a gpu", 8).items] == [1]


def test_what_a_silent_worker_had_is_given_to_another_alone_and_fails_in_the_end(opened, file, clock):
    ada = person(opened, "ada")
    for _ in range(2):
        sent(opened, ada, file())
    assert len(opened.queue.claim("one", 8).items) == 2
    clock.advance(LOST - 1)
    assert opened.queue.take_back() == 0
    opened.queue.heard("one")
    clock.advance(LOST - 1)
    assert opened.queue.take_back() == 0
    clock.advance(2)
    assert opened.queue.take_back() == 2
    for _ in range(2):
        assert [item.id for item in opened.queue.claim("two", 8).items] == [1]
        clock.advance(LOST + 1)
        opened.queue.take_back()
    assert rows(opened)[0].state == "failed"
    assert rows(opened)[0].reason == "an error of the grader: 3 workers died while they graded it"
    assert [item.id for item in opened.queue.claim("two", 8).items] == [2]


def test_a_worker_that_comes_back_late_changes_nothing(opened, file, clock):
    sent(opened, person(opened, "ada"), file())
    opened.queue.claim("one", 8)
    clock.advance(LOST + 1)
    opened.queue.take_back()
    assert not opened.queue.finish("one", 1, Result(State.DONE, 1.0, 5.0))
    opened.queue.claim("two", 8)
    assert not opened.queue.finish("one", 1, Result(State.DONE, 1.0, 5.0))
    assert opened.queue.finish("two", 1, Result(State.DONE, 4.0, 5.0))
    assert not opened.queue.finish("two", 1, Result(State.DONE, 3.0, 5.0))
    assert [(row.state, row.score) for row in rows(opened)] == [("done", 4.0)]


def test_what_is_given_back_counts_as_never_claimed(opened, file):
    sent(opened, person(opened, "ada"), file())
    opened.queue.heard("w")
    opened.queue.claim("w", 8)
    assert opened.queries.queue().workers == ("w",)
    assert opened.queue.give_back("w") == 1
    assert [(row.state, row.attempts) for row in rows(opened)] == [("queued", 0)]
    assert opened.queries.queue().workers == ()


def test_many_at_once_neither_lose_nor_double_anything(opened, file):
    people = [person(opened, f"student{number}") for number in range(4)]
    same = {account.name: file() for account in people}

    def hand_in(number):
        account = people[number % 4]
        return sent(opened, account, same[account.name])

    with ThreadPoolExecutor(8) as threads:
        accepted = list(threads.map(hand_in, range(32)))
    assert sum(one.new for one in accepted) == 4
    assert len({one.submission.id for one in accepted}) == 4
    for number in range(36):
        sent(opened, people[number % 4], file())

    claimed, lock = [], threading.Lock()

    def work(name):
        while (claim := opened.queue.claim(name, 3)) is not None:
            with lock:
                claimed.extend(item.id for item in claim.items)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, map(str, range(6))))
    assert sorted(claimed) == list(range(1, 41))
    numbers = [(row.account_id, row.number) for row in rows(opened)]
    assert len(set(numbers)) == 40


def test_everything_is_there_after_a_restart(opened, file, address, tiny_root, clock):
    ada = person(opened, "ada")
    sent(opened, ada, file())
    before = opened.queries.hand_ins(ada)
    again = Office(Settings(tiny_root, opened.settings.data), address, clock)
    assert again.queries.hand_ins(ada) == before
    assert again.seed == opened.seed
    assert again.audit.deeds()[0].action == "hand-in received"
    again.close()


def test_the_migrations_make_what_the_tables_say(opened):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def ours(name, kind, parents):
        return kind != "table" or (name.startswith("server_") and name != "server_version")

    with opened.database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"include_name": ours, "compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
    assert opened.database.version() == newest()


def test_tables_of_another_version_are_refused(opened, address, tiny_root):
    with opened.database.writing() as session:
        session.execute(text("UPDATE server_version SET version_num = '0000'"))
    with pytest.raises(ConfigError, match="of version 0000, this server wants 0001; `grader server migrate`"):
        Office(Settings(tiny_root, opened.settings.data), address)


def test_a_database_without_a_server_is_said_so(address, tiny_root, tmp_path):
    with pytest.raises(ConfigError, match="holds no course server; `grader server init` makes one"):
        Office(Settings(tiny_root, tmp_path), address)


def test_a_backup_is_the_server_on_either_kind_of_database(opened, file, tmp_path, tiny_root, cluster, clock):
    ada = person(opened, "ada")
    token = opened.accounts.add("ada", ada.role, actor="test")
    for _ in range(3):
        sent(opened, ada, file())
    opened.queue.claim("w", 1)
    opened.queue.finish("w", 1, Result(State.REFUSED, 0.0, 5.0, "no zip", {"problems": {"double": "ERROR"}}))
    counted = backup.write(opened, tmp_path / "all.tar")
    assert (counted.files, counted.rows["server_submissions"]) == (3, 3)
    assert (tmp_path / "all.tar").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="is there already; expected a new file"):
        backup.write(opened, tmp_path / "all.tar")
    with pytest.raises(ConfigError, match="holds a course server with 1 accounts; expected one that holds none"):
        backup.restore(tmp_path / "all.tar", tmp_path / "elsewhere", opened.address)

    other = None if opened.database.kind == "postgresql" else next(empty_postgresql(cluster))
    restored = backup.restore(tmp_path / "all.tar", tmp_path / "new", other)
    assert restored == counted
    again = Office(Settings(tiny_root, tmp_path / "new", **PLENTY), other, clock)
    try:
        assert again.accounts.by_token(token) == ada
        assert again.seed == opened.seed
        assert again.queries.hand_ins(ada) == opened.queries.hand_ins(ada)
        assert again.audit.deeds() == opened.audit.deeds()
        assert sent(again, ada, file()).submission.id == 4
        [claimed] = again.queue.claim("w", 1).items
        assert claimed.path.is_relative_to(tmp_path / "new")
        assert claimed.path.read_text() == "x = 'work1.py'\n"
    finally:
        again.close()


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("damage", "message"), [
    (lambda content: content[: len(content) // 2], "holds no whole manifest.json"),
    (lambda content: content.replace(b"x = 'work0.py'", b"x = 'work0.pY'"), "is damaged: its hash is another one"),
    (lambda content: content.replace(b'"rows"', b'"cows"'), "manifest.json is not what"),
    (lambda content: content.replace(b'"schema": 1', b'"schema": 9'), "this grader reads"),
    (lambda content: b"no tar" * 1000, "is no backup of `grader server backup`"),
])  # fmt: skip
def test_a_damaged_backup_leaves_no_server(opened, file, tmp_path, damage, message):
    sent(opened, person(opened, "ada"), file())
    backup.write(opened, tmp_path / "all.tar")
    content = (tmp_path / "all.tar").read_bytes()
    (tmp_path / "bad.tar").write_bytes(damage(content))
    with pytest.raises(ConfigError, match=message) as caught:
        backup.restore(tmp_path / "bad.tar", tmp_path / "new")
    assert "bad.tar" in str(caught.value)
    backup.restore(tmp_path / "all.tar", tmp_path / "new")


@pytest.mark.parametrize(("address", "message"), [
    ("mysql://me:secret@host/db", "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"),
    ("sqlite://", "expected sqlite:///FILE"),
    ("server.sqlite", "Could not parse SQLAlchemy URL"),
    ("sqlite:////no/such/folder/file", "unable to open database file"),
    ("postgresql://me:secret@/db?host=/no/such/folder", "connection"),
])  # fmt: skip
def test_an_address_that_cannot_be_used_is_said_without_its_password(address, message):
    with pytest.raises(ConfigError, match=message) as caught:
        Database(address)
    assert "secret" not in str(caught.value)


def test_a_board_shows_the_best_verified_entry_of_each_and_what_waits(opened, file, tiny, clock):
    from grader.leaderboard import track as tracks
    from grader.tests.boards import give_board

    give_board(tiny)
    track = next(iter(tracks.load(tiny.root, tiny.name).values()))
    better = -1.0 if track.direction == "lower" else 1.0
    names = {name: person(opened, name) for name in ("ada", "bob", "eve")}
    base = 10 + 5 * track.noise
    scores = [
        ("ada", base),
        ("bob", base + better * track.noise / 2),
        ("ada", base + 4 * better * track.noise),
        ("eve", None),
    ]
    for name, score in scores:
        clock.advance(60)
        sent(opened, names[name], file(), Kind.ENTRY, track.id)
        if score is not None:
            [item] = opened.queue.claim("w", 1).items
            opened.queue.finish("w", item.id, Result(State.DONE, score))
    with opened.database.reading() as session:
        found = boards.board(session, tiny.name, track)
    assert [(row.entry, row.rank, row.tied, row.pseudonym) for row in found.rows] == [
        (3, 1, False, names["ada"].pseudonym), (2, 2, False, names["bob"].pseudonym),
    ]  # fmt: skip
    assert found.rows[0].badges == ("leads", "first on the board", "2 verified entries")
    assert [(row.entry, row.rank, row.score) for row in found.waiting] == [(4, None, None)]
    assert [point.entry for point in found.verified] == [1, 2, 3]
    assert [point.entry for point in found.history] == [1, 2, 3]
    assert "ada" not in repr(found).replace(names["ada"].pseudonym, "")
