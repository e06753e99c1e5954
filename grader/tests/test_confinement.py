"""What a hand-in can see and reach inside the isolating engines: its own tree, the system read-only, nothing else."""

import json
import platform
import sys

import pytest

from grader import grading, sandbox
from grader.boxes import WORKER_FILES
from grader.sandbox.inside import seccomp
from grader.task import Task

# The engine `container` has tests of its own, which need no container engine.
ISOLATING = [name for name, engine in sandbox.ENGINES.items() if engine.isolating and name != "container"]

REFUSED = ("ptrace", "process_vm_readv", "mount", "setns", "keyctl", "bpf", "perf_event_open", "userfaultfd", "reboot")
OWN_FILES = {f"/worker/grader/{name}" for name in WORKER_FILES}

LOOK = """
import json
def double(x):
    raise ValueError("@" + json.dumps(look()) + "@")
"""


@pytest.fixture(params=ISOLATING)
def look(request, tiny, handin):
    """Runs the body of a function `look()` in the sandbox and returns what it returned."""
    missing = sandbox.ENGINES[request.param].missing()
    assert missing is None, f"this machine cannot test the sandbox: {missing}"

    def looked(code: str) -> object:
        submission = handin(append=code + LOOK)
        outcome = grading.grade(Task(tiny.root, tiny.name, submission, "look", 1, request.param))
        return json.loads(outcome.tests[0].message.split("@")[1])

    return looked


def test_no_test_snapshot_hidden_test_or_repository_can_be_found(look, repository, tiny):
    (tiny.folder / "tests" / "snapshots" / "double").mkdir(parents=True)
    (tiny.folder / "tests" / "snapshots" / "double" / "answer.json").write_text("[]")
    found = look(
        """
import os
def look():
    files = []
    for folder, folders, names in os.walk("/"):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in ("/proc", "/usr", "/sys") and f not in ("site0", "site1")
                      and not os.path.join(folder, f).startswith("PYTHON")]
        files += [os.path.join(folder, name) for name in names]
    return [f for f in files if not f.startswith(("/dev/", "/etc/"))][:500]
""".replace("PYTHON", sys.base_prefix)
    )
    assert any(path == "/course/assignment0_tiny/maths.py" for path in found)
    assert any(path == "/course/assignment0_tiny/tests/fixtures/word.txt" for path in found)
    for path in found:
        assert "snapshots" not in path
        assert "hidden" not in path
        assert "test_" not in path
        assert not path.startswith(str(repository))
    assert {path for path in found if not path.startswith("/course/")} <= {"/enter.py", *OWN_FILES}


def test_the_hidden_test_cannot_be_found_by_its_contents(look):
    found = look(
        """
import subprocess
def look():
    word = "hidden-" + "otter"
    result = subprocess.run(["grep", "-rslI", word, "/course", "/tmp", "/dev", "/etc"], capture_output=True, text=True)
    return [path for path in result.stdout.split() if not path.endswith("maths.py")]
"""
    )
    assert found == []


def test_nothing_but_the_temporary_folders_can_be_written(look):
    written = look(
        """
import os, sys
def look():
    done = []
    for folder in ("/", "/course", "/course/assignment0_tiny", "/usr", "/etc", "/dev", sys.base_prefix, "/proc/sys/kernel",
                   os.path.dirname(__import__("torch").__file__)):
        try:
            open(os.path.join(folder, "mark"), "w").close()
            done.append(folder)
        except OSError:
            pass
    return done
"""
    )
    assert written == []


def test_the_temporary_folder_is_limited_in_size(look):
    assert look(
        """
def look():
    try:
        for number in range(64):
            with open(f"/tmp/{number}", "wb") as file:
                file.write(bytes(2**20))
    except OSError as error:
        return [error.errno, number]
    return None
"""
    ) in ([28, 31], [28, 32])


