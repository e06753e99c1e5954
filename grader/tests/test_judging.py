"""A hand-in of the tiny assignment is judged rightly, whatever it does, on every engine."""

import os
import re
from pathlib import Path
from statistics import median

import pytest

from grader import assignment as assignments
from grader import grading, sandbox
from grader.outcome import Verdict
from grader.task import Task
from grader.tests.conftest import REPOSITORY

BAD = """
_double = double
def double(x):
    {body}
"""


def verdicts(outcome, problem):
    return {test.name: test.verdict.value for test in outcome.tests if test.problem == problem}


def only(outcome, problem):
    found = set(verdicts(outcome, problem).values())
    assert len(found) == 1, outcome.tests
    return found.pop()


def test_the_reference_passes_every_test_once(grade_tiny, handin):
    outcome = grade_tiny(handin())
    assert [test.verdict for test in outcome.tests] == [Verdict.PASS] * 6
    assert {problem: len(tests) for problem, tests in outcome.expected.items()} == {"double": 3, "count": 3}
    assert [test.name for test in outcome.tests if test.hidden] == ["test_large_values_are_doubled"]


def test_the_stubs_are_not_implemented(grade_tiny, tiny, tmp_path):
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    (stubs / "adapters.py").write_text((tiny.folder / "adapters.py").read_text())
    outcome = grade_tiny(stubs)
    assert only(outcome, "double") == "NOT_IMPLEMENTED"
    assert verdicts(outcome, "count")["test_counting_starts_at_one"] == "NOT_IMPLEMENTED"
    message = outcome.tests[0].message
    assert message == "double: write double in assignment0_tiny/maths.py"


IN_PYTHON = {
    "return x + 2": "FAIL",
    "return None": "FAIL",
    "return (2 * x).double()": "FAIL",
    "return (2 * x).tolist()": "FAIL",
    "return object()": "ERROR",
    "return (2 * y for y in x)": "ERROR",
    "raise ValueError('no')": "ERROR",
    "raise SystemExit(0)": "ERROR",
    "raise KeyboardInterrupt": "ERROR",
    "import pytest; pytest.skip('later')": "ERROR",
    "raise NotImplementedError": "NOT_IMPLEMENTED",
    "import torch; torch.ones(2, dtype=torch.int64).softmax(0)": "ERROR",
}
"""What the worker sees and says: on all engines the same code."""
BY_THE_SYSTEM = {
    "import os; os._exit(0)": "CRASH",
    "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)": "CRASH",
    "import time; time.sleep(60)": "TIMEOUT",
    "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)": "TIMEOUT",
    "hold = bytearray(2**30); hold[::4096] = b'x' * 2**18; return 2 * x": "MEMORY",
    "import torch; torch.ones(2**30); return 2 * x": "MEMORY",
}
"""What an engine notices, each in its own way."""


@pytest.mark.parametrize("engine", [sandbox.choose().name])
@pytest.mark.parametrize(("body", "verdict"), IN_PYTHON.items())
def test_a_wrong_answer_or_an_error_costs_that_problem_alone(grade_tiny, handin, body, verdict):
    check_verdict(grade_tiny(handin(append=BAD.format(body=body))), verdict)


@pytest.mark.parametrize(("body", "verdict"), BY_THE_SYSTEM.items())
def test_a_process_that_ends_hangs_or_grows_costs_that_problem_alone(grade_tiny, handin, body, verdict):
    check_verdict(grade_tiny(handin(append=BAD.format(body=body))), verdict)


def check_verdict(outcome, verdict):
    found = verdicts(outcome, "double")
    assert found["test_every_value_is_doubled"] == found["test_large_values_are_doubled"] == verdict
    assert set(found.values()) <= {verdict, "PASS"}  # a wrong formula may do for an empty tensor
    assert only(outcome, "count") == "PASS"


@pytest.mark.parametrize("engine", [sandbox.choose().name])
@pytest.mark.parametrize(
    "kept_as",
    [
        lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
        lambda text: ("# -*- coding: latin-1 -*-\n# \xe9t\xe9\n" + text).encode("latin-1", "replace"),
        lambda text: text.replace("from assignment0_tiny import maths", "from . import maths").encode(),
        lambda text: text.replace("    ", "\t").rstrip("\n").encode(),
    ],
    ids=["by_a_windows_editor", "in_latin_1", "with_relative_imports", "with_tabs_and_no_last_line_end"],
)
def test_files_are_read_as_python_reads_them(grade_tiny, handin, kept_as):
    folder = handin()
    for path in folder.glob("*.py"):
        path.write_bytes(kept_as(path.read_text(encoding="utf-8")))
    outcome = grade_tiny(folder)
    assert {test.verdict for test in outcome.tests} == {Verdict.PASS}, outcome.tests
    assert outcome.findings == ()


