"""A class of hand-ins of a tiny assignment of eight tests: the grader's one batch against a process a hand-in, as others work.

Ours is `grader grade FOLDER --jobs 2`, from its start to the written reports: a sandbox for each hand-in, a process for each test.
The peers run each hand-in in a fresh process of the same Python that imports the hand-in and torch, two at a time, `pytest`
one after another, too, as a loop in a shell does: it runs the very same tests; gradescope-utils and otter-grader run eight
checks of the same functions in the form that each asks for. None of the peers' sides contains what a hand-in does.
How long a hand-in took us is told of a batch with two judges on two cores, and of one with a single judge. Our processor
time lacks that of the processes that a box ends with: the kernel adds it to nobody's.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import tree
from benchmarks.comparison import Comparison, by_turns, cost_of
from benchmarks.grading import TINY_COURSE

NAME = "assignment0_tiny"
JOBS = 2
MORE_TESTS = """

def test_zero_is_zero(adapters, check):
    check.equal(adapters.run_double(torch.zeros(3)).tolist(), [0.0, 0.0, 0.0], who="run_double")


def test_negative_numbers_are_doubled(adapters, check):
    check.equal(adapters.run_double(-torch.ones(2)).tolist(), [-2.0, -2.0], who="run_double")


def test_the_shape_is_kept(adapters, check):
    check.equal(list(adapters.run_double(torch.ones(2, 3)).shape), [2, 3], who="run_double")
"""
CHECKS = (
    "float(adapters.run_double(torch.tensor(2.0))) == 4.0",
    "adapters.run_double(torch.zeros(3)).tolist() == [0.0, 0.0, 0.0]",
    "adapters.run_double(-torch.ones(2)).tolist() == [-2.0, -2.0]",
    "adapters.run_double(torch.ones(2, 3)).shape == (2, 3)",
    "bool((adapters.run_double(torch.arange(9.0)) == 2 * torch.arange(9.0)).all())",
    "adapters.get_counter()().next() == 1",
    "[c.next() for c in [adapters.get_counter()()] for _ in range(3)] == [1, 2, 3]",
    "adapters.run_read(WORD) == 'heron\\n'",
)
GRADESCOPE = """
import sys, unittest
from gradescope_utils.autograder_utils.decorators import weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner
import torch
from assignment0_tiny import adapters
WORD = "assignment0_tiny/tests/fixtures/word.txt"
class Checks(unittest.TestCase):
{methods}
suite = unittest.defaultTestLoader.loadTestsFromTestCase(Checks)
with open(sys.argv[1], "w") as file:
    JSONTestRunner(visibility="visible", stream=file).run(suite)
"""


def compare(folder: Path, quick: bool) -> list[Comparison]:
    """The whole class, in wall time: against each of three peers, and one of them in two ways."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        scene = Scene(Path(place), 4 if quick else 60)
        peers: dict[str, tuple[Callable[[Path], None], int]] = {
            "`pytest`, one after another": (scene.pytest, 1),
            "`pytest`": (scene.pytest, JOBS),
            "gradescope-utils": (scene.gradescope, JOBS),
            "otter-grader": (scene.otter, JOBS),
        }
        scene.ours(jobs=1)
        alone = scene.median()
        found = []
        for peer, (one, jobs) in peers.items():
            costs = by_turns(
                lambda: cost_of(scene.ours),
                lambda one=one, jobs=jobs: cost_of(lambda: scene.all(one, jobs)),  # type: ignore[misc]
                2 if peer == "`pytest`" and not quick else 1,
            )
            took = f"{scene.median():.3f} s, with one judge {alone:.3f} s (median, start left out)"
            work = f"{len(scene.homes)} hand-ins, 8 tests each; a hand-in took us {took}"
            found.append(Comparison(work, "`grader grade`", peer, "wall", 0.1, None, *costs))
        return found


