"""A deadline is put off by what a busy machine keeps from a hand-in, and by nothing that the hand-in does itself."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from grader import grading, patience, sandbox
from grader.patience import MOST, Patience
from grader.sandbox import processor
from grader.sandbox.processor import Use, Uses, denied
from grader.task import Task

BUSY = """
import time
_double = double
def double(x):
    while not x.numel() and time.thread_time() < 0.6:
        pass
    return _double(x)
"""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, 0.0),
        ({(1, 1): Use(5.0, 7.0)}, {(1, 1): Use(5.5, 15.0)}, 8.0),  # it waited for others
        ({(1, 1): Use()}, {(1, 1): Use(10.0, 0.0)}, 0.0),  # it ran all the time
        ({}, {(1, n): Use(10 / 3, 20 / 3) for n in range(6)}, 0.0),  # six threads kept two processors busy themselves
        ({}, {(1, n): Use(1.0, 9.0) for n in range(10)}, 5.0),  # half of what there was
        ({(1, 1): Use(1.0, 1.0)}, {(2, 2): Use(0.5, 2.0)}, 2.0),  # one has ended, another has begun
    ],
)
def test_what_was_denied_is_what_others_took(before, after, expected):
    assert denied(Uses(before), Uses(after), 10.0, 2) == pytest.approx(expected)


def test_what_ran_and_is_gone_has_run():
    waited = {(1, 1): Use(0.0, 10.0)}
    assert denied(Uses({}, {1: 3.0}), Uses(waited, {1: 13.0}), 10.0, 1) == pytest.approx(0.0)
    assert denied(Uses({}, {1: 3.0}), Uses(waited, {1: 7.0}), 10.0, 1) == pytest.approx(6.0)
    assert denied(Uses(), Uses(waited, {2: 4.0}), 10.0, 1) == pytest.approx(6.0)  # of a process that is new


STANDS_BACK = """
import os, sys, time
core = {min(os.sched_getaffinity(0))}
def child(body):
    pid = os.fork()
    if not pid:
        os.sched_setaffinity(0, core)
        body()
        os._exit(0)
    return pid
def idle():
    if sys.argv[1] == "idle":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(19)
    while True:
        pass
def work():
    while time.process_time() < 1.0:
        pass
