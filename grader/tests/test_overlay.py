"""The overlay: students' files over stubs, staff's from staff, and hashes of exactly what decides a grade."""

import os
import shutil
import stat
import zipfile
from pathlib import PurePosixPath

import pytest

from grader import assignment as assignments
from grader import overlay
from grader.assignment import STAFF_OWNED
from grader.errors import ConfigError, HandinError
from grader.intake import open_handin


@pytest.fixture
def brought(tmp_path):
    """Makes an opened hand-in from paths and contents."""

    def made(**files):
        folder = tmp_path / "brought"
        shutil.rmtree(folder, ignore_errors=True)
        for name, content in {"adapters.py": "students = 1\n", **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return folder

    return made


@pytest.fixture
def built(tiny, tmp_path):
    """Builds the tree of a hand-in."""
    return lambda handin: overlay.build(tiny, handin, tmp_path / "tree")


def tree(built):
    return {path.relative_to(built.root).as_posix() for path in built.root.rglob("*") if path.is_file()}


def test_stubs_fill_in_what_a_hand_in_lacks(built, brought, tiny):
    made = built(brought())
    assert (made.package / "adapters.py").read_text() == "students = 1\n"
    assert (made.package / "maths.py").read_text() == (tiny.folder / "maths.py").read_text()
    assert made.student_files == ("adapters.py",)
    assert made.ignored == ()


def test_without_a_hand_in_the_tree_is_the_stubs(built, tiny):
    made = built(None)
    assert (made.package / "adapters.py").read_text() == (tiny.folder / "adapters.py").read_text()


def test_a_worker_sees_fixtures_and_no_test_snapshot_or_hidden_test(built, brought, tiny):
    (tiny.folder / "tests" / "snapshots" / "double").mkdir(parents=True)
    (tiny.folder / "tests" / "snapshots" / "double" / "values.json").write_text("[]")
    package = tiny.name
    assert tree(built(brought())) == {
        f"{package}/{name}"
        for name in (
            *("__init__.py", "README.md", "assignment.toml", "drivers.py", "adapters.py", "maths.py"),
            "tests/fixtures/word.txt",
        )
    }


@pytest.mark.parametrize(
    "name",
    [
        "__init__.py", "README.md", "assignment.toml", "drivers.py", "tests/test_double.py",
        "tests/conftest.py", "tests/fixtures/word.txt", "drivers/__init__.py", "__init__/__init__.py",
        "tests.py", "Drivers.py", "drivers/counting.py", "TESTS/test_double.py", "drivers.abi3.so", "readme.MD",
    ],
)  # fmt: skip
def test_staff_owned_files_come_from_staff(built, brought, tiny, name):
    made = built(brought(**{name: "stolen"}))
    assert not any("stolen" in path.read_text() for path in made.root.rglob("*") if path.is_file())
    assert name not in made.student_files
    left_out_anyway = name.endswith(".so")
    assert made.ignored == (() if left_out_anyway else (name,))


@pytest.mark.parametrize("name", ["drivers.py", "drivers/__init__.py", "drivers/counting.py", "drivers/more.py"])
def test_no_driver_is_taken_where_staffs_drivers_are_a_package(built, brought, driver_package, name):
    made = built(brought(**{name: "stolen"}))
    drivers = {path.relative_to(made.package).as_posix() for path in made.package.rglob("*driver*")}
    assert drivers == {"drivers"}
    assert {path.name for path in (made.package / "drivers").iterdir()} == {"__init__.py", "counting.py"}
    assert not any("stolen" in path.read_text() for path in made.root.rglob("*") if path.is_file())
    assert made.ignored == (name,)


def test_staff_files_handed_in_unchanged_are_not_worth_a_word(built, tiny):
    assert built(tiny.folder).ignored == ()


def test_a_students_folder_takes_the_place_of_a_stub_and_the_reverse(built, brought, tiny):
    (tiny.folder / "extra").mkdir()
    (tiny.folder / "extra" / "stub.py").touch()
    made = built(brought(**{"maths.py/deep.py": "1", "extra": "2"}))
    assert (made.package / "maths.py" / "deep.py").read_text() == "1"
    assert (made.package / "extra").read_text() == "2"


def test_modes_let_another_user_read_and_nobody_else_write(built, brought):
    before = os.umask(0o077)
    try:
        made = built(brought(**{"parts/a.py": ""}))
    finally:
        os.umask(before)
    for path in (made.root, *made.root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644), path


def test_a_link_is_refused(built, brought, tmp_path):
    folder = brought()
    (folder / "nn.py").symlink_to("/etc/passwd")
    with pytest.raises(HandinError, match=r"nn\.py: neither a plain file nor a folder"):
        built(folder)


def test_only_staffs_five_and_their_doubles_are_staff_owned():
    for name in (
        "adapters.py",
        "nn.py",
        "mytests/a.py",
        "driver.py",
        "parts/tests/a.py",
        "parts/__init__.py",
    ):
        assert not overlay.is_staff_owned(PurePosixPath(name), STAFF_OWNED)


@pytest.mark.parametrize("name", ["given/counts.py", "given.py", "Given/counts.py", "given.abi3.so", "given/more.py"])
def test_what_staff_give_beside_tests_and_drivers_comes_from_staff(brought, tiny, tmp_path, name):
    (tiny.folder / "given").mkdir()
    (tiny.folder / "given" / "counts.py").write_text("staffs = 1\n")
    tiny.toml.write_text('staff = ["given"]\n' + tiny.toml.read_text())
    made = overlay.build(assignments.load(tiny.root, tiny.name), brought(**{name: "stolen"}), tmp_path / "tree")
    assert (made.package / "given" / "counts.py").read_text() == "staffs = 1\n"
    assert not any("stolen" in path.read_text() for path in made.root.rglob("*") if path.is_file())
    assert made.student_files == ("adapters.py",)


@pytest.fixture
def two_courses(tiny_root):
    """A second assignment that needs the first."""
    second = tiny_root / "assignment1_more"
    shutil.copytree(tiny_root / "assignment0_tiny", second)
    toml = (second / "assignment.toml").read_text()
    (second / "assignment.toml").write_text(f'needs = ["assignment0_tiny"]\n{toml}')
    return assignments.load(tiny_root, "assignment1_more")


def test_a_needed_assignment_is_there_as_its_reference(two_courses, tmp_path, brought):
    made = overlay.build(two_courses, brought(), tmp_path / "tree")
    needed = made.root / "assignment0_tiny"
    reference = two_courses.root / "staff" / "solutions" / "assignment0_tiny" / "maths.py"
    assert (needed / "maths.py").read_text() == reference.read_text()
    assert (needed / "adapters.py").is_file()
    assert [p.name for p in (needed / "tests").rglob("*") if p.is_file()] == ["word.txt"]


def test_a_hand_in_cannot_reach_the_needed_assignment(two_courses, tmp_path, brought):
    made = overlay.build(two_courses, brought(**{"assignment0_tiny/maths.py": "stolen"}), tmp_path / "tree")
    assert "stolen" not in (made.root / "assignment0_tiny" / "maths.py").read_text()


def test_a_needed_reference_that_is_not_there_is_a_clear_error(two_courses, tmp_path):
    shutil.rmtree(two_courses.root / "staff" / "solutions")
    with pytest.raises(ConfigError, match="expected the reference of 'assignment0_tiny'"):
        overlay.build(two_courses, None, tmp_path / "tree")


def test_in_a_students_tree_the_needed_assignment_is_what_lies_there(two_courses, tmp_path):
    shutil.rmtree(two_courses.root / "staff")
    mine = two_courses.root / "assignment0_tiny" / "maths.py"
    mine.write_text("written = True\n")
    made = overlay.build(two_courses, None, tmp_path / "tree")
    assert (made.root / "assignment0_tiny" / "maths.py").read_text() == mine.read_text()


def test_the_submission_hash_is_of_content_alone(brought, tiny, tmp_path):
    folder = brought(**{"b.py": "2", "a.py": "1", "drivers.py": "ignored", "README.md": "ignored"})
    with zipfile.ZipFile(tmp_path / "quill.zip", "w") as archive:
        for name in ("b.py", "adapters.py", "a.py"):
            archive.write(folder / name, f"wrapped/{name}")
    opened = open_handin(tmp_path / "quill.zip", tiny.name, tmp_path / "opened")
    os.utime(folder / "a.py", (0, 0))
    assert overlay.submission_sha256(folder, STAFF_OWNED) == overlay.submission_sha256(opened.folder, STAFF_OWNED)


@pytest.mark.parametrize(
    "changed", [{"a.py": "1 "}, {"c.py": "1", "a.py": None}, {"empty.py": ""}, {"a.py": "", "b.py": "12"}]
)
def test_the_submission_hash_changes_with_names_and_bytes(brought, changed):
    first = overlay.submission_sha256(brought(**{"a.py": "1", "b.py": "2"}), STAFF_OWNED)
    files = {name: text for name, text in {"a.py": "1", "b.py": "2", **changed}.items() if text is not None}
    assert overlay.submission_sha256(brought(**files), STAFF_OWNED) != first


@pytest.mark.parametrize(
    "path",
    [
        "assignment0_tiny/tests/test_double.py",
        "assignment0_tiny/tests/fixtures/word.txt",
        "assignment0_tiny/tests/new.py",
        "assignment0_tiny/assignment.toml",
        "assignment0_tiny/drivers.py",
        "assignment0_tiny/maths.py",
        "staff/hidden_tests/assignment0_tiny/test_double.py",
    ],
)
def test_the_assignment_hash_changes_with_all_that_decides_a_grade(tiny, path):
    before = overlay.assignment_sha256(tiny)
    with (tiny.root / path).open("a") as file:
        file.write("\n# changed\n")
    assert overlay.assignment_sha256(tiny) != before


def test_the_assignment_hash_changes_with_the_reference_of_what_it_needs(two_courses):
    before = overlay.assignment_sha256(two_courses)
    (two_courses.root / "staff/solutions/assignment0_tiny/maths.py").write_text("")
    assert overlay.assignment_sha256(two_courses) != before


def test_mending_the_handout_or_the_solution_regrades_nobody(tiny):
    before = overlay.assignment_sha256(tiny)
    (tiny.folder / "README.md").write_text("# mended\n")
    (tiny.solution / "maths.py").write_text("")
    (tiny.folder / "__pycache__").mkdir()
    (tiny.folder / "__pycache__" / "x.pyc").touch()
    assert overlay.assignment_sha256(tiny) == before
