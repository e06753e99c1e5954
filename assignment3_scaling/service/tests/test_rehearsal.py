"""The rehearsal of a campaign: what a student sees of a policy before it is graded."""

import typer
from typer.testing import CliRunner

from assignment3_scaling import adapters
from assignment3_scaling.service import rehearsal
from assignment3_scaling.service.simulated.surface import draw
from assignment3_scaling.service.tests.simulated_configs import config


def bet(client, budget):
    """A small run, two that are refused, one that breaks down, and a bet."""
    client.wait(client.submit(config().as_json())["experiment_id"])
    for seed in (1, 2):
        try:
            client.submit(config(model_seed=seed, max_runtime_seconds=43_200.0).as_json())
        except client.InsufficientBudget:
            continue
    client.wait(client.submit(config(rate=10.0, max_runtime_seconds=100.0).as_json())["experiment_id"])
    return client.submit_final(config().as_json(), 4.0, (3.9, 4.1))


def command(*arguments):
    app = typer.Typer()
    app.command()(rehearsal.main)
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "120"})


def test_a_campaign_is_measured():
    result = rehearsal.played(bet, draw("a"), 43_200.0)
    assert result is not None
    assert 0.02 < result.waste < 0.021  # two refusals, and a run that broke down early
    assert 0 < result.use < 0.001
    assert result.regret > 0.5
    assert result.interval == (3.9, 4.1)


def test_each_surface_gets_a_line_and_all_of_them_a_mean(monkeypatch):
    monkeypatch.setattr(adapters, "run_scaling_campaign", bet)
    shown = command("--surfaces", "2", "--seed", "word")
    assert shown.exit_code == 0
    assert [name in shown.output for name in ("word 0", "word 1", "word 2")] == [True, True, False]
    assert "mean" in shown.output


def test_no_bet_scores_nothing(monkeypatch):
    monkeypatch.setattr(adapters, "run_scaling_campaign", lambda client, budget: None)
    shown = command("--surfaces", "1")
    assert "no bet" in shown.output
    assert "0.00" in shown.output
