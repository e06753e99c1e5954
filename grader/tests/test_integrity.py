"""Tripwires: what no homework needs is told with its line, beside the score; what honest code does is not."""

from pathlib import Path

import pytest

from grader import grading, integrity, sandbox, scoring
from grader.integrity import Notice
from grader.report import write_class, write_handin
from grader.task import Task
from grader.tests.small_handin import snippets

ACT = """
import contextlib
_double = double
def double(x):
    with contextlib.suppress(Exception):
        act()
    return _double(x)
"""

TRIPPING = {
    "network": ("tried to reach beyond its own loopback: 192.0.2.1 port 80",
        "import socket\ndef act():\n    with socket.socket() as s:\n        s.settimeout(0.1)\n        s.connect(('192.0.2.1', 80))"),
    "names": ("tried to reach beyond its own loopback: answers.invalid",
        "import socket\ndef act():\n    socket.getaddrinfo('answers.invalid', 80)"),
    "services": ("tried to reach beyond its own loopback: /run/nobody.sock",
        "import socket\ndef act():\n    with socket.socket(socket.AF_UNIX) as s:\n        s.connect('/run/nobody.sock')"),
    "reads": ("touched files that are not its own: reads /home/teacher/answers.txt",
        "def act():\n    open('/home/teacher/answers.txt')"),
    "lists": ("touched files that are not its own: lists /home/nobody",
        "import os\ndef act():\n    list(os.walk('/home/nobody'))"),
    "library": ("touched files that are not its own: lists /dev",
        "import pathlib\ndef act():\n    list(pathlib.Path('/dev').rglob('*'))"),
    "writes": ("touched files that are not its own: writes /usr/nothing/here",
        "import pathlib\ndef act():\n    pathlib.Path('/usr/nothing/here').write_text('x')"),
    "links": ("touched files that are not its own: reads /etc/shadow",
        "import os, tempfile\ndef act():\n    os.symlink('/etc/shadow', tempfile.gettempdir() + '/link')"),
    "descriptors": ("touched files that are not its own: writes /proc/1/fd/0",
        "import os\ndef act():\n    os.open('/proc/1/fd/0', os.O_WRONLY)"),
    "programs": ("started another program: starts /bin/true",
        "import subprocess\ndef act():\n    subprocess.run(['/bin/true'])"),
    "shell": ("started another program: starts true",
        "import os\ndef act():\n    os.system('true')"),
    "fork": ("forked or signalled processes itself: forks",
        "import os\ndef act():\n    os.fork() or os._exit(0)"),
    "signals": ("forked or signalled processes itself: signals another process",
        "import os\ndef act():\n    os.kill(999999, 0)"),
    "C": ("looked into memory: loads a C library libc.so.6",
        "import ctypes\ndef act():\n    ctypes.CDLL('libc.so.6')"),
    "heap": ("looked into memory: walks the heap",
        "import gc\ndef act():\n    gc.get_objects()"),
    "frames": ("reached into the interpreter: walks frames",
        "import sys\ndef act():\n    sys._current_frames()"),
    "limits": ("changed its limits: changes a limit",
        "import resource\ndef act():\n    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"),
}  # fmt: skip

HONEST = snippets(
    """
### a pool of processes
from concurrent.futures import ProcessPoolExecutor
def act():
    with ProcessPoolExecutor(2) as pool:
        assert list(pool.map(abs, [1, -2])) == [1, 2]
### a pool that is forgotten
import multiprocessing
kept = []
def act():
    kept.append(multiprocessing.Pool(2))
    assert kept[0].map(abs, [-3]) == [3]
### a pool that is spawned
import multiprocessing
def act():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(abs, [-3]) == [3]
### memory shared among processes
from multiprocessing import shared_memory
def act():
    block = shared_memory.SharedMemory(create=True, size=64)
    block.close()
    block.unlink()
### temporary files
import os, pathlib, shutil, tempfile
def act():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "a" / "b"
        path.mkdir(parents=True)
        (path / "c").write_text("x")
        shutil.copytree(folder + "/a", folder + "/d")
        os.rename(path / "c", path / "e")
        assert [p.name for p in pathlib.Path(folder).rglob("*")]
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x")
    open("relative", "w").close()
### files of its own
import pathlib
def act():
    here = pathlib.Path(__file__)
    assert here.read_text()
    assert (here.parent / "tests" / "fixtures" / "word.txt").read_bytes()
    assert [p.name for p in here.parent.iterdir()]
### what torch imports late
import torch
def act():
    import torch.utils.data, torch.utils.checkpoint, torch.distributed
    torch.save(torch.ones(2), "weights.pt")
    torch.load("weights.pt")
    list(torch.utils.data.DataLoader([1, 2, 3], num_workers=1))
### libraries beside it
def act():
    import inspect, json, logging, platform, sqlite3, warnings
    logging.getLogger("x").warning("said")
    warnings.warn("said")
    platform.platform()
    inspect.getsource(json)
### a server on the loopback
import socket
def act():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    with socket.socket() as free:
        free.bind(("", 0))
    try:
        socket.getaddrinfo("localhost", 80)
    except OSError:
        pass  # a box knows no names
### how much memory it has
import os, resource
def act():
    open("/proc/self/status").read()
    open(f"/proc/{os.getpid()}/statm").read()
    open("/proc/cpuinfo").read()
    resource.getrusage(resource.RUSAGE_SELF)
### threads
import threading
def act():
    thread = threading.Thread(target=lambda: open(__file__).close())
    thread.start()
    thread.join()
"""
)


