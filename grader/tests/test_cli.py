"""The command line as its users meet it: tables, JSON, exit codes, and one clear line for each mistake."""

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from grader.cli.grade import expand

REPOSITORY = Path(__file__).parent.parent.parent


@pytest.fixture
def grader(tiny_root):
    """Runs `grader …` in the tiny course."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        environment = {
            "PATH": "/usr/bin:/bin:/usr/local/bin",
            "PYTHONPATH": str(REPOSITORY),
            "COLUMNS": "200",
            "HOME": "/tmp",
        }
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tiny_root, env=environment, timeout=280, check=False
        )

    return run


def reports(out: Path) -> dict[str, dict]:
    return {path.stem: json.loads(path.read_text()) for path in out.glob("*.json")}


def test_a_batch_of_good_and_bad_hand_ins_is_graded_whole(grader, tiny, handin, tmp_path):
    batch = tmp_path / "batch"
    batch.mkdir()
    shutil.copytree(handin(), batch / "heron")
    with tarfile.open(batch / "ibis.tar.gz", "w:gz") as archive:
        archive.add(handin(append="def double(x): return x\n"), arcname="ibis/assignment0_tiny")
    with zipfile.ZipFile(batch / "slip.zip", "w") as archive:
        archive.writestr("adapters.py", "")
        archive.writestr("../slipped.py", "")
    (batch / "broken.zip").write_bytes(b"PK\x03\x04 cut short")
    linked = shutil.copytree(handin(), batch / "linked")
    (linked / "secret.py").symlink_to("/etc/passwd")
    empty = batch / "empty"
    empty.mkdir()
    (empty / "notes.txt").write_text("nothing")
    shutil.copytree(handin(append="def broken(:\n"), batch / "typo")

    result = grader("grade", tiny.name, batch, "--out", tmp_path / "out", "--jobs", 2)

    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    refusals = [line for line in result.stderr.splitlines() if line.startswith("refused: ")]
    assert len(refusals) == 4
    for name, fact in [
        ("slip.zip", "slipped.py"),
        ("broken.zip", "zip"),
        ("linked", "secret.py"),
        ("empty", "adapters.py"),
    ]:
        assert any(name in line and fact in line for line in refusals), (name, refusals)
    found = reports(tmp_path / "out")
    scores = {name: report["score"] for name, report in found.items() if name != "class"}
    assert scores == {"heron": 5, "ibis": 3, "typo": 0, "slip": 0, "broken": 0, "linked": 0, "empty": 0}
    assert not (tmp_path / "slipped.py").exists()
    heron = found["heron"]
    assert heron["schema"] == 1
    assert heron["assignment"] == tiny.name
    assert heron["max_score"] == 5
    assert heron["seed"] == 336
    double = next(row for row in heron["problems"] if row["id"] == "double")
    assert {key: double[key] for key in ("score", "max_score", "verdict")} == {
        "score": 2,
        "max_score": 2,
        "verdict": "PASS",
    }
    assert {"name", "hidden", "verdict", "message", "seconds"} <= double["tests"][0].keys()
    assert (tmp_path / "out" / "class.html").read_text().count("ibis") > 0


def test_json_is_all_there_is_on_standard_output(grader, tiny, handin, tmp_path):
    result = grader("grade", tiny.name, handin(), "--out", tmp_path / "out", "--json", "--seed", 9)
    assert result.returncode == 0
    assert json.loads(result.stdout) == reports(tmp_path / "out")["class"]


def test_new_points_need_no_new_run(grader, tiny, handin, tmp_path):
    assert grader("grade", tiny.name, handin(), "--out", tmp_path / "out").returncode == 0
    before = reports(tmp_path / "out")["handin0"]
    tiny.toml.write_text(tiny.toml.read_text().replace("points = 2", "points = 7"))
    (tiny.folder / "tests" / "test_double.py").write_text("raise SystemExit('a test was run')")
    assert grader("score", tmp_path / "out").returncode == 0
    after = reports(tmp_path / "out")["handin0"]
    assert (before["score"], after["score"], after["max_score"]) == (5, 10, 10)


def test_an_error_of_ours_is_pending_and_exits_with_two(grader, tiny, handin, tmp_path):
    path = tiny.folder / "tests" / "test_double.py"
    path.write_text(path.read_text() + "\n\ndef test_broken(check):\n    1 / 0\n")
    result = grader("grade", tiny.name, handin(), "--out", tmp_path / "out")
    assert result.returncode == 2
    assert "GRADER_ERROR" in result.stderr
    report = reports(tmp_path / "out")["handin0"]
    assert report["problems"][0]["verdict"] == "GRADER_ERROR"
    assert report["problems"][0]["score"] is None
    assert report["score"] == 3
    status = json.loads(grader("status", tmp_path / "out", "--json").stdout)
    assert status["hand_ins"] == {"pending": 1}


def test_a_score_below_what_is_required_exits_with_one(grader, tiny, handin, tmp_path):
    short = handin(append="def double(x): return x\n")
    assert grader("grade", tiny.name, short, "--out", tmp_path / "a", "--require", 60).returncode == 0
    assert grader("grade", tiny.name, short, "--out", tmp_path / "a", "--require", 61).returncode == 1


def test_one_problem_can_be_graded_alone(grader, tiny, handin, tmp_path):
    assert grader("grade", tiny.name, handin(), "--out", tmp_path / "a", "--problem", "double").returncode == 0
    report = reports(tmp_path / "a")["handin0"]
    assert [row["id"] for row in report["problems"]] == ["double"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["grade", "assignment0_tny", "x"],
            "unknown assignment 'assignment0_tny' (did you mean 'assignment0_tiny'?)",
        ),
        (
            ["grade", "assignment0_tiny", "--problem", "dubble"],
            "--problem dubble: assignment0_tiny has no such problem (did you mean 'double'?)",
        ),
        (["grade", "assignment0_tiny", "--engine", "bubble"], "unknown engine 'bubble'"),
        (["grade", "assignment0_tiny", "--policy", "strict"], "'strict' is not one of"),
        (["check", "assignment9"], "unknown assignment 'assignment9'"),
        (["score", "nowhere"], "nowhere: holds no outcomes; expected a folder that `grader grade --out` wrote"),
        (["status", "nowhere"], "nowhere: is not there"),
        (["regrade", "assignment0_tiny", "nowhere"], "nowhere: is not there"),
        (["pack", "assignment0_tiny", "--out", "assignment0_tiny/adapters.py/mine.zip"], "adapters.py: File exists"),
        (
            ["grade", "assignment0_tiny", "--out", "assignment0_tiny/adapters.py/grades"],
            "adapters.py/grades: Not a directory",
        ),
    ],
)
def test_a_wrong_argument_is_one_clear_line(grader, arguments, said):
    result = grader(*arguments)
    assert result.returncode == 2
    text = result.stdout + result.stderr
    assert said in text
    assert "Traceback" not in text


def test_a_hand_in_that_is_not_there_is_refused(grader, tiny, tmp_path):
    result = grader("grade", tiny.name, tmp_path / "nowhere.zip", "--out", tmp_path / "out")
    assert result.returncode == 1
    assert "nowhere.zip" in result.stderr


def test_whatever_a_folder_of_hand_ins_holds_is_graded_or_refused_by_name(tmp_path):
    for name in ("ADA.ZIP", "ben.tar.gz", "cleo.rar", "dan.tar", "eve.py", "notes.txt", ".hidden.zip"):
        (tmp_path / name).touch()
    (tmp_path / "fay").mkdir()
    found = {path.name for path in expand([tmp_path], "assignment0_tiny")}
    assert found == {"ADA.ZIP", "ben.tar.gz", "cleo.rar", "dan.tar", "eve.py", "fay"}


def test_a_mistake_in_the_toml_is_one_clear_line(grader, tiny, handin):
    tiny.toml.write_text(tiny.toml.read_text().replace("points = 2", "pionts = 2"))
    result = grader("grade", tiny.name, handin())
    assert result.returncode == 2
    assert "assignment.toml: unknown key 'problems.double.pionts' (did you mean 'points'?)" in result.stderr.replace(
        "\n", ""
    )


def test_doctor_says_what_the_machine_gives(grader):
    result = grader("doctor", "--json")
    said = json.loads(result.stdout)
    assert said["engines"]["plain"] == "works"
    assert said["isolating"] == any(said["engines"][name] == "works" for name in said["engines"] if name != "plain")
    assert result.returncode == (0 if said["isolating"] else 2)


def test_pack_makes_a_zip_that_can_be_graded(grader, tiny, tmp_path):
    shutil.copyfile(tiny.solution / "maths.py", tiny.folder / "maths.py")
    packed = grader("pack", tiny.name, "--out", tmp_path / "mine.zip")
    assert packed.returncode == 0, packed.stderr
    assert "maths.py" in packed.stdout
    assert set(zipfile.ZipFile(tmp_path / "mine.zip").namelist()) == {
        "assignment0_tiny/adapters.py",
        "assignment0_tiny/maths.py",
    }
    result = grader("grade", tiny.name, tmp_path / "mine.zip", "--out", tmp_path / "out", "--require", 100)
    assert result.returncode == 0


def test_every_command_and_option_says_what_it_is(grader):
    listing = grader("--help").stdout
    for command in ("doctor", "check", "grade", "score", "status", "pack", "snapshots"):
        assert command in listing
        text = grader(command, "--help").stdout
        assert "Usage" in text
        rows = [line for line in text.splitlines() if line.lstrip("│ *").startswith("--")]
        assert all(len(row.strip("│ ").split("  ")) > 1 for row in rows)


def test_snapshots_are_compared_and_recorded(grader, tiny):
    path = tiny.folder / "tests" / "test_double.py"
    path.write_text(
        path.read_text()
        + """

def test_the_stored_values_agree(adapters, snapshot):
    import torch
    snapshot.equal("doubled", adapters.run_double(torch.arange(3.0)).tolist(), who="run_double")
"""
    )
    assert grader("snapshots", tiny.name).returncode == 2
    assert not (tiny.folder / "tests" / "snapshots" / "double" / "doubled.json").exists()
    assert grader("snapshots", tiny.name, "--write").returncode == 0
    stored = tiny.folder / "tests" / "snapshots" / "double" / "doubled.json"
    assert json.loads(stored.read_text()) == [0.0, 2.0, 4.0]
    assert grader("snapshots", tiny.name).returncode == 0
    stored.write_text("[0.0, 2.0, 5.0]")
    assert grader("snapshots", tiny.name).returncode == 2
    assert stored.read_text() == "[0.0, 2.0, 5.0]"
