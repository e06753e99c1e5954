"""Control groups: limits that the kernel keeps, where groups may be made; and which folders they would be made in."""

import os
import subprocess
import sys
import time

import pytest

from grader import grading
from grader import task as tasks
from grader.outcome import Verdict
from grader.sandbox import ENGINES, Job, cgroups
from grader.sandbox.cgroups import Group, Place
from grader.task import Task

HOGS = "blocks = []\nwhile True: blocks.append(bytearray(2**20))"
FORKS = (
    "import os, time\nmade = 0\ntry:\n    while made < 200:\n        if os.fork() == 0: time.sleep(30); os._exit(0)\n        made += 1\n"
    "except OSError: pass\nos._exit(min(made, 99))"
)


def started(source):
    """A Python process that waits for a line before it runs `source`."""
    command = [sys.executable, "-S", "-c", f"import sys\nsys.stdin.readline()\n{source}"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


@pytest.fixture
def place():
    """Where this machine lets us make groups. Where it does not, what is laid out below is all that can be tried."""
    found = cgroups._place()
    if found is None:
        assert os.geteuid() != 0 or not os.access("/sys/fs/cgroup/memory", os.W_OK)
    return found


def test_the_kernel_ends_what_takes_more_memory(place):
    if place is None:
        return
    process = started(HOGS)
    group = cgroups.confined(process.pid, 64, 8)
    try:
        assert not group.out_of_memory()
        process.communicate(b"\n", timeout=60)
        assert process.returncode == -9
        assert group.out_of_memory()
    finally:
        process.kill()
        process.wait()
        group.remove()
    assert not any(folder.exists() for folder in group._folders.values())


def test_processes_are_counted(place):
    if place is None:
        return
    process = started(FORKS)
    group = cgroups.confined(process.pid, 256, 8)
    try:
        process.communicate(b"\n", timeout=60)
        assert 0 < process.returncode <= 8
    finally:
        with_children = [
            int(pid) for folder in group._folders.values() for pid in (folder / "cgroup.procs").read_text().split()
        ]
        for pid in set(with_children):
            os.kill(pid, 9)
        group.remove()
    assert not any(folder.exists() for folder in group._folders.values())


@pytest.mark.parametrize("name", ["forkserver", "bubblewrap"])
def test_a_box_is_in_a_group_of_its_own_and_leaves_none_behind(place, name):
    if ENGINES[name].missing() is not None:
        assert name == "bubblewrap" or sys.platform != "linux"
        return
    box = ENGINES[name].start(Job("import time; time.sleep(30)", {"PATH": "/usr/bin:/bin"}, 256, 16, 16, 64))
    group = box._group
    try:
        assert (group is None) == (place is None)
        if group is not None:
            members = (group._folders["memory"] / "cgroup.procs").read_text().split()
            assert str(box.life.pid) in members
    finally:
        box.kill()
    assert group is None or not any(folder.exists() for folder in group._folders.values())


FILES = """

def double(x):
    with open("/dev/shm/kept", "wb") as file:
        for _ in range(40):
            file.write(bytes(2**20 * 10))
            file.flush()
    return x + x
"""


@pytest.mark.parametrize("name", ["forkserver", "bubblewrap"])
def test_memory_in_files_counts_where_there_are_groups(place, tiny, handin, name):
    if place is None or ENGINES[name].missing() is not None:
        assert place is None or name == "bubblewrap"
        return
    text = tiny.toml.read_text().replace("memory_mb = 600", "memory_mb = 320").replace("tmp_mb = 32", "tmp_mb = 500")
    tiny.toml.write_text(text)
    tasks._assignment.cache_clear()
    outcome = grading.grade(Task(tiny.root, tiny.name, handin(append=FILES), "quill", 336, name, ("double",)))
    assert {test.verdict for test in outcome.tests} == {Verdict.MEMORY}, [test.message for test in outcome.tests]


def test_what_a_killed_grader_left_is_taken_away(tmp_path):
    names = ["grader-999999999-0", f"grader-{os.getpid()}-7", "grader-999999998-1", "other"]
    for name in names:
        (tmp_path / name).mkdir()
    for name in names[:2]:
        os.utime(tmp_path / name, (0, 0))
    cgroups._sweep(Place({"memory": tmp_path, "pids": tmp_path}))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])


# The newer layout, as files


@pytest.fixture
def laid_out(tmp_path):
    """A folder that looks like the newer layout, with this process in the group `/run/course`."""
    own = tmp_path / "run" / "course"
    own.mkdir(parents=True)
    (own / "cgroup.controllers").write_text("cpu memory pids\n")
    (own / "cgroup.subtree_control").write_text("memory pids\n")
    (own / "cgroup.procs").write_text(f"{os.getpid()}\n")
    return tmp_path


LINES = ["0::/run/course"]


def test_groups_are_made_below_ones_own_where_its_controllers_are_given_on(laid_out):
    (place,) = cgroups._candidates(LINES, laid_out)
    assert place == Place(dict.fromkeys(("memory", "pids"), laid_out / "run" / "course"))
    assert place.unified


def test_a_group_that_is_not_delegated_is_left_as_it_is(laid_out):
    own = laid_out / "run" / "course"
    (own / "cgroup.subtree_control").write_text("")
    assert list(cgroups._candidates(LINES, laid_out)) == []
    assert (own / "cgroup.subtree_control").read_text() == ""
    assert not (own / cgroups.OURS).exists()


def test_without_the_controllers_there_is_no_place(laid_out):
    (laid_out / "run" / "course" / "cgroup.controllers").write_text("cpu\n")
    assert list(cgroups._candidates(LINES, laid_out)) == []
    assert list(cgroups._candidates([], laid_out)) == []


def test_the_older_layout_has_a_folder_a_controller(tmp_path):
    lines = ["8:pids:/", "4:memory:/course", "0::/"]
    (place,) = cgroups._candidates(lines, tmp_path)
    assert place.folders == {"memory": tmp_path / "memory" / "course", "pids": tmp_path / "pids"}
    assert not place.unified


def test_the_newer_layout_is_given_its_limits_in_its_own_words(laid_out, monkeypatch):
    written = {}
    monkeypatch.setattr(cgroups, "_write", lambda path, value: written.update({path.name: value}))
    own = laid_out / "run" / "course"
    group = Group(Place(dict.fromkeys(("memory", "pids"), own)), 300, 20)
    assert written == {"memory.max": 300 * 2**20, "memory.swap.max": 0, "memory.oom.group": 1, "pids.max": 20}
    folder = group._folders["memory"]
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n")
    assert group.out_of_memory()
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 0\noom_kill 0\n")
    assert not group.out_of_memory()
    (folder / "memory.events").unlink()
    start = time.monotonic()
    group.remove()
    assert not folder.exists()
    assert time.monotonic() - start < cgroups.GONE_SECONDS


def test_a_child_that_ends_while_the_tree_is_moved_costs_no_group(place, monkeypatch):
    if place is None:
        return
    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    ended.wait()
    process = started("")
    monkeypatch.setattr(cgroups.memory, "tree", lambda pid: [pid, ended.pid])
    group = cgroups.confined(process.pid, 64, 8)
    try:
        assert group is not None
        assert str(process.pid) in (group._folders["memory"] / "cgroup.procs").read_text().split()
        assert cgroups.confined(ended.pid, 64, 8) is None
    finally:
        process.kill()
        process.communicate()
        group.remove()
