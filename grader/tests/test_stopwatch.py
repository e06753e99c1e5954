"""What a hand-in leaves running does not slow down the yardstick that it is timed against."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from grader import overlay, sandbox
from grader.policy import Policy
from grader.submission import Submission
from grader.testing.stopwatch import Stopwatch

BUSY = """
_double = double
def double(x):
    import os
    for _ in range(3):
        if os.fork() == 0:
            while True:
                pass
    return _double(x)
"""


def test_the_yardstick_runs_while_the_other_side_stands_still():
    told = []

    @contextlib.contextmanager
    def still() -> Iterator[None]:
        told.append("still")
        yield
        told.append("on")

    watch = Stopwatch(still, lambda: 0.0)
    watch.ratio(lambda n: told.append(f"student {n}"), lambda n: told.append(f"yardstick {n}"), enough=0)
    rounds = [[f"student {n}", "still", f"yardstick {n}", "on"] for n in range(Stopwatch.most)]
    assert told == [word for words in rounds for word in words]


def test_what_a_busy_machine_took_is_not_the_students():
    taken = iter([0.0, 0.18, 0.18, 0.36])
    watch = Stopwatch(contextlib.nullcontext, lambda: next(taken))

    def work(number):
        end = time.process_time() + 0.04
        while time.process_time() < end:
            pass

    ratio = watch.ratio(lambda number: time.sleep(0.2), work, enough=10.0)
    assert ratio < 3, "of 0.2 s, 0.02 are left, against 0.04"


def test_every_process_of_a_box_stops_and_goes_on(tiny, handin, engine, tmp_path):
    tree = overlay.build(tiny, handin(append=BUSY), tmp_path / "tree")
    guard = Policy.from_table(tiny.policy, tiny.toml).for_guard()
    submission = Submission(tiny, tree.root, sandbox.ENGINES[engine], guard)
    try:
        submission.begin("double")
        submission.call("adapters", "run_double", (1.0,), {})
        processes = submission.processes()
        assert len(processes) >= 4
        with submission.still():
            wait_until(lambda: set(map(state, processes)) == {"T"})
        wait_until(lambda: "T" not in map(state, processes))
        submission.end()
    finally:
        submission.close()


def state(process: int) -> str:
    """The letter that /proc has for what a process does: `T` for one that is stopped."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def wait_until(true: Callable[[], bool]) -> None:
    """Return once the condition holds."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)
