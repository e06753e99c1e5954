"""`kill -9` of the server, its worker or the database among uploads: nothing that was acknowledged is lost or doubled."""

import os
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx2 as httpx
import pytest

from grader.server.office import Office
from grader.server.role import Role
from grader.server.settings import Settings
from grader.tests import postgresql
from grader.tests.course_server import PLENTY, office, rows, server, zipped
from grader.tests.started import SECONDS

PLENTIFUL = ("--requests-per-minute", 10**9, "--uploads-per-minute", 10**9, "--lost-after", 2)


def upload(http, token, number):
    """The number that was acknowledged, or None where nothing was."""
    content = zipped({"adapters.py": f"x = {number}\n"})
    try:
        answer = http.post(
            "/api/hand-ins", headers={"Authorization": f"Bearer {token}"}, data={"assignment": "assignment0_tiny"},
            files={"file": ("work.zip", content)},
        )  # fmt: skip
    except httpx.TransportError:
        return None
    assert answer.status_code in (200, 202, 503), answer.text
    return answer.json()["id"] if answer.status_code != 503 else None


def flood(url, tokens, enough):
    """Upload from all at once until `enough` is set; what was acknowledged, by its number."""
    acknowledged, lock = {}, threading.Lock()

    def student(token):
        with httpx.Client(base_url=url, timeout=60) as http:
            for number in range(4):
                found = upload(http, token, number)
                if found is not None:
                    with lock:
                        acknowledged[found] = (token, number)
                        if len(acknowledged) >= len(tokens):
                            enough.set()

    with ThreadPoolExecutor(len(tokens)) as threads:
        list(threads.map(student, tokens))
    return acknowledged


def check(opened, tokens, acknowledged):
    """Every acknowledged one is there with its file, and nothing is there twice."""
    found = {row.id: row for row in rows(opened)}
    assert acknowledged
    for number in acknowledged:
        assert number in found, f"submission {number} was acknowledged, and is lost"
    contents = Counter((row.account_id, row.sha256) for row in found.values())
    assert max(contents.values()) == 1
    for row in found.values():
        path = opened.settings.uploads / row.sha256[:2] / row.sha256 / row.file_name
        assert path.stat().st_size == row.size


def test_a_server_that_is_killed_among_uploads_keeps_what_it_acknowledged(tiny, tmp_path):
    with office(tiny.root, tmp_path / "data", **PLENTY) as opened:
        tokens = [opened.accounts.add(f"student{number}", Role.STUDENT, actor="test") for number in range(8)]
    enough = threading.Event()
    served = server(tiny.root, tmp_path / "data", "--no-worker", *PLENTIFUL)
    with served as (started, url), ThreadPoolExecutor(1) as beside:
        killing = beside.submit(lambda: (enough.wait(SECONDS), started.kill()))
        acknowledged = flood(url, tokens, enough)
        enough.set()
        killing.result()
    with closing(Office(Settings(tiny.root, tmp_path / "data"))) as opened:
        check(opened, tokens, acknowledged)


def test_a_database_that_is_killed_among_uploads_keeps_what_was_acknowledged(tiny, tmp_path):
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user must get at its folder in it
        with postgresql.server(Path(folder) / "server") as address:
            with office(tiny.root, tmp_path / "data", address, **PLENTY) as opened:
                tokens = [opened.accounts.add(f"student{number}", Role.STUDENT, actor="test") for number in range(8)]
            enough = threading.Event()
            options = ("--no-worker", *PLENTIFUL, "--database", address)
            with server(tiny.root, tmp_path / "data", *options) as (_, url):
                with ThreadPoolExecutor(1) as beside:
                    killing = beside.submit(lambda: (enough.wait(SECONDS), kill_backends(Path(folder))))
                    acknowledged = flood(url, tokens, enough)
                    enough.set()
                    killing.result()
                with httpx.Client(base_url=url, timeout=60) as http:
                    after = until(lambda: upload(http, tokens[0], 99))
                acknowledged[after] = (tokens[0], 99)
            with closing(Office(Settings(tiny.root, tmp_path / "data"), address)) as opened:
                check(opened, tokens, acknowledged)


def kill_backends(folder):
    """Kill the processes that serve connections; PostgreSQL then throws all others out, and recovers as from a crash."""
    postmaster = int((folder / "server" / "data" / "postmaster.pid").read_text().splitlines()[0])
    killed = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            command = (path.parent / "cmdline").read_text()
        except OSError:
            continue
        if parent == postmaster and "grader postgres" in command:
            os.kill(int(path.parent.name), signal.SIGKILL)
            killed += 1
    assert killed, "no process of PostgreSQL served a connection"


def until(found):
    """What `found` gives once it gives something."""
    deadline = time.monotonic() + SECONDS
    while (value := found()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return value


@pytest.mark.slow
def test_a_server_and_worker_that_are_killed_while_grading_grade_everything_once(tiny, handin, tmp_path):
    with office(tiny.root, tmp_path / "data", **PLENTY) as opened:
        tokens = [opened.accounts.add(f"student{number}", Role.STUDENT, actor="test") for number in range(3)]
    files = [
        Path(shutil.make_archive(str(tmp_path / f"work{number}"), "zip", handin(append=f"\n# {number}\n")))
        for number in range(3)
    ]
    options = (*PLENTIFUL, "--jobs", 1)
    with (
        server(tiny.root, tmp_path / "data", *options) as (started, url),
        httpx.Client(base_url=url, timeout=60) as http,
    ):
        for token, file in zip(tokens, files, strict=True):
            answer = http.post(
                "/api/hand-ins", headers={"Authorization": f"Bearer {token}"}, data={"assignment": tiny.name},
                files={"file": (file.name, file.read_bytes())},
            )  # fmt: skip
            assert answer.status_code == 202
        with closing(Office(Settings(tiny.root, tmp_path / "data"))) as opened:
            until(lambda: any(row.state != "queued" for row in rows(opened)) or None)
        started.kill()
    again = server(tiny.root, tmp_path / "data", *options)
    with again, closing(Office(Settings(tiny.root, tmp_path / "data"))) as opened:
        until(lambda: all(row.state == "done" for row in rows(opened)) or None)
        assert [(row.number, row.score) for row in rows(opened)] == [(1, 5.0)] * 3
        done = [deed.subject for deed in opened.audit.deeds() if deed.action == "hand-in done"]
        assert sorted(done) == ["student0-1", "student1-1", "student2-1"]
