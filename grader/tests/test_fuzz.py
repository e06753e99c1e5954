"""Fuzzing for a few seconds, the same way each time; `make fuzz` looks further, guided by the code, for as long as wanted."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader import wire
from grader.errors import WireError
from grader.tests.fuzz import seeds, targets

ROOT = Path(__file__).parents[2]
RUNS = {"wire": 40_000, "intake": 1500}


@pytest.mark.slow
@pytest.mark.parametrize("target", RUNS)
def test_no_bytes_break_what_is_promised(target):
    command = [sys.executable, "-m", "grader.tests.fuzz", target, "--same", f"-runs={RUNS[target]}", "-seed=336"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=200, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    assert f"Done {RUNS[target]} " in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("target", RUNS)
def test_guided_by_the_code_it_runs_through_the_seeds(target):
    command = [sys.executable, "-m", "grader.tests.fuzz", target, "-runs=40"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=200, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    assert "Done 40 " in result.stdout + result.stderr


@pytest.mark.parametrize("target", RUNS)
def test_the_seeds_keep_the_promises_themselves(target, tmp_path):
    seeds.write(target, tmp_path)
    contents = [path.read_bytes() for path in tmp_path.iterdir()]
    assert len(contents) >= 6
    for content in contents:
        targets.TARGETS[target](content)


def test_a_decoder_that_lets_another_exception_out_is_found(monkeypatch):
    def broken(header, blob):
        raise ValueError

    monkeypatch.setattr(wire, "decode", broken)
    with pytest.raises(ValueError):  # noqa: PT011 — the very exception
        targets.wire_bytes(seeds.frames()[0])


def test_a_value_that_cannot_be_sent_again_is_found(monkeypatch):
    def refusing(value):
        raise WireError("a value of type object is not plain data")

    monkeypatch.setattr(wire, "copy", refusing)
    with pytest.raises(targets.Broken):
        targets.wire_bytes(seeds.frames()[0])


def test_a_file_written_elsewhere_is_found(monkeypatch):
    def escaping(source, name, destination, caps):
        (destination.parent / "elsewhere").write_text("")

    monkeypatch.setattr(targets, "open_handin", escaping)
    with pytest.raises(targets.Broken, match="beside"):
        targets.intake_bytes(b"z" + seeds.zips()[0])


def test_a_link_and_too_many_bytes_are_found(monkeypatch):
    def linking(source, name, destination, caps):
        destination.mkdir()
        (destination / "link").symlink_to("/etc/passwd")

    def flooding(source, name, destination, caps):
        destination.mkdir()
        (destination / "much").write_bytes(bytes(caps.file_bytes + 1))

    for broken, words in ((linking, "no file"), (flooding, "caps")):
        monkeypatch.setattr(targets, "open_handin", broken)
        with pytest.raises(targets.Broken, match=words):
            targets.intake_bytes(b"z" + seeds.zips()[0])
