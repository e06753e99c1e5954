"""The table at home: points by problem, the next one to do, and bonus points apart."""

import os
import subprocess
import sys

import pytest

from grader.tests.conftest import REPOSITORY


@pytest.fixture
def table(tiny):
    """What `pytest assignment0_tiny` ends with, where `count` is a bonus problem and these problems are solved."""

    def lines(*solved):
        toml = tiny.toml.read_text().replace("[problems.count]\n", "[problems.count]\nbonus = true\n")
        tiny.toml.write_text(toml)
        text = (tiny.solution / "maths.py").read_text()
        for problem in {"double", "count"} - set(solved):
            stub = f'raise NotImplementedError("{problem}: write it")'
            text += (
                f"\ndef {problem}(x): {stub}\n"
                if problem == "double"
                else f"\nclass Counter:\n    def __init__(self): {stub}\n"
            )
        (tiny.folder / "maths.py").write_text(text)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "grader.pytest_plugin",
            "--import-mode=importlib",
            tiny.name,
        ]
        environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{tiny.root}"}
        done = subprocess.run(command, cwd=tiny.root, env=environment, capture_output=True, text=True, timeout=120)
        return [" ".join(line.split()) for line in done.stdout.splitlines()]

    return lines


def test_all_points_without_the_bonus(table):
    lines = table("double")
    assert "double 2 / 2 done" in lines
    assert "count 0 / 3 2 of 3 tests pass (optional)" in lines
    assert "total of the problems run 2 / 2" in lines
    assert any(line.startswith("optional: count (") for line in lines)


def test_bonus_points_stand_beside_the_total(table):
    lines = table("double", "count")
    assert "total of the problems run 2 / 2 + 3 bonus" in lines


def test_bonus_points_do_not_fill_up_the_total(table):
    lines = table("count")
    assert "total of the problems run 0 / 2 + 3 bonus" in lines
    assert any(line.startswith("next: double (") for line in lines)
