"""A hand-in is imported once for all its tests where that changes nothing a test could see, else once a test."""

import time

import pytest

from grader import overlay, sandbox
from grader.errors import SubmissionError
from grader.policy import Policy
from grader.submission import Submission

IMPORTED = """
import time
_imported, _calls = time.monotonic_ns(), []
def double(x):
    _calls.append(x)
    assert len(_calls) == 1, "an earlier test left its state"
    return _imported
"""

LEAVES = {
    "a_thread": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
    "an_open_file": "_file = open(__file__)",
    "a_file": "import os\nopen(os.path.join(os.environ['TMPDIR'], 'notes'), 'w').close()",
    "memory_for_others": "import mmap\n_shared = mmap.mmap(-1, 4096)",
    "a_process": "import os, time\nif os.fork() == 0:\n    time.sleep(60)\n    os._exit(0)",
    "a_note_to_staff": "import os\ntry:\n    os.listdir('/root')\nexcept OSError:\n    pass",
}


@pytest.fixture
def asked(tiny, handin, engine, tmp_path):
    """Calls `double` of a hand-in once in each of some tests; None where the call failed."""

    def calls(code, tests=3, between=lambda: None, repository=()):
        folder = handin(append=IMPORTED + code)
        for name in repository:
            (folder / "repository" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "repository" / name).write_text("kept")
        tree = overlay.build(tiny, folder, tmp_path / "tree")
        submission = Submission(
            tiny, tree.root, sandbox.ENGINES[engine], Policy.from_table(tiny.policy, tiny.toml).for_guard()
        )
        found = []
        try:
            for _ in range(tests):
                try:
                    submission.begin("double")
                    found.append(submission.call("adapters", "run_double", (1.0,), {}))
                except SubmissionError:
                    found.append(None)
                submission.end()
                between()
        finally:
            submission.close()
        return found

    return calls


def test_tests_share_an_import_and_no_state(asked):
    first, *others = asked("")
    assert others == [first] * 2


@pytest.mark.parametrize("library", ["einops", "einx", "tqdm", "torch._dynamo"])
def test_a_librarys_import_leaves_nothing(asked, library):
    assert len(set(asked(f"import {library}\n", tests=2))) == 1


def test_an_adopted_repository_lies_about_each_test_and_the_import(asked):
    reads = """
_read = open("notes.txt").read() + open("data/words.txt").read()
_double = double
def double(x):
    assert _read == open("notes.txt").read() + open("data/words.txt").read() == "keptkept"
    open("result.txt", "x").close()
    return _double(x)
"""
    first, *others = asked(reads, repository=("notes.txt", "data/words.txt"))
    assert first is not None
    assert others == [first] * 2


@pytest.mark.parametrize("what", LEAVES)
def test_an_import_that_leaves_more_than_memory_is_done_anew(asked, what):
    assert len(set(asked(LEAVES[what]))) == 3


def test_a_test_that_leaves_a_process_costs_the_next_an_import(asked):
    left = """
_double = double
def double(x):
    import os, time
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
    return _double(x)
"""
    found = asked(left)
    assert None not in found
    assert len(set(found)) == 3


def test_who_ends_the_process_that_imported_it_loses_the_test_at_hand(asked):
    hostile = """
_double = double
def double(x):
    import os, signal
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()
"""
    assert asked(hostile) == [None, None, None]


@pytest.mark.parametrize("engine", ["plain"], indirect=True)
def test_an_alarm_that_ends_the_importing_process_between_tests_ends_no_test(asked):
    alarm = "import signal\nsignal.setitimer(signal.ITIMER_REAL, 2)"
    first, second = asked(alarm, tests=2, between=lambda: time.sleep(2.5))
    assert None not in (first, second)
    assert first != second


def test_random_numbers_go_on_from_the_import_in_each_test(asked):
    drawn = """
import random, numpy, torch
_first = random.random(), numpy.random.random(), torch.rand(()).item()
def double(x):
    return [*_first, random.random(), numpy.random.random(), torch.rand(()).item()]
"""
    first, *others = asked(drawn)
    assert others == [first] * 2
    assert len(set(first)) == 6