def test_memory_of_all_processes_together_is_limited(grade_tiny, handin):
    body = (
        "import os, time\n    for _ in range(6):\n        if os.fork() == 0:\n            hold = bytearray(150 * 2**20)\n"
        "            hold[::4096] = b'x' * (150 * 2**8)\n            time.sleep(30)\n    time.sleep(30)"
    )
    outcome = grade_tiny(handin(append=BAD.format(body=body)))
    assert only(outcome, "double") == "MEMORY"
    assert only(outcome, "count") == "PASS"


def test_a_syntax_error_is_named_with_file_and_line(grade_tiny, handin):
    outcome = grade_tiny(handin(append="def broken(:\n"))
    assert only(outcome, "double") == "ERROR"
    assert "maths.py" in outcome.tests[0].message
    assert "SyntaxError" in outcome.tests[0].message


def test_an_import_that_hangs_is_not_waited_for_in_every_test(grade_tiny, handin):
    outcome = grade_tiny(handin(append="import time; time.sleep(100)\n"))
    assert {test.verdict for test in outcome.tests} == {Verdict.TIMEOUT}
    first, second, *others = [test.seconds for test in outcome.tests]
    assert min(first, second) >= 3
    assert median(others) < 3, "one of them may have met a busy machine"


def test_an_exit_while_importing_is_not_a_pass(grade_tiny, handin):
    outcome = grade_tiny(handin(append="import os; os._exit(0)\n"))
    assert {test.verdict for test in outcome.tests} == {Verdict.CRASH}


def test_no_state_of_one_test_reaches_the_next(grade_tiny, handin):
    outcome = grade_tiny(
        handin(
            append="""
import os, tempfile
from pathlib import Path
MARK = Path(tempfile.gettempdir()) / "mark"
_double = double
def double(x):
    assert not MARK.exists() and not hasattr(os, "mark"), "a test before this one left its mark"
    MARK.write_text("here")
    os.mark = True
    return _double(x)
"""
        )
    )
    assert only(outcome, "double") == "PASS"


def test_what_a_hand_in_prints_is_kept_apart_and_cut(grade_tiny, handin):
    outcome = grade_tiny(
        handin(append="print('PASSED test_every_value_is_doubled')\nfor _ in range(300): print('x' * 10**5)\n")
    )
    assert {test.verdict for test in outcome.tests} == {Verdict.PASS}


FORGE = """
import os, socket
from grader import wire
def double(x):
    for number in range(3, 64):
        try:
            os.write(number, wire.encode({reply}))
        except OSError:
            pass
    os._exit(0)
"""


@pytest.mark.parametrize(
    "reply",
    [
        "{'id': 2, 'value': True, 'events': []}",
        "{'passed': True}",
        "[1, 2, 3]",
        "{'id': 10**30, 'value': None}",
        "{'ended': 'exit code 0', 'clean': True}",
    ],
)
def test_a_forged_reply_is_never_a_pass(grade_tiny, handin, reply):
    outcome = grade_tiny(handin(append=FORGE.replace("{reply}", reply)))
    assert "PASS" not in verdicts(outcome, "double").values()
    assert "GRADER_ERROR" not in verdicts(outcome, "double").values()
    assert only(outcome, "count") == "PASS"


def test_garbage_on_the_channel_is_a_crash(grade_tiny, handin):
    outcome = grade_tiny(handin(append=FORGE.replace("wire.encode({reply})", "b'\\xff' * 4096")))
    assert only(outcome, "double") == "CRASH"
    assert only(outcome, "count") == "PASS"


