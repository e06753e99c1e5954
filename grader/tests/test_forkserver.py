"""The fork server: what boxes share, what they do not, and what becomes of a server that is killed or changed."""

import os
import select
import signal
import time

import pytest

from grader import sandbox
from grader.errors import SandboxError
from grader.sandbox import forkserver, memory
from grader.sandbox.box import Job
from grader.sandbox.box_server import Joined, Process
from grader.sandbox.forkserver import Forkserver

HAS = Forkserver().missing()
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "TMPDIR": "/tmp", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
WAIT = "import sys; print('up', flush=True); sys.stdin.read()"


@pytest.fixture
def engine():
    assert HAS is None, f"this machine cannot test the fork server: {HAS}"
    made = Forkserver()
    yield made
    made.close()


def job(source: str, **more) -> Job:
    return Job(source, ENVIRONMENT, **{"memory_mb": 512, "processes": 16, "tmp_mb": 16, "open_files": 64, **more})


def said(box, seconds: float = 20.0) -> str:
    """All that a box prints until it ends."""
    deadline, text = time.monotonic() + seconds, b""
    while time.monotonic() < deadline:
        select.select([box.output], [], [], 0.2)
        piece = box.output.read(10_000)
        text += piece or b""
        if piece == b"":
            break
    end = box.wait(seconds)
    box.kill()
    return f"{text.decode()}[{end}]"


def only_server(engine):
    (server,) = engine._servers.values()
    return server


def test_what_is_warm_is_imported_once_and_boxes_share_no_state(engine):
    source = "import sys, decimal; decimal.mark = getattr(decimal, 'mark', 0) + 1; print('uuid' in sys.modules, decimal.mark)"
    boxes = [said(engine.start(job(source, warm="import uuid, decimal"))) for _ in range(3)]
    assert boxes == ["True 1\n[exit code 0]"] * 3
    assert only_server(engine).started == 3


def test_a_box_holds_nothing_of_the_judge(engine):
    source = (
        "import sys; print(sorted(name for name in sys.modules if name.startswith('grader')), 'torch' in sys.modules)"
    )
    inside = ["confine", "enter", "landlock", "linux", "mounts", "seccomp", "server"]
    names = ["grader", "grader.sandbox", "grader.sandbox.inside", *(f"grader.sandbox.inside.{name}" for name in inside)]
    assert said(engine.start(job(source))) == f"{sorted(names)} False\n[exit code 0]"


def test_jobs_with_other_libraries_have_another_server(engine):
    for warm in ("import uuid", "import decimal", "import uuid"):
        said(engine.start(job("pass", warm=warm)))
    assert sorted(server.started for server in engine._servers.values()) == [1, 2]


def test_an_exit_code_and_an_exception_are_told(engine):
    assert said(engine.start(job("raise SystemExit(9)"))) == "[exit code 9]"
    assert said(engine.start(job("1 / 0"))).endswith("ZeroDivisionError: division by zero\n[exit code 1]")


def test_a_server_is_replaced_after_some_boxes_but_never_under_a_living_one(engine, monkeypatch):
    monkeypatch.setattr(forkserver, "BOXES", 2)
    first = engine.start(job(WAIT))
    server = only_server(engine)
    said(engine.start(job("pass")))
    said(engine.start(job("pass")))
    assert only_server(engine) is server
    assert first.ended() is None
    first.kill()
    said(engine.start(job("pass")))
    assert only_server(engine) is not server
    assert server._process._process.poll() is not None


def test_a_killed_server_is_started_anew_and_its_boxes_are_our_loss(engine):
    box = engine.start(job(WAIT))
    server = only_server(engine)
    os.kill(server._process._process.pid, signal.SIGKILL)
    server._process._process.wait()
    select.select([box.channel], [], [], 20)  # hangs up when the box is gone
    time.sleep(0.1)
    with pytest.raises(SandboxError, match="killed from outside"):
        box.ended()
    box.kill()
    assert said(engine.start(job("print(2)"))) == "2\n[exit code 0]"


def test_a_server_that_has_changed_is_replaced(engine):
    # The change is made by the warm code itself, later than the server looks: a signal stands for any late import.
    warm = "import signal; signal.signal(signal.SIGUSR1, lambda *a: __import__('sys').modules.update(late=signal))"
    said(engine.start(job("pass", warm=warm)))
    server = only_server(engine)
    os.kill(server._process._process.pid, signal.SIGUSR1)
    time.sleep(0.3)
    assert said(engine.start(job("import sys; print('late' in sys.modules)", warm=warm))) == "False\n[exit code 0]"
    assert only_server(engine) is not server


def test_killing_a_box_ends_all_its_processes(engine):
    box = engine.start(job("import os, time\nfor _ in range(3): os.fork()\nprint(1, flush=True)\ntime.sleep(60)"))
    select.select([box.output], [], [], 10)
    deadline = time.monotonic() + 10
    while len(memory.tree(box.life.pid)) < 8 and time.monotonic() < deadline:
        time.sleep(0.02)
    pids = memory.tree(box.life.pid)
    assert len(pids) == 8
    box.kill()
    assert [pid for pid in pids if os.path.exists(f"/proc/{pid}")] == []


def test_a_library_that_cannot_be_imported_is_told_in_one_error(engine):
    with pytest.raises(SandboxError, match=r"did not start: .*No module named 'no_such_library'"):
        engine.start(job("pass", warm="import no_such_library"))


def test_the_best_engine_is_the_default():
    assert sandbox.choose().name == "forkserver"


@pytest.mark.parametrize("depth", [0, 60])  # beyond what the address of a socket can hold
def test_an_offered_server_forks_servers_for_those_who_join_and_goes_with_the_offer(tmp_path, depth):
    source = "import os, sys; print(os.getppid(), 'uuid' in sys.modules)"
    wanted = job(source, warm="import uuid")
    first, second, other = Forkserver(), Forkserver(), Forkserver()
    folder = tmp_path.joinpath(*["deep"] * depth)
    folder.mkdir(parents=True, exist_ok=True)
    for engine in (first, second, other):
        engine.join(folder)
    try:
        with Forkserver().offered(wanted, folder):
            for engine in (first, second, first):
                assert said(engine.start(wanted)) == "0 True\n[exit code 0]"
            assert {type(only_server(engine)._process) for engine in (first, second)} == {Joined}
            assert only_server(first).started == 2
            assert said(other.start(job(source))) == "0 False\n[exit code 0]"  # asks for another kind of server
            assert type(only_server(other)._process) is Process
            living = first.start(job(WAIT, warm="import uuid"))
            assert living.output.read(1) or select.select([living.output], [], [], 20)[0]
        with pytest.raises(SandboxError, match="killed from outside"):  # no box outlives the offer
            living.wait(20)
        living.kill()
        assert said(first.start(wanted)) == "0 True\n[exit code 0]"  # by a server of its own
        assert type(only_server(first)._process) is Process
    finally:
        for engine in (first, second, other):
            engine.close()


def test_an_offer_that_cannot_start_is_told_by_a_server_of_ones_own(engine, tmp_path):
    engine.join(tmp_path)
    wanted = job("pass", warm="import no_such_library")
    with (
        Forkserver().offered(wanted, tmp_path),
        pytest.raises(SandboxError, match=r"did not start: .*No module named 'no_such_library'"),
    ):
        engine.start(wanted)
