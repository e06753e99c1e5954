"""Tracks that are verified on a GPU: what happens on a machine without one, and what a box is given on one with."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from grader import boxes
from grader.cli import app
from grader.errors import ConfigError
from grader.leaderboard import gpu, verification
from grader.leaderboard import track as tracks
from grader.leaderboard.case import Refused
from grader.leaderboard.directory import Board
from grader.sandbox import ENGINES, Job
from grader.sandbox.bubblewrap import Bubblewrap
from grader.server.worker import Worker
from grader.testing.draw import Draw
from grader.tests.boards import TOML, give_board, run_of
from grader.tests.course_server import office
from staff.leaderboards.assignment2_systems import attention_speed_gpu
from staff.leaderboards.assignment4_data import filtered_loss

ON_A_GPU = TOML.replace('device = "cpu"', 'device = "gpu"\nverified_on = "gpu"')


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Makes this machine one with these device files, each a device that is harmless."""

    def made(*names):
        folder = tmp_path / "dev"
        folder.mkdir()
        for name in names:
            (folder / name).symlink_to("/dev/null")
        (folder / "nvidia9-notes").write_text("no device")
        monkeypatch.setattr(gpu, "DEVICES", folder)
        return folder

    return made


@pytest.fixture
def track(tiny):
    give_board(tiny, ON_A_GPU)
    return tracks.find(tiny.root, tiny.name, "counting")


def test_without_a_gpu_verifying_is_refused_in_one_line_and_the_entry_waits(tiny, track, machine, tmp_path):
    machine("nvidiactl", "null")
    entry = run_of(tiny, tmp_path / "run", 2)
    with pytest.raises(ConfigError) as caught:
        verification.verify(tiny.root, tiny.name, track, entry, 1)
    assert "track 'counting': entries are verified on a GPU, and this machine has none; verify on a" in str(
        caught.value
    )
    assert "\n" not in str(caught.value)


def test_a_folder_leaves_what_needs_a_gpu_and_verifies_the_rest(tiny, machine, tmp_path, monkeypatch):
    give_board(tiny, TOML + ON_A_GPU.replace("[tracks.counting", "[tracks.far"))
    machine()
    monkeypatch.chdir(tiny.root)
    monkeypatch.setenv("COLUMNS", "200")
    said = []
    for track in ("far", "counting"):
        run = run_of(tiny, tmp_path / track, 2, name=f"heron of {track}", track=track)
        said.append(CliRunner().invoke(app, ["leaderboard", "submit", tiny.name, str(run), "--to", "board"]))
    said.append(CliRunner().invoke(app, ["leaderboard", "verify", "--directory", "board"]))
    assert [one.exit_code for one in said] == [0, 0, 0]
    assert "heron of counting: verified" in said[2].output
    assert "1 verified" in said[2].output
    assert "heron of far: waits; it is verified on a GPU, and this machine has none: verify on a" in said[2].output
    board = Board(Path("board"), tiny.root)
    assert [row.manifest.name for row in board.beyond_this_machine()] == ["heron of far"]
    assert [row.place for row in board.rows(tracks.find(tiny.root, tiny.name, "far"))] == [None]


def test_a_box_is_given_the_devices_and_compiles_its_kernels(tiny, track, machine):
    folder = machine("nvidia0", "nvidiactl", "nvidia-uvm")
    names = tuple(str(folder / name) for name in ("nvidia-uvm", "nvidia0", "nvidiactl"))
    course = verification.of_track(tiny, track)
    assert course.devices == gpu.devices() == names
    job = boxes.job_of(course, Bubblewrap(), tiny.root, {})
    assert job.devices == names
    assert job.environment["TRITON_INTERPRET"] == "0"
    usual = boxes.job_of(
        verification.of_track(tiny, replace(track, verified_on=tracks.Device.CPU)), Bubblewrap(), tiny.root, {}
    )
    assert usual.devices == ()
    assert usual.environment["TRITON_INTERPRET"] == "1"
    assert verification.engine_for(track, "forkserver") == "bubblewrap"
    assert verification.engine_for(track, "plain") == "plain"
    assert verification.engine_for(replace(track, verified_on=tracks.Device.CPU), None) is None


def test_a_box_of_bubblewrap_starts_with_a_device_more():
    source = "import os; os._exit(5 if os.path.exists('/dev/full') else 6)"
    job = Job(source, {"PATH": "/usr/bin:/bin"}, 512, 16, 16, 64, devices=("/dev/full",))
    box = ENGINES["bubblewrap"].start(job)
    try:
        assert box.wait(60) == "exit code 5"
    finally:
        box.kill()


def test_a_worker_claims_only_what_its_machine_can_verify(tiny, track, machine, tmp_path):
    machine()
    with office(tiny.root, tmp_path / "data") as opened:
        assert Worker(opened, 1)._beyond == {(tiny.name, "counting")}


def test_tracks_say_what_verifies_them(tiny):
    give_board(tiny)
    assert tracks.find(tiny.root, tiny.name, "counting").verified_on is tracks.Device.CPU
    give_board(tiny, ON_A_GPU.replace('verified_on = "gpu"', 'verified_on = "tpu"'))
    with pytest.raises(ConfigError, match=r"tracks\.counting\.verified_on is 'tpu'; expected one of cpu, gpu"):
        tracks.load(tiny.root, tiny.name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_verifier_that_finds_no_gpu_says_so(repository):
    class Box:
        track = tracks.find(repository, "assignment4_data", "filtered_loss_gpu")

    with pytest.raises(ConfigError, match="PyTorch finds no GPU on this machine; verify on a machine with CUDA"):
        filtered_loss.scale_of(Box)
    with pytest.raises(ConfigError, match="PyTorch finds no GPU on this machine; verify on a machine with CUDA"):
        attention_speed_gpu.usable(None, "cuda")


def test_an_entry_beside_which_the_reference_is_slow_is_refused():
    attention_speed_gpu.undisturbed(beside=1.4, alone=1.0)
    with pytest.raises(Refused, match=r"the reference took 2\.0 times as long as alone; expected at most 1\.5"):
        attention_speed_gpu.undisturbed(beside=2.0, alone=1.0)


@pytest.mark.parametrize("place", range(4))
def test_passes_in_bfloat16_are_close_enough_and_what_is_left_out_is_named(place):
    draw = Draw(336, "passes")
    shape, seeds, places = [2, 24, 8], [draw.integer(0, 2**62) for _ in range(2)], [3, 60, 383]
    wanted = attention_speed_gpu.expected("cpu", shape, seeds, places)
    sums, numbers, sizes = wanted
    rounded = [sums * (1 + 2**-9), numbers.bfloat16().float()]
    attention_speed_gpu.checked(rounded, wanted, 384)
    name = attention_speed_gpu.NAMES[place]
    zeros = [tensor.clone() for tensor in rounded]
    zeros[1][:, place] = 0
    with pytest.raises(Refused, match=f"the {name} of a timed call is off by"):
        attention_speed_gpu.checked(zeros, wanted, 384)
    others = [tensor.clone() for tensor in rounded]
    others[0][:, place] += 384**0.5 * sizes[:, place]
    with pytest.raises(Refused, match=f"the {name} of a timed call is off by"):
        attention_speed_gpu.checked(others, wanted, 384)
