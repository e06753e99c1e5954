"""`grader pack` makes the same zip from the same files, of student-owned files only, which intake opens."""

import os
import zipfile

import pytest

from grader import overlay
from grader.assignment import STAFF_OWNED
from grader.intake import IntakeError, open_handin
from grader.pack import pack


@pytest.fixture
def work(handin, tiny):
    """A student's working folder: everything that was released, and the student's own."""
    folder = handin()
    for name in ("__init__.py", "README.md", "assignment.toml", "drivers.py"):
        (folder / name).write_bytes((tiny.folder / name).read_bytes())
    (folder / ".git").mkdir()
    (folder / ".git" / "config").touch()
    return folder


def test_the_zip_holds_student_owned_files_only(work, tiny, tmp_path):
    packed = pack(tiny, work, tmp_path / "quill.zip")
    with zipfile.ZipFile(packed.path) as archive:
        assert archive.namelist() == [f"{tiny.name}/adapters.py", f"{tiny.name}/maths.py"]
    assert [file.name for file in packed.files] == ["adapters.py", "maths.py"]
    assert packed.files[1].size == (work / "maths.py").stat().st_size
    assert packed.warnings == ("left out of the hand-in: .git/",)


def test_the_zip_is_the_same_byte_for_byte(work, tiny, tmp_path):
    first = pack(tiny, work, tmp_path / "a.zip").path.read_bytes()
    os.utime(work / "maths.py", (0, 0))
    (work / "maths.py").chmod(0o600)
    assert pack(tiny, work, tmp_path / "b.zip").path.read_bytes() == first


def test_what_is_packed_opens_to_the_same_submission(work, tiny, tmp_path):
    packed = pack(tiny, work, tmp_path / "quill.zip")
    opened = open_handin(packed.path, tiny.name, tmp_path / "opened")
    assert overlay.submission_sha256(opened.folder, STAFF_OWNED) == packed.submission_sha256
    assert overlay.submission_sha256(work, STAFF_OWNED) == packed.submission_sha256


def test_what_would_be_refused_is_refused_at_home(work, tiny, tmp_path):
    (work / "nn.py").symlink_to("maths.py")
    with pytest.raises(IntakeError, match=r"'nn\.py' is a symbolic link"):
        pack(tiny, work, tmp_path / "quill.zip")
    assert not (tmp_path / "quill.zip").exists()


def test_big_odd_and_unreadable_files_are_questioned(work, tiny, tmp_path):
    (work / "data.npy").write_bytes(os.urandom(2 * 1024 * 1024))
    (work / "broken.py").write_text("def f(:\n")
    (work / "nul.py").write_text("x = '\0'\n")
    (work / "deep.py").write_text("-" * 200_000 + "1\n")
    warnings = "\n".join(pack(tiny, work, tmp_path / "quill.zip").warnings)
    assert "data.npy is 2.0 MB; is it meant to be handed in?" in warnings
    assert "data.npy is an unusual kind of file" in warnings
    assert "broken.py, line 1: Python cannot read it: invalid syntax" in warnings
    assert "nul.py" in warnings
    assert "deep.py: Python cannot read it" in warnings


def test_an_old_zip_is_replaced_and_no_draft_is_left(work, tiny, tmp_path):
    target = tmp_path / "out" / "quill.zip"
    target.parent.mkdir()
    target.write_text("old")
    pack(tiny, work, target)
    assert zipfile.is_zipfile(target)
    assert os.listdir(target.parent) == ["quill.zip"]