child(idle)
input()
worker = child(work)
os.waitpid(worker, 0)
print("done", flush=True)
input()
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="only Linux tells")
@pytest.mark.parametrize("how", ["idle", "nice"])
def test_a_process_that_stands_back_behind_the_work_waits_for_nobody_else(how):
    pipe = subprocess.PIPE
    script = [sys.executable, "-c", STANDS_BACK, how]
    with subprocess.Popen(script, stdin=pipe, stdout=pipe, text=True, process_group=0) as process:
        try:
            time.sleep(0.2)
            before, begun = processor.of_tree(process.pid), time.monotonic()
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline() == "done\n"
            after, seconds = processor.of_tree(process.pid), time.monotonic() - begun
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert sum(after.gone.values()) - sum(before.gone.values()) == pytest.approx(1.0, abs=0.1)  # the worker's second
    assert max(use.waited for use in after.threads.values()) < 0.5 * seconds
    assert denied(before, after, seconds, 1) <= seconds - 1.0


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand, and what the processes have used by then."""

    class Clock:
        now, uses = 100.0, {}

    monkeypatch.setattr(patience.time, "monotonic", lambda: Clock.now)
    monkeypatch.setattr(processor, "of_tree", lambda root: Uses(dict(Clock.uses)))
    return Clock


def asked_until(clock, waiting, end, step=0.25):
    while clock.now < end:
        clock.now += step
        left = waiting.left()
    return left


def test_a_call_that_sleeps_has_its_seconds_and_no_more(clock):
    waiting = Patience(1, 10.0)
    waiting.look()
    assert asked_until(clock, waiting, 109.75) == pytest.approx(0.25)
    assert asked_until(clock, waiting, 110.0) == 0
    assert waiting.given == 0


def test_a_call_that_stood_in_line_has_its_wait_on_top(clock):
    waiting = Patience(1, 10.0)
    waiting.look()
    clock.uses = {(1, 1): Use(3.0, 7.0)}
    assert asked_until(clock, waiting, 110.0) == pytest.approx(7.0)
    clock.uses = {(1, 1): Use(5.0, 9.0)}
    assert asked_until(clock, waiting, 117.0) == pytest.approx(2.0)
    assert asked_until(clock, waiting, 119.0) <= 0


def test_a_deadline_is_not_put_off_for_ever(clock):
    waiting = Patience(1, 10.0)
    waiting.look()
    clock.uses = {(1, 1): Use(0.0, 1e6)}
    asked_until(clock, waiting, 100 + MOST * 10 - 1, step=0.5)
    assert asked_until(clock, waiting, 100 + MOST * 10) <= 0


def test_time_in_which_the_judge_stood_still_is_not_the_hand_ins(clock):
    waiting = Patience(1, 3.0)
    assert asked_until(clock, waiting, 101.0) == pytest.approx(2.0)
    clock.now += 6.0
    assert waiting.left() == pytest.approx(2.0)


def test_what_a_call_that_was_in_time_stood_in_line_is_not_its_own(clock):
    waiting = Patience(1, 10.0)
    waiting.look()
    clock.uses = {(1, 1): Use(1.0, 3.0)}
    asked_until(clock, waiting, 104.0)
    assert waiting.given == 0, "nothing was put off"
    assert waiting.settle() == pytest.approx(3.0)


def test_a_short_call_is_not_looked_into(clock):
    waiting = Patience(1, 10.0)
    clock.uses = {(1, 1): Use(0.0, 0.01)}
    clock.now += 0.01
    assert waiting.settle() == 0


def test_a_machine_that_does_not_tell_leaves_the_clock(clock, monkeypatch):
    monkeypatch.setattr(processor, "of_tree", lambda root: Uses())
    waiting = Patience(1, 10.0)
    waiting.look()
    assert asked_until(clock, waiting, 110.0) <= 0


def test_every_thread_of_every_process_is_seen():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        child = pool.apply(os.getpid)
        uses = processor.of_tree(os.getpid()).threads
        assert {os.getpid(), child} <= {pid for pid, _ in uses}
        assert any(pid == os.getpid() and thread != pid for pid, thread in uses)  # the pool's own threads
        assert all(use.ran > 0 or use.waited > 0 for use in uses.values())


def spin(begun, until):
    os.setsid()  # where the kernel shares processors out by session, each is one of its own
    begun.release()
    while not until.is_set():
        sum(range(10_000))


@pytest.mark.parametrize(("body", "verdict"), [(BUSY, "PASS"), (BUSY.replace("< 0.6", "< 1e9"), "TIMEOUT")])
def test_a_busy_machine_costs_no_verdict_and_saves_none(tiny, tiny_root, handin, body, verdict):
    toml = tiny.toml.read_text()
    tiny.toml.write_text(toml.replace("call_seconds = 3", "call_seconds = 1"))
    assert tiny.toml.read_text() != toml
    context = multiprocessing.get_context("spawn")
    begun, until = context.Semaphore(0), context.Event()
    spinning = [context.Process(target=spin, args=(begun, until)) for _ in range(3 * len(os.sched_getaffinity(0)))]
    for process in spinning:
        process.start()
    try:
        for _ in spinning:
            assert begun.acquire(timeout=60)
        task = Task(tiny_root, tiny.name, handin(append=body), "x", 1, sandbox.choose().name, problems=("double",))
        outcome = grading.grade(task)
    finally:
        until.set()
        for process in spinning:
            process.join()
    (test,) = (test for test in outcome.tests if test.name == "test_the_shape_may_be_empty")
    assert test.verdict.value == verdict, outcome.tests
    assert test.seconds > 1
    assert {test.verdict.value for test in outcome.tests} == {"PASS", verdict}