def test_a_process_left_behind_is_gone_before_the_next_test(grade_tiny, handin):
    outcome = grade_tiny(
        handin(
            append="""
import os, time
_double = double
def double(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(0.01)
        os._exit(0)
    return _double(x)
class Counter(Counter):
    def next(self):
        alive = []
        for pid in os.listdir("/proc") if os.getppid() == 1 else ():  # in a namespace of its own: nobody else's come and go
            if pid.isdigit() and int(pid) > 1:
                status = open(f"/proc/{pid}/status").read()
                if "PPid:\\t1\\n" in status and f"Pid:\\t{os.getpid()}\\n" not in status:
                    alive.append(status)
        assert not alive, alive
        return super().next()
"""
        )
    )
    assert {test.verdict for test in outcome.tests} == {Verdict.PASS}, outcome.tests
    assert not _strays(), "a process of the hand-in is still alive"


def _strays() -> list[str]:
    """Workers that are our children, or nobody's: what other tests of the same moment run has a living parent of theirs."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = re.search(r"^PPid:\s+(\d+)$", (process / "status").read_text(), re.MULTILINE)
            ours = parent is not None and int(parent[1]) in (1, os.getpid())
            if ours and b"assignment0_tiny" in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found


def test_other_seeds_give_other_inputs_and_the_same_verdicts(grade_tiny, handin):
    submission = handin(append=BAD.format(body="raise ValueError(x.flatten()[:2].tolist())"))
    messages = {grade_tiny(submission, seed=seed).tests[0].message.splitlines()[0] for seed in (1, 2, 1)}
    assert len(messages) == 2
    assert {t.verdict for seed in range(3) for t in grade_tiny(handin(), seed=seed).tests} == {Verdict.PASS}


def test_a_missing_adapter_is_not_implemented(grade_tiny, handin, tiny):
    text = (tiny.folder / "adapters.py").read_text().replace("def run_double", "def run_other")
    outcome = grade_tiny(handin(adapters=text))
    assert only(outcome, "double") == "NOT_IMPLEMENTED"


def test_a_fault_of_a_test_is_ours_and_names_the_place(grade_tiny, handin, tiny):
    path = tiny.folder / "tests" / "test_double.py"
    path.write_text(path.read_text() + "\n\ndef test_broken(check):\n    1 / 0\n")
    outcome = grade_tiny(handin())
    broken = next(test for test in outcome.tests if test.name == "test_broken")
    assert broken.verdict is Verdict.GRADER_ERROR
    assert "ZeroDivisionError" in broken.message
    assert "test_double.py" in broken.message


def test_a_test_file_that_cannot_be_collected_is_ours(grade_tiny, handin, tiny):
    (tiny.folder / "tests" / "test_double.py").write_text("import nothing_of_that_name\n")
    outcome = grade_tiny(handin())
    assert {t.verdict for t in outcome.tests if t.problem == "double" and t.name == "(collection)"} == {
        Verdict.GRADER_ERROR
    }
    assert only(outcome, "count") == "PASS"


def test_a_course_without_tests_runs_none_of_the_working_directory(grade_tiny, handin, tiny, tmp_path, monkeypatch):
    for folder in (tiny.folder / "tests", tiny.hidden_tests):
        for path in folder.glob("test_*.py"):
            path.unlink()
    (tmp_path / "test_astray.py").write_text("def test_astray():\n    raise SystemExit(0)\n")
    monkeypatch.chdir(tmp_path)
    outcome = grade_tiny(handin())
    assert {test.verdict for test in outcome.tests} == {Verdict.GRADER_ERROR}
    assert {test.message for test in outcome.tests} == {"there is no test of it"}


def test_a_package_that_this_platform_lacks_need_not_be_preloaded(tiny, grade_tiny, handin):
    tiny.toml.write_text(tiny.toml.read_text().replace('["numpy"]', '["numpy", "not_made_for_it.part"]'))
    assert {test.verdict for test in grade_tiny(handin()).tests} == {Verdict.PASS}


def test_one_process_judges_another_course_with_that_ones_own_tests(tiny, handin):
    ours = assignments.load(REPOSITORY, "assignment1_basics")
    task = Task(REPOSITORY, ours.name, ours.solution, "x", 1, sandbox.choose().name, problems=("softmax",))
    for _ in range(2):  # there and back again
        assert {test.verdict for test in grading.grade(task).tests} == {Verdict.PASS}
        outcome = grading.grade(Task(tiny.root, tiny.name, handin(), "x", 1, sandbox.choose().name))
        assert {(test.hidden, test.verdict) for test in outcome.tests} == {(False, Verdict.PASS), (True, Verdict.PASS)}