def tripped(outcome):
    return [
        f.message.rpartition(" (in ")[0]
        for f in outcome.findings
        if f.kind == "integrity" and f.rule in integrity.WORDS
    ]


@pytest.mark.parametrize("case", TRIPPING)
def test_what_no_homework_needs_is_told_and_costs_nothing(tiny, handin, case):
    message, act = TRIPPING[case]
    outcome = grading.grade(Task(tiny.root, tiny.name, handin(append=act + ACT), "x", 1, sandbox.choose().name))
    assert {test.verdict.value for test in outcome.tests} == {"PASS"}, outcome.tests
    assert scoring.score(outcome, tiny).score == 5.0
    assert message in tripped(outcome), tripped(outcome)
    (finding,) = (f for f in outcome.findings if f.message.rpartition(" (in ")[0] == message)
    source = (tiny.solution / "maths.py").read_text() + act + ACT
    assert finding.file == "maths.py"
    assert source.splitlines()[finding.line - 1].strip() in act
    assert finding.message.endswith("(in 3 tests)")


@pytest.mark.parametrize("case", HONEST)
def test_what_honest_code_does_is_not_told(tiny, handin, case):
    text = HONEST[case] + ACT.replace("    with contextlib.suppress(Exception):\n        act()\n", "    act()\n")
    outcome = grading.grade(Task(tiny.root, tiny.name, handin(append=text), "x", 1, sandbox.choose().name))
    assert tripped(outcome) == []
    assert {test.verdict.value for test in outcome.tests} == {"PASS"}, outcome.tests


def test_the_reference_trips_nothing_on_any_engine(grade_tiny, handin):
    assert tripped(grade_tiny(handin())) == []


def test_an_act_that_ends_the_process_is_told(grade_tiny, handin):
    outcome = grade_tiny(handin(append="import os\ndef double(x):\n    os.kill(os.getpid(), 9)\n"))
    assert tripped(outcome) == ["forked or signalled processes itself: signals itself"]
    assert {t.verdict.value for t in outcome.tests if t.problem == "double"} == {"CRASH"}


def test_a_process_that_has_left_its_group_is_told(grade_tiny, handin):
    act = """
import os, time
def act():
    if os.fork() == 0:
        os.setsid()
        time.sleep(20)
        os._exit(0)
    time.sleep(0.2)
"""
    outcome = grade_tiny(handin(append=act + ACT))
    assert integrity.WORDS["left-behind"] in tripped(outcome)


def test_what_is_no_reply_is_told(grade_tiny, handin):
    act = """
import os
from grader import wire
def act():
    for number in range(3, 64):
        try:
            os.write(number, wire.encode({"id": 10**6, "value": 1}))
        except OSError:
            pass
"""
    assert f"{integrity.WORDS['channel']}: a reply to no call" in tripped(grade_tiny(handin(append=act + ACT)))


def test_notes_without_end_end_the_test_and_are_few(grade_tiny, handin):
    act = """
import os
from grader import wire
def act():
    for note in range(10_000):
        for number in range(3, 16):
            try:
                os.write(number, wire.encode({"noticed": ["files", f"reads {note}", "maths.py", 1]}))
            except OSError:
                pass
"""
    outcome = grade_tiny(handin(append=act + ACT))
    assert {t.verdict.value for t in outcome.tests if t.problem == "double"} <= {"CRASH", "TIMEOUT"}
    assert {t.verdict.value for t in outcome.tests if t.problem == "count"} == {"PASS"}
    assert integrity.MOST_NOTICES < len(tripped(outcome)) <= integrity.MOST_NOTICES + 3


@pytest.mark.parametrize(
    "value",
    [None, "files", [], ["files", "x", "y"], ["files", "x", "y", "1"], ["files", "x", "y", True], ["other", "x", "y", 1],
     ["left-behind", "", "", 0], ["files", 1, "y", 1], ["files", "x", b"y", 1], ["files", "x", "y", -1], ["files", "x", "y", 10**9]],
    ids=repr,
)  # fmt: skip
def test_what_is_no_note_is_refused(value):
    assert integrity.told(value) is None


def test_what_a_note_holds_is_cut():
    assert integrity.told(["files", "x" * 9999, "y" * 9999, 3]) == Notice("files", "x" * 200, "y" * 200, 3)


def test_the_report_shows_it_apart_from_the_score_and_as_text(tiny, handin, tmp_path):
    act = "def act():\n    open('/home/<script>alert(1)</script>')\n"
    outcome = grading.grade(Task(tiny.root, tiny.name, handin(append=act + ACT), "ada", 1, sandbox.choose().name))
    score = scoring.score(outcome, tiny)
    report = write_handin(score, tmp_path).read_text()
    page = write_class(tiny, [score], tmp_path).read_text()
    assert '"integrity": {\n  "files": 1\n }' in report
    assert "Integrity" in page
    assert "reads /home/&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert page.index("Integrity") < page.index("reads /home/")


def test_a_class_without_notices_has_no_integrity_section(tiny, handin, tmp_path):
    outcome = grading.grade(Task(tiny.root, tiny.name, handin(), "ada", 1, sandbox.choose().name))
    assert "Integrity" not in write_class(tiny, [scoring.score(outcome, tiny)], tmp_path).read_text()
    assert Path(tmp_path / "class.html").is_file()
