"""The student's tree holds what students need and nothing else, and every planted leak is found."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader import assignment as assignments
from grader.errors import ConfigError
from grader.release import given, release, scan
from grader.release.leaks import gather

REPOSITORY = Path(__file__).parents[2]

SOLUTION = '''
def double(x):
    """Twice x, by a way that nobody else would choose."""
    halves = [part * 4 for part in (x / 4, x / 4)]
    total = halves[0] * 0 + sum(halves)
    return total.reshape(x.shape)
'''
HIDDEN = """
def test_hidden(adapters, check):
    wanted = "forty-two herons on the north pier"
    check.equal(adapters.run_read(wanted), wanted, who="run_read of what stands at the pier")
"""


@pytest.fixture
def course(tiny):
    (tiny.solution / "maths.py").write_text(SOLUTION)
    (tiny.hidden_tests / "test_count.py").write_text(HIDDEN)
    return tiny


@pytest.fixture
def tree(course, tmp_path):
    release(course.root, [course], tmp_path / "released")
    return tmp_path / "released"


def test_the_tree_holds_stubs_tests_and_workflow_and_nothing_of_staff(tree, course):
    names = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    package = course.name
    assert {f"{package}/adapters.py", f"{package}/maths.py", f"{package}/tests/test_double.py", "README.md"} <= names
    assert {"Makefile", ".github/workflows/classroom.yml"} <= names
    assert not [name for name in names if "staff" in name or "hidden" in name or name.startswith("grader/tests")]
    assert (tree / package / "maths.py").read_bytes() == (course.folder / "maths.py").read_bytes()
    assert scan(tree, [course]) == []


@pytest.fixture
def second(course):
    """An assignment that needs the first one."""
    folder = course.root / "assignment1_more"
    shutil.copytree(course.folder, folder)
    (folder / "assignment.toml").write_text(f'needs = ["{course.name}"]\n{(folder / "assignment.toml").read_text()}')
    return assignments.load(course.root, folder.name)


def test_what_an_assignment_needs_goes_along_solved_and_without_its_tests(course, second, tmp_path):
    release(course.root, [second], tmp_path / "released")
    along = tmp_path / "released" / course.name
    assert (along / "maths.py").read_text() == SOLUTION
    assert not list(along.glob("tests/test_*.py"))
    assert scan(tmp_path / "released", [course, second], given=given([second])) == []
    assert scan(tmp_path / "released", [course, second]) != []


def test_what_assignments_need_beside_the_course_is_installed(course, second, tmp_path):
    def makefile(*chosen):
        release(course.root, chosen, tmp_path / "-".join(each.name for each in chosen))
        return (tmp_path / "-".join(each.name for each in chosen) / "Makefile").read_text()

    assert "--editable '.'\n" in makefile(course)
    course.toml.write_text(f'extras = ["scaling", "data"]\n{course.toml.read_text()}')
    assert "--editable '.[data,scaling]'\n" in makefile(assignments.load(course.root, second.name))


def test_what_students_write_in_the_same_tree_stays_unsolved(course, second, tmp_path):
    release(course.root, [course, second], tmp_path / "released")
    assert given([course, second]) == []
    assert (tmp_path / "released" / course.name / "maths.py").read_bytes() == (course.folder / "maths.py").read_bytes()


LEAKS = {
    "the solution itself": ("x/maths.py", SOLUTION, "the body of double"),
    "its body under another name": (
        "notes.py",
        "def unrelated(x):\n    # reformatted\n    halves = [part*4 for part in\n      (x/4, x/4)]\n"
        "    total = (halves[0]*0 + sum(halves))\n    return total.reshape(x.shape)\n",
        "the body of double",
    ),
    "its body in a handout": ("HINT.md", f"Try this:\n\n```python\n{SOLUTION}```\n", "the body of double"),
    "its lines in a text": (
        "log.txt",
        "\n".join(f">   {line.strip()}"[4:] for line in SOLUTION.splitlines()),
        "3 lines in a row",
    ),
    "the solution commented out": (
        "draft.py",
        "def double(x):\n"
        + "".join(f"    # {line.strip()}\n" for line in SOLUTION.splitlines()[3:])
        + "    raise KeyError\n",
        "3 lines in a row",
    ),
    "a hidden test": ("tests.txt", HIDDEN, "a text of hidden_tests/"),
    "the input of a hidden test": (
        "notes.md",
        "it asks for forty-two herons on the north pier!",
        "a text of hidden_tests/",
    ),
    "a seed": ("Makefile.local", "SEED=8675309\n", "a word from the list of secrets"),
    "a seed in a binary file": ("model.bin", b"\x00\xff8675309\x00", "a word from the list of secrets"),
    "byte code": ("maths.cpython-311.pyc", b"\xa7\r\r\n", "is a closed file"),
    "a gradebook": ("old/gradebook.sqlite", b"SQLite format 3", "is a closed file"),
    "a history": (".git/config", "[core]\n", "is version control"),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_found(name, tree, course):
    path, content, said = LEAKS[name]
    target = tree / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.encode() if isinstance(content, str) else content)
    leaks = scan(tree, [course], ["8675309"])
    assert any(said in leak.what and leak.file in (path, path.split("/")[0]) for leak in leaks), leaks


def test_an_archive_and_a_link_are_leaks(tree, course):
    with zipfile.ZipFile(tree / "all.zip", "w") as archive:
        archive.writestr("solution.py", SOLUTION)
    (tree / "link").symlink_to("/etc/passwd")
    assert {leak.file for leak in scan(tree, [course])} == {"all.zip", "link"}


def test_how_a_hidden_test_speaks_of_a_failure_is_no_secret(course, tree):
    (tree / course.name / "README.md").write_text("Try run_read of what stands at the pier.")
    assert scan(tree, [course]) == []


def test_what_students_are_given_anyway_is_no_secret(course, tree):
    (course.solution / "adapters.py").write_text((course.folder / "adapters.py").read_text())
    assert scan(tree, [course]) == []


def test_a_place_that_is_taken_or_within_the_course_is_refused(course, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("")
    with pytest.raises(ConfigError, match="expected a new or empty folder"):
        release(course.root, [course], tmp_path / "taken")
    with pytest.raises(ConfigError, match="within the course's own folders"):
        release(course.root, [course], course.folder / "released")


def test_the_command_tells_leaks_by_place_and_fails(course, tmp_path):
    (course.folder / "tests" / "fixtures" / "answer.txt").write_text(HIDDEN)
    command = [sys.executable, "-m", "grader", "release", course.name, "--to", str(tmp_path / "out")]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "HOME": "/tmp", "COLUMNS": "200"}
    ended = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert f"leak: {course.name}/tests/fixtures/answer.txt:" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_this_repository_is_released_without_a_leak_and_its_tests_run(tmp_path):
    tree = tmp_path / "released"
    every = [assignments.load(REPOSITORY, name) for name in assignments.names(REPOSITORY)]
    release(REPOSITORY, every, tree)
    secrets = gather(every)
    assert len(secrets.bodies) > 100
    assert len(secrets.texts) > 10
    assert scan(tree, every) == []
    first = every[0].name
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"{first}/tests/test_softmax.py", "-p", "no:cacheprovider"],
        cwd=tree, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "HOME": "/tmp"},
    )  # fmt: skip
    assert "softmax" in ended.stdout
    assert "to do" in ended.stdout, ended.stdout + ended.stderr
