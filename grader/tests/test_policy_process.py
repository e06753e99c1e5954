"""Files made to break a parser or a check: each is a finding, none a crash, and the rest is checked all the same."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.policy import ScanResult, checker, scan, scan_in_process
from grader.policy.files import MOST_BYTES
from grader.tests.conftest import REPOSITORY
from grader.tests.small_handin import ADAPTERS, ENTRY_POINTS, POLICY, STAFF_OWNED, handin

GOOD = "import torch\ndef it(x): return torch.softmax(x, -1)\n"
UNCHECKED, UNREADABLE = "unchecked-source", "unreadable-source"

BOMBS: dict[str, tuple[str | bytes, str | None]] = {
    "a syntax error": ("def f(:\n", UNREADABLE),
    "a NUL": (b"x = 1\0\n", UNREADABLE),
    "no text": (bytes(range(128, 256)), UNREADABLE),
    "another encoding": (b"# -*- coding: utf-16 -*-\nx = 1\n", UNREADABLE),
    "an encoding of its own": (b"# -*- coding: my_codec -*-\nx = 1\n", UNCHECKED),
    "a hundred thousand signs": ("-" * 100_000 + "1\n", UNCHECKED),
    "a hundred thousand attributes": ("x = a" + ".a" * 100_000 + "\n", UNCHECKED),
    "a hundred parentheses": ("x = " + "(" * 1000 + ")" * 1000 + "\n", UNREADABLE),
    "fifty thousand elifs": ("if x: pass\n" + "elif x: pass\n" * 50_000, None),
    "twenty thousand sums": ("x = 1" + " + 1" * 20_000 + "\n", None),
    "a long chain of names": ("a0 = 1\n" + "".join(f"a{i + 1} = a{i}\n" for i in range(20_000)) + "print(a20000)\n", None),
    "names in a ring": ("".join(f"a{i} = a{(i + 1) % 300}\n" for i in range(300)) + "a7()\n", None),
    "rings of rings": ("".join(f"a{i} = [{', '.join(f'a{j}' for j in range(60))}]\n" for i in range(60)) + "a7()\n", None),
    "doubling text": ("a0 = 'x'\n" + "".join(f"a{i + 1} = a{i} + a{i}\n" for i in range(400)) + "getattr(a, a400)\n", None),
    "doubling lists": ("a0 = [1]\n" + "".join(f"a{i + 1} = [a{i}, a{i}]\n" for i in range(400)) + "a400()\n", None),
    "a class that inherits from itself": ("class A(A): pass\nclass B(C): pass\nclass C(B): pass\nB().x()\nA.y\n", None),
    "an import of itself": ("from .bomb import *\nfrom .bomb import x\nfrom . import bomb\nx()\nbomb.x\nz()\n", None),
    "a function that returns itself": ("def f(): return f()\ndef g(): return h()\ndef h(): return g()\ng()()\nf()()\n", None),
    "a crowd of star imports": ("".join(f"from .m{i} import *\n" for i in range(12)) + "xyz()\n", None),
    "too long a file": ("x = 1\n" * (MOST_BYTES // 6 + 1), UNCHECKED),
    "a long file of names": ("import torch\n" + "y = torch.nn.Linear\n" * 10_000, None),
    "a form feed and tabs": ("\f\tx = 1\n", UNREADABLE),
    "an empty file": ("", None),
    "a byte-order mark": (b"\xef\xbb\xbfx = 1\n", None),
}  # fmt: skip


def check(tree: Path, seconds: float = 30.0, memory_mb: int = 1024) -> ScanResult:
    return scan_in_process(tree, POLICY, ENTRY_POINTS, STAFF_OWNED, seconds=seconds, memory_mb=memory_mb)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_at_most_a_finding_and_the_rest_is_checked(name: str, tmp_path: Path) -> None:
    content, rule = BOMBS[name]
    crowd = {f"m{i}.py": "".join(f"from .m{j} import *\n" for j in range(12)) + "xyz()\n" for i in range(12)}
    tree = handin(tmp_path, {"bomb.py": content, "nn.py": GOOD, **(crowd if "crowd" in name else {})})
    found = check(tree)
    assert ("it", "nn.py", 2) in {(f.problem, f.file, f.line) for f in found.findings}
    troubles = {f.rule for f in found.findings if f.file == "bomb.py" and f.rule in (UNCHECKED, UNREADABLE)}
    assert troubles == ({rule} if rule else set()) or (rule is None and troubles <= {UNCHECKED})
    assert all(f.problem is None for f in found.findings if f.file == "bomb.py"), "nothing reaches the bomb"


def test_a_file_that_cannot_be_checked_costs_the_problem_that_uses_it(tmp_path: Path) -> None:
    content, _ = BOMBS["too long a file"]
    tree = handin(tmp_path, {"nn.py": "from .bomb import softmax\ndef it(x): return softmax(x)\n", "bomb.py": content})
    (finding,) = check(tree).findings
    assert (finding.kind, finding.problem, finding.file, finding.rule) == ("policy", "it", "bomb.py", UNCHECKED)
    assert finding.message == (
        "bomb.py could not be checked: it has 1,000,002 bytes; the check reads files of up to 1,000,000"
    )


def test_a_file_that_python_cannot_import_costs_nothing_more(tmp_path: Path) -> None:
    (finding,) = check(handin(tmp_path, {"nn.py": "def it(:\n"})).findings
    assert (finding.problem, finding.rule) == (None, UNREADABLE)
    assert finding.message.startswith("nn.py could not be checked: it is not valid Python (line 1: ")


def test_no_adapters_and_no_files_are_no_findings(tmp_path: Path) -> None:
    assert check(tmp_path).findings == ()
    assert check(tmp_path / "missing").findings == ()


def test_links_and_special_files_are_not_opened(tmp_path: Path) -> None:
    tree = handin(tmp_path, {"nn.py": "def it(x): return x\n"})
    (tree / "link.py").symlink_to("/etc/passwd")
    os.mkfifo(tree / "pipe.py")
    (tree / "folder.py").mkdir()
    found = check(tree).findings
    assert {(f.file, f.rule) for f in found} == {("link.py", UNCHECKED), ("pipe.py", UNCHECKED)}


def test_very_many_files_are_a_finding(tmp_path: Path) -> None:
    tree = handin(tmp_path, {"nn.py": GOOD, **{f"z/m{i}.py": "" for i in range(600)}})
    found = check(tree).findings
    assert ("it", "nn.py") in {(f.problem, f.file) for f in found}
    assert any(f.rule == UNCHECKED for f in found)


def test_very_many_findings_are_shortened_but_each_problem_keeps_some(tmp_path: Path) -> None:
    tree = handin(tmp_path, {"aaa.py": "import torch\n" + "torch.softmax(x)\n" * 5000, "nn.py": GOOD})
    found = check(tree).findings
    assert len(found) <= 210
    assert ("it", "nn.py", 2) in {(f.problem, f.file, f.line) for f in found}


def test_a_check_that_takes_too_long_is_a_finding(tmp_path: Path) -> None:
    work = {f"m{i}.py": "import torch\n" + "y = torch.nn.Linear\n" * 10_000 for i in range(20)}  # seconds of work
    found = check(handin(tmp_path, {"nn.py": GOOD, **work}), seconds=0.3)
    (finding,) = found.findings
    assert (finding.kind, finding.problem, finding.file, finding.rule) == ("policy", None, ".", UNCHECKED)
    assert finding.message.startswith("the source could not be checked: the check took more than")


def test_a_check_that_dies_at_a_file_leaves_that_file_out(tmp_path: Path) -> None:
    big = "x = [" + "'abc', " * 140_000 + "]\n"  # parses within the size, not within the memory
    found = check(handin(tmp_path, {"big.py": big, "nn.py": GOOD}), memory_mb=60)
    rules = {(f.file, f.rule) for f in found.findings}
    assert ("nn.py", "torch.softmax") in rules
    assert ("big.py", UNCHECKED) in rules


def test_nothing_of_the_hand_in_is_executed(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    source = f"open({str(proof)!r}, 'w').close()\n"
    files = {"nn.py": source + "def it(): pass\n", "json.py": source, "grader.py": source, "sitecustomize.py": source}
    check(handin(tmp_path, files))
    assert not proof.exists()
    assert "assignment1_basics.nn" not in sys.modules


def test_both_ways_to_check_agree(tmp_path: Path) -> None:
    tree = handin(tmp_path, {"nn.py": GOOD, "other.py": "import gc\ngc.get_objects()\n"})
    assert check(tree) == scan(tree, POLICY, ENTRY_POINTS, STAFF_OWNED)


def test_staff_owned_files_are_not_checked(tmp_path: Path) -> None:
    files = {"nn.py": "def it(x): return x\n", "drivers.py": GOOD, "tests/test_it.py": GOOD, "__init__.py": GOOD}
    assert check(handin(tmp_path, files)).findings == ()
    assert check(handin(tmp_path, {"parts/drivers.py": GOOD, "parts/__init__.py": GOOD})).findings != ()


def test_hand_ins_are_checked_by_forks_of_one_process_which_has_no_installed_package(tmp_path: Path) -> None:
    tree = handin(tmp_path, {"nn.py": GOOD, "adapters.py": ADAPTERS})
    check(tree)
    kept = checker._kept
    assert kept is not None
    command = Path(f"/proc/{kept.process.pid}/cmdline")
    if command.exists():
        assert b"\0-I\0-S\0" in command.read_bytes(), "without -S it would see installed packages"
    check(tree)
    assert checker._kept is kept


def test_a_process_that_was_lost_is_replaced(tmp_path: Path) -> None:
    tree = handin(tmp_path, {"nn.py": GOOD})
    expected = check(tree)
    lost = checker._kept
    assert lost is not None
    lost.process.kill()
    assert check(tree) == expected
    assert checker._kept is not lost


def test_a_process_of_another_judge_is_left_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = handin(tmp_path, {"nn.py": GOOD})
    expected = check(tree)
    theirs = checker._kept
    assert theirs is not None
    monkeypatch.setattr(theirs, "_owner", os.getppid())  # as in a process that is a fork of a judge
    assert check(tree) == expected
    assert checker._kept is not theirs
    assert theirs.process.poll() is None
    theirs.close()


def test_the_process_ends_with_its_judge(tmp_path: Path) -> None:
    handin(tmp_path, {"nn.py": GOOD})
    source = (
        "import pathlib, sys; from grader.policy import checker, scan_in_process; from grader.tests.small_handin import *\n"
        "scan_in_process(pathlib.Path(sys.argv[1]), POLICY, ENTRY_POINTS); print(checker._kept.process.pid, flush=True)\n"
        "import os; os._exit(0)"
    )
    command = [sys.executable, "-c", source, str(tmp_path)]
    pid = int(subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True, text=True).stdout)
    deadline = time.monotonic() + 20
    while is_there(pid):
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.02)


def is_there(pid: int) -> bool:
    """Whether a process is running: one that has ended may be waiting for somebody to ask how."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "Z (zombie)" not in status.read_text()
