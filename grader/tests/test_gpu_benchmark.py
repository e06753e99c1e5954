"""The benchmark of attention on a GPU, as far as it can be tried without one: its arguments, refusal and table."""

import pytest
import torch

from benchmarks.gpu.__main__ import _options, main
from benchmarks.gpu.table import HEAD, Row, table

ROW = Row(
    dtype="bfloat16", d=64, length=4096, heads=16, what="forward", triton=0.5, peer="flash", peer_time=0.4, naive=2.0
)


def cells(row):
    return [cell.strip() for cell in table([row]).splitlines()[-1].strip("|").split("|")]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, and a run would take minutes")
def test_without_a_gpu_it_says_so_and_exits_with_2(capsys):
    assert main([]) == 2
    said = capsys.readouterr()
    assert "needs a GPU" in said.err
    assert said.out == ""


def test_lengths_go_from_1k_to_32k_unless_others_are_given():
    assert _options([]).lengths == [1024, 2048, 4096, 8192, 16384, 32768]
    assert _options(["--lengths", "4k", "1000"]).lengths == [4096, 1000]


@pytest.mark.parametrize("length", ["k", "-4", "0k", "four"])
def test_what_is_no_length_is_refused(length, capsys):
    with pytest.raises(SystemExit) as stopped:
        _options([f"--lengths={length}"])
    assert stopped.value.code == 2
    assert "expected a number such as 4096 or 4k" in capsys.readouterr().err


def test_a_row_has_times_speeds_and_ratios():
    # 4 * 16 heads * 4096^2 * 64 / 2 = 34.36 GFLOP in half a millisecond
    assert cells(ROW) == [
        *("bfloat16", "64", "4,096", "forward", "0.500", "68.7", "flash", "0.400", "85.9", "1.25", "2.000", "0.25")
    ]
    assert len(cells(ROW)) == len(HEAD[0].strip("|").split("|"))


def test_both_passes_are_three_and_a_half_times_the_work():
    both = Row(**{**ROW.as_json(), "what": "forward and backward"})
    assert both.flops() == 3.5 * ROW.flops()


def test_what_did_not_fit_into_memory_is_a_dash():
    row = Row(**{**ROW.as_json(), "naive": None, "peer_time": None})
    assert cells(row)[7:] == ["–"] * 5
