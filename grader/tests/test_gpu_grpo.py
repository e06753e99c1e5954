"""The benchmark of GRPO on a GPU, as far as it can be tried without one: a tiny run of the same loop, refusals, the table."""

import pytest
import torch

from benchmarks.gpu.grpo import SIZES, main, page
from benchmarks.gpu.grpo_run import model, reward

FOUND = {
    "case": {**SIZES, "device": "cuda"},
    "parameters": 136_000_000,
    "dtype": "bfloat16",
    "device": "a card",
    "torch": "2.13.0",
    "sampled": 98_304,
    "sampling": 2.0,
    "trained": 80_000,
    "training": 0.5,
    "peak_memory": 3 * 2**30,
}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, and a run would take minutes")
def test_without_a_gpu_it_says_so_and_exits_with_2(capsys):
    assert main([]) == 2
    said = capsys.readouterr()
    assert "needs a GPU" in said.err
    assert said.out == ""


def test_a_tiny_one_runs_on_the_processor(capsys, tmp_path):
    """Two prompts, four completions of eight tokens each, one step that counts after the first."""
    assert main(["--cpu", "--out", str(tmp_path / "page.md")]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out == (tmp_path / "page.md").read_text() + "\n"
    row = [cell.strip().replace(",", "") for cell in said.out.splitlines()[-2].strip("|").split("|")]
    parameters, sampled, sampled_rate, trained, trained_rate = map(int, row[:5])
    assert parameters == sum(parameter.numel() for parameter in model(1, 64, 1024).parameters())
    assert sampled == 2 * 4 * 8
    # Each row that goes through has its prompt and the response, but for the last token; those without advantage do not.
    assert 0 < trained <= 8 * 40
    assert min(sampled_rate, trained_rate) > 0
    assert row[5] == "–"


def test_a_row_has_tokens_and_tokens_a_second():
    text = page(FOUND)
    assert "16 prompts a step and 8 completions of 256 tokens" in text
    assert "bfloat16 on a card" in text
    assert "3 steps after one that warmed up" in text
    assert text.splitlines()[-1] == "| 136,000,000 | 98,304 | 49,152 | 80,000 | 160,000 | 3.0 |"


def test_unless_told_otherwise_the_model_has_more_than_100_million_parameters():
    """Counted on models of one and two layers: all layers are alike."""
    one, two = (
        sum(parameter.numel() for parameter in model(layers, SIZES["width"], 1024).parameters()) for layers in (1, 2)
    )
    assert one + (SIZES["layers"] - 1) * (two - one) > 100_000_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--width", "100"], "100 is not a multiple of 64"),
        (["--steps", "1"], "1 is too little or no number; expected 2 or more"),
        (["--tokens", "many"], "many is too little or no number; expected 1 or more"),
    ],
)
def test_sizes_that_make_no_sense_are_refused(arguments, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--cpu"])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_one_response_of_two_earns_a_reward():
    earned = [reward(f"response {number}", "")["reward"] for number in range(1000)]
    assert 450 < sum(earned) < 550
    assert set(earned) == {0.0, 1.0}