class Scene:
    """The course, the hand-ins, and a checkout of each for the peers."""

    def __init__(self, place: Path, count: int) -> None:
        self.course = tree.public_course(TINY_COURSE, NAME, place / "course")
        tests = self.course / NAME / "tests" / "test_double.py"
        tests.write_text("import torch\n" + tests.read_text() + MORE_TESTS)
        self.batch, self.homes = place / "batch", []
        self._out = place / "out"
        solution = TINY_COURSE / "staff" / "solutions" / NAME
        for number in range(count):
            handin = shutil.copytree(solution, self.batch / f"h{number:03}")
            shutil.copyfile(TINY_COURSE / NAME / "adapters.py", handin / "adapters.py")
            with (handin / "maths.py").open("a") as file:
                file.write(f"\n# hand-in {number}\n")
            home = tree.home(TINY_COURSE, NAME, place / "homes" / f"h{number:03}")
            shutil.copyfile(tests, home / NAME / "tests" / "test_double.py")
            shutil.copytree(handin, home / NAME, dirs_exist_ok=True)
            methods = "".join(
                f"    @weight(1)\n    def test_{i}(self):\n        self.assertTrue({c})\n" for i, c in enumerate(CHECKS)
            )
            (home / "gradescope.py").write_text(GRADESCOPE.replace("{methods}", methods))
            _otter_tests(home)
            self.homes.append(home)

    def ours(self, jobs: int = JOBS) -> None:
        """Grade the class in one batch; every hand-in must score in full."""
        shutil.rmtree(self._out, ignore_errors=True)
        _run(["-m", "grader", "grade", NAME, self.batch, "--out", self._out, "--jobs", jobs, "--json"], self.course)
        rows = json.loads((self._out / "class.json").read_text())["handins"]
        if len(rows) != len(self.homes) or any(row["score"] != row["max_score"] for row in rows):
            raise ValueError("a hand-in did not score in full")
        self._seconds = [row["seconds"] for row in rows]

    def median(self) -> float:
        """Seconds from opening a hand-in to its outcome, of the last batch."""
        return statistics.median(sorted(self._seconds)[: -JOBS or None])  # the first of each judge starts a server

    def all(self, one: Callable[[Path], None], jobs: int) -> None:
        """One peer's way for every hand-in, some at a time."""
        with ThreadPoolExecutor(jobs) as threads:
            list(threads.map(one, self.homes))

    def pytest(self, home: Path) -> None:
        """The same tests in a process of their own."""
        said = _run(["-m", "pytest", "-q", "-p", "no:cacheprovider", NAME], home)
        if "8 passed" not in said:
            raise ValueError(f"pytest said {said[-300:]}")

    def gradescope(self, home: Path) -> None:
        """The checks as gradescope-utils has them."""
        _run(["gradescope.py", "results.json"], home)
        if sum(test["score"] for test in json.loads((home / "results.json").read_text())["tests"]) != 8:
            raise ValueError("gradescope-utils did not give full points")

    def otter(self, home: Path) -> None:
        """The checks as otter-grader has them."""
        said = _run(["-m", "otter", "check", "handin.py", "--tests-path", "otter_tests"], home)
        if "All tests passed" not in said:
            raise ValueError(f"otter-grader said {said[-300:]}")


def _otter_tests(home: Path) -> None:
    """One file a check, in the format that otter-grader reads, and the file that it runs first."""
    (home / "handin.py").write_text(
        f'import torch\nfrom {NAME} import adapters\nWORD = "{NAME}/tests/fixtures/word.txt"\n'
    )
    (home / "otter_tests").mkdir()
    for number, check in enumerate(CHECKS):
        case = {"code": f">>> {check}\nTrue", "hidden": False, "locked": False}
        test = {"name": f"q{number}", "points": 1, "suites": [{"cases": [case], "scored": True, "type": "doctest"}]}
        (home / "otter_tests" / f"q{number}.py").write_text(f"OK_FORMAT = True\n\ntest = {test!r}\n")


def _run(arguments: Sequence[object], folder: Path) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{folder}:{tree.ROOT}",
        "OMP_NUM_THREADS": "1",
        "MPLCONFIGDIR": str(folder),
    }
    ended = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ended.returncode:
        raise ValueError(f"{arguments}: {ended.stdout[-1000:]}{ended.stderr[-2000:]}")
    return ended.stdout + ended.stderr
