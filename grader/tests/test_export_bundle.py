"""The Gradescope bundle, laid out as on Gradescope and run for real; and what must not be in it."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from grader import assignment as assignments
from grader.course.policy import Visibility
from grader.errors import ConfigError
from grader.export import bundle, gradescope

HINTS = Visibility(
    "hint", {"assignment0_tiny": {"double": {"test_large_values_are_doubled": 'Try "large" values.\x7f\\'}}}
)
PLANTED = "import os; open(os.environ.get('HOME', '/tmp') + '/planted', 'w'); raise SystemExit('the submission ran')\n"


@pytest.fixture
def autograder(tiny, tmp_path):
    """A folder as Gradescope lays it out, with the bundle unpacked."""
    root = tmp_path / "autograder"
    patient = tiny.toml.read_text().replace("call_seconds = 3", "call_seconds = 60")  # whatever else this machine does
    assert patient != tiny.toml.read_text()
    tiny.toml.write_text(patient)
    made = bundle.build(tiny, HINTS, 7_654_321, tmp_path / "autograder.zip")
    with zipfile.ZipFile(made.path) as archive:
        archive.extractall(root / "source")
    shutil.copyfile(root / "source" / "run_autograder", root / "run_autograder")
    (root / "submission_metadata.json").write_text('{"id": 1}')
    (root / "submission").mkdir()
    return root


@pytest.fixture
def run(autograder):
    """Runs the real run_autograder on a hand-in, with this interpreter in place of the installed one."""

    def ran(handin: Path | None = None, python: str = sys.executable) -> dict:
        if handin is not None:
            shutil.copytree(handin, autograder / "submission", dirs_exist_ok=True)
        command = ["bash", str(autograder / "run_autograder"), str(autograder), python]
        environment = {**os.environ, "PYTHONPATH": str(autograder / "submission"), "PYTHONSTARTUP": "x"}
        result = subprocess.run(
            command,
            cwd=autograder / "submission",
            env=environment,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        assert [path.name for path in (autograder / "results").iterdir()] == ["results.json"]
        return json.loads((autograder / "results" / "results.json").read_text())

    return ran


def visible(results: dict) -> list[dict]:
    return [test for test in results["tests"] if test["visibility"] == "visible"]


def test_a_hand_in_is_graded_as_on_gradescope(run, handin):
    results = run(handin(append="def double(x): return x * 2 if x.abs().max() < 1000 else x\n"))
    assert results["score"] == 3
    double, count = visible(results)
    assert (double["score"], count["score"]) == (0, 3)
    assert 'test_large_values_are_doubled (hidden, FAIL)\n      Try "large" values.\\' in double["output"]
    staff = json.dumps([test for test in results["tests"] if test["visibility"] == "hidden"])
    assert "seed 7654321" in staff
    assert "7654321" not in json.dumps(visible(results))


def test_nothing_of_a_submission_runs_in_the_trusted_process(run, handin, autograder, tmp_path):
    hostile = handin()
    for name in ("sitecustomize", "usercustomize", "conftest", "json", "typer", "torch", "grader", "random", "string"):
        (hostile / f"{name}.py").write_text(PLANTED)
    (hostile / "results.json").write_text('{"score": 999}')
    (hostile / "pytest.ini").write_text("[pytest]\naddopts = -p evil\n")
    (hostile / ".git").mkdir()
    (hostile / "-rf $(touch planted); x").write_text("")
    results = run(hostile)
    assert results["score"] == 5
    assert not list(tmp_path.rglob("planted"))


def test_a_refused_hand_in_gets_its_reason(run, autograder):
    (autograder / "submission" / "notes.txt").write_text("nothing")
    results = run()
    assert results["score"] == 0
    assert "adapters.py" in results["output"]


@pytest.mark.parametrize("python", ["/nonexistent/python", "/bin/false"])
def test_where_grading_breaks_there_is_a_valid_file_without_a_grade(run, handin, python):
    assert run(handin(), python) == gradescope.unfinished()


def test_an_old_result_never_stands_for_a_new_run(run, handin, autograder):
    (autograder / "results").mkdir()
    (autograder / "results" / "results.json").write_text('{"score": 5}')
    assert run(handin(), "/bin/false") == gradescope.unfinished()


def test_a_test_that_is_broken_costs_nothing(run, handin, autograder):
    path = autograder / "source" / "course" / "assignment0_tiny" / "tests" / "test_double.py"
    path.write_text(path.read_text() + "\n\ndef test_broken(check):\n    1 / 0\n")
    results = run(handin())
    assert results["score"] == 3
    assert results["extra_data"] == {"provisional": True, "pending": {"double": 2.0}}
    assert "score" not in visible(results)[0]
    assert "ZeroDivisionError" not in json.dumps(visible(results))


# What is in it


def test_what_is_not_needed_is_not_in_it(tiny, tmp_path):
    (tiny.root / ".git").mkdir()
    (tiny.root / ".git" / "config").write_text("secret")
    (tiny.folder / "__pycache__").mkdir()
    (tiny.folder / "__pycache__" / "x.pyc").write_bytes(b"")
    (tiny.root / "staff" / "course").mkdir()
    (tiny.root / "staff" / "course" / "roster.csv").write_text("id,name,email,section\n")
    shutil.copytree(tiny.folder, tiny.root / "assignment9_other")
    names = bundle.build(tiny, HINTS, 1, tmp_path / "a.zip").names
    assert len(names) == len(set(names))
    own = sorted(name for name in names if name.startswith("course/"))
    assert own == [
        *("course/assignment0_tiny/" + name for name in ("README.md", "__init__.py", "adapters.py", "assignment.toml")),
        *("course/assignment0_tiny/" + name for name in ("drivers.py", "maths.py")),
        *("course/assignment0_tiny/tests/" + name for name in ("fixtures/word.txt", "test_count.py", "test_double.py")),
        "course/course.toml",
        "course/staff/hidden_tests/assignment0_tiny/test_double.py",
    ]
    others = {name.split("/")[0] for name in names}
    assert others == {
        *("course", "grader", "setup.sh", "run_autograder", "unfinished.json", "pyproject.toml", "README.md", "LICENSE")
    }
    assert not [name for name in names if "/tests/tiny_course" in name or "__pycache__" in name or ".venv" in name]
    assert "grader/worker/loop.py" in names
    assert "grader/report/class.css" in names


def test_references_of_what_it_needs_are_in_it(tiny, tmp_path):
    other = shutil.copytree(tiny.folder, tiny.root / "assignment1_next")
    toml = (other / "assignment.toml").read_text()
    (other / "assignment.toml").write_text(f'needs = ["assignment0_tiny"]\n{toml}')
    following = assignments.load(tiny.root, "assignment1_next")
    names = bundle.build(following, Visibility(), 1, tmp_path / "a.zip").names
    assert "course/staff/solutions/assignment0_tiny/maths.py" in names
    assert "course/assignment0_tiny/assignment.toml" in names
    assert not [name for name in names if name.startswith("course/staff/hidden_tests/assignment0_tiny")]
    shutil.rmtree(tiny.solution)
    with pytest.raises(ConfigError, match="expected the reference of 'assignment0_tiny'"):
        bundle.build(following, Visibility(), 1, tmp_path / "a.zip")


@pytest.mark.parametrize("index", [None, "https://wheels.example/cpu?a=1&b='2'"])
def test_torch_comes_from_the_index_that_was_asked_for(tiny, tmp_path, index):
    made = bundle.build(tiny, HINTS, 1, tmp_path / "a.zip", index)
    with zipfile.ZipFile(made.path) as archive:
        (line,) = [line for line in archive.read("setup.sh").decode().splitlines() if '"torch>=' in line]
    chosen = [] if index is None else ["--index-url", index]
    assert shlex.split(line)[1:-1] == chosen
    assert "@" not in line.replace("${pip[@]}", "")


def test_the_same_input_gives_the_same_bytes_and_programs_may_run(tiny, tmp_path):
    first, second = (bundle.build(tiny, HINTS, 1, tmp_path / name).path for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()
    modes = {info.filename: info.external_attr >> 16 & 0o777 for info in zipfile.ZipFile(first).infolist()}
    assert {name for name, mode in modes.items() if mode & 0o111} == {"setup.sh", "run_autograder"}


def test_the_course_file_holds_hints_and_nothing_else(autograder):
    read = tomllib.loads((autograder / "source" / "course" / "course.toml").read_text())
    assert read == {"visibility": {"hidden_tests": "hint", "hints": dict(HINTS.hints)}}


@pytest.mark.parametrize(
    ("extras", "installed"), [("", '"$root/source"\n'), ('extras = ["scaling"]\n', '"$root/source[scaling]"\n')]
)
def test_what_the_assignment_needs_is_installed(tiny, tmp_path, extras, installed):
    tiny.toml.write_text(extras + tiny.toml.read_text())
    made = bundle.build(assignments.load(tiny.root, tiny.name), HINTS, 1, tmp_path / "autograder.zip")
    with zipfile.ZipFile(made.path) as archive:
        assert f'"${{pip[@]}}" {installed}' in archive.read("setup.sh").decode()


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_the_scripts_are_complete_and_valid(autograder, name):
    path = autograder / "source" / name
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
    assert path.read_text().startswith("#!/bin/bash\n")
    assert not [word for word in path.read_text().split() if word.startswith("@") and word.endswith("@")]
    assert "@TORCH@" not in path.read_text()
    if name == "run_autograder":
        # Each of the three keeps a submission's files from being imported; so no test sees one of them missing.
        assert all(
            guard in path.read_text() for guard in ("cd / || exit 1\n", "\tenv -i PATH=", '"$python" -I -m grader')
        )
    assert "@SEED@" not in path.read_text()
