"""The demonstration's server: what was graded before it is there is not graded again; and how it is offered."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2 as httpx
import pytest

from grader.server.errors import Unavailable
from grader.server.role import Role
from grader.server.submissions import State
from grader.server.worker import Worker
from grader.tests import course_server
from grader.tests.conftest import REPOSITORY
from grader.tests.started import SECONDS
from staff import demo_server


def nothing_is_run(*arguments, **options):
    raise Unavailable("a hand-in was to be graded again")


@pytest.mark.parametrize(("seed", "state"), [(7, State.DONE), (8, State.FAILED)])
def test_what_grader_grade_put_into_the_servers_gradebook_stands_there(tiny, handin, tmp_path, seed, state):
    data = tmp_path / "server"
    archive = Path(shutil.make_archive(str(tmp_path / "heron"), "zip", handin()))
    address = demo_server.begin(tiny.root, data, seed)
    command = [
        sys.executable, "-m", "grader", "grade", tiny.name, str(archive), "--seed", "7", "--gradebook", address,
        "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "HOME": "/tmp"}
    subprocess.run(command, cwd=tiny.root, env=environment, check=True, capture_output=True)
    with course_server.office(tiny.root, data) as office:
        course_server.sent(office, course_server.person(office, "heron"), archive)
        Worker(office, 1, run=nothing_is_run).step()
        assert course_server.rows(office)[0].state == state.value


OFFER = """
import json, sys
from pathlib import Path
from staff import demo_server
port, root, data, tokens = json.loads(sys.argv[1])
demo_server.PORT = port
sys.exit(demo_server.offer(Path(root), Path(data), tokens, ("heron",)))
"""


@pytest.fixture
def offer(tiny):
    """Starts the offer of a server with one student in it, on a free port, and gives the process and the port."""
    data = tiny.root / "build" / "server"
    data.parent.mkdir()
    with course_server.office(tiny.root, data) as office:
        tokens = {
            demo_server.INSTRUCTOR: "gr_instructor",
            "heron": office.accounts.add("heron", Role.STUDENT, actor=""),
        }
    started = []

    def start(terminal):
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
        told = json.dumps([port, str(tiny.root), str(data), tokens])
        process = subprocess.Popen(
            [sys.executable, "-c", OFFER, told], stdin=terminal, stdout=terminal, stderr=subprocess.STDOUT,
            cwd=tiny.root, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process, port, tokens["heron"]

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS)
        if process.stdout is not None:
            process.stdout.close()
        if process.stdin is not None:
            process.stdin.close()


def read_until(terminal, said, pattern):
    """Add to `said` what comes from the terminal until the pattern is in it."""
    deadline = time.monotonic() + SECONDS
    while not re.search(pattern, "".join(said)):
        assert time.monotonic() < deadline, "".join(said)
        said.append(os.read(terminal, 2**16).decode())


@pytest.mark.parametrize("answer", ["\n", "y\n"])
def test_on_a_terminal_the_server_is_offered_and_started(offer, answer):
    terminal, theirs = os.openpty()
    process, port, token = offer(theirs)
    os.close(theirs)
    said = []
    read_until(terminal, said, r"start it now\? \[Y/n\]")
    os.write(terminal, answer.encode())
    read_until(terminal, said, rf"listening on http://127\.0\.0\.1:{port}")
    found = httpx.get(f"http://127.0.0.1:{port}/api/hand-ins", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert found.status_code == 200
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(SECONDS) == 0
    os.close(terminal)


def test_on_a_terminal_no_is_an_answer(offer):
    terminal, theirs = os.openpty()
    process, *_ = offer(theirs)
    os.close(theirs)
    said = []
    read_until(terminal, said, r"start it now\? \[Y/n\]")
    os.write(terminal, b"no\n")
    assert process.wait(SECONDS) == 0
    assert "listening" not in "".join(said)
    os.close(terminal)


def test_without_a_terminal_the_one_command_and_the_tokens_are_said(offer):
    process, port, token = offer(subprocess.PIPE)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert f"grader serve --data build/server --port {port}\n" in said.decode()
    assert re.search(rf"heron +{re.escape(token)}\n", said.decode())
    assert "start it now" not in said.decode()
