"""Where an entry of assignment 5 begins: what cannot be begun from is one clear line."""

import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file


@pytest.fixture
def begin(repository, tmp_path):
    """Runs the command that trains an entry, and gives its exit code and what it said of its error."""

    def run(*options: object):
        command = [
            sys.executable,
            "-m",
            "assignment5_alignment.leaderboard",
            "--out",
            tmp_path / "run",
            "--name",
            "heron",
        ]
        ended = subprocess.run(
            [*map(str, command), *map(str, options)], cwd=repository, capture_output=True, text=True, check=False
        )
        assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
        return ended.returncode, ended.stderr

    return run


def test_parameters_of_something_else_are_refused(begin, tmp_path):
    save_file({"weight": torch.zeros(2, 2)}, tmp_path / "other.safetensors")
    code, said = begin("--start", tmp_path / "other.safetensors")
    assert code == 2
    assert "other.safetensors holds no policy of the toy tasks" in said
    assert "expected what tasks.weights_of gives" in said


def test_a_file_that_is_no_safetensors_is_refused(begin, tmp_path):
    (tmp_path / "start.safetensors").write_bytes(b"not at all")
    code, said = begin("--start", tmp_path / "start.safetensors")
    assert code == 2
    assert "start.safetensors holds no policy of the toy tasks" in said


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_said_so(begin):
    code, said = begin("--device", "cuda")
    assert code == 2
    assert "PyTorch finds no GPU on this machine; expected one for --device cuda" in said