def test_only_a_loopback_of_its_own_is_there(look):
    result = look(
        """
import socket
def look():
    names = sorted(line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:])
    server = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(server.getsockname(), timeout=2).close()
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=2)
        return [names, "connected"]
    except OSError as error:
        return [names, type(error).__name__]
"""
    )
    assert result[0] == ["lo"]
    assert result[1] != "connected"


def test_no_other_process_can_be_seen_and_the_first_cannot_be_read_or_killed(look):
    result = look(
        """
import os, signal
def look():
    pids = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
    told = []
    for name in ("environ", "mem", "fd"):
        try:
            os.listdir("/proc/1/fd") if name == "fd" else open(f"/proc/1/{name}", "rb").read(1)
            told.append(name)
        except OSError:
            pass
    try:
        os.kill(1, signal.SIGKILL)
    except OSError:
        pass
    return [len(pids), told]
"""
    )
    assert result == [3, []]  # the worker's first process, the one that imported the hand-in, and this one


def test_the_environment_and_the_user_say_nothing(look, monkeypatch):
    monkeypatch.setenv("COURSE_TOKEN", "secret-of-the-course")
    environment, user, capabilities = look(
        """
import os
def look():
    status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
    return [dict(os.environ), os.getuid(), [status[key].strip() for key in ("CapEff", "CapPrm", "CapBnd", "NoNewPrivs")]]
"""
    )
    assert "COURSE_TOKEN" not in environment
    assert user != 0
    assert capabilities[:2] == ["0" * 16] * 2
    assert capabilities[3] == "1"


def test_the_limits_cannot_be_raised(look):
    assert (
        look(
            """
import resource
def look():
    raised = []
    for name in ("RLIMIT_DATA", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_CORE"):
        try:
            resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            raised.append(name)
        except (ValueError, OSError):
            pass
    return raised
"""
        )
        == []
    )


def test_a_fork_bomb_stops_at_the_limit(look):
    count = look(
        """
import os, time
def look():
    for count in range(200):
        try:
            if os.fork() == 0:
                time.sleep(20)
                os._exit(0)
        except OSError:
            return count
    return 200
"""
    )
    assert 5 < count < 24


def test_only_the_channel_and_the_standard_streams_are_open(look):
    links = look(
        """
import os
def look():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink(f"/proc/self/fd/{name}").split(":")[0]
        except OSError:
            pass
    return found
"""
    )
    assert sorted(links.values()) in (
        ["/dev/null", "pipe", "pipe", "socket"],
        ["/dev/null", "/proc/2/fd", "pipe", "pipe", "socket"],
    )


def test_the_trusted_side_of_grading_imports_no_hand_in(tiny, handin, engine):
    grading.grade(Task(tiny.root, tiny.name, handin(), "x", 1, engine))
    assert [name for name in sys.modules if name.startswith("assignment0_tiny") and ".tests" not in name] in (
        [],
        ["assignment0_tiny"],
    )


def test_system_calls_that_no_homework_needs_are_refused(look):
    numbers = {name: seccomp.DENIED[name][seccomp.MACHINES[platform.machine()][1]] for name in REFUSED}
    found = look(
        f"""
import ctypes, errno, socket
def look():
    libc, found = ctypes.CDLL(None, use_errno=True), {{}}
    for name, number in {numbers!r}.items():
        ctypes.set_errno(0)
        found[name] = [libc.syscall(number, 0, 0, 0, 0, 0), errno.errorcode.get(ctypes.get_errno())]
    try:
        socket.socket(17, socket.SOCK_RAW)
    except OSError as error:
        found["AF_PACKET"] = [-1, errno.errorcode[error.errno]]
    return found
"""
    )
    assert found == {name: [-1, "EPERM"] for name in (*numbers, "AF_PACKET")}


def test_a_new_user_namespace_cannot_be_had(look):
    assert look(
        """
import ctypes, errno
def look():
    libc = ctypes.CDLL(None, use_errno=True)
    return [libc.unshare(0x10000000), errno.errorcode[ctypes.get_errno()], libc.chroot(b"/tmp"), open("/proc/self/uid_map").read().split()]
"""
    )[:3] == [-1, "EPERM", -1]
