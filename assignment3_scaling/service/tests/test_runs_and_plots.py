"""The shipped runs are what their code makes today, follow their laws, and can be drawn."""

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from assignment3_scaling import plotting
from assignment3_scaling.data import FOLDER, runs_of
from assignment3_scaling.data.__main__ import write
from assignment3_scaling.data.law import tokens_for
from assignment3_scaling.data.sets import SETS, Profiles

matplotlib.use("agg")
PROFILES = [name for name, made in SETS.items() if isinstance(made, Profiles)]


def loglog(x, y):
    """A fit to draw with."""
    a, offset = np.polyfit(np.log(x), np.log(y), 1)
    return float(np.exp(offset)), float(a)


def lowest(runs):
    budgets = sorted({run["compute_budget"] for run in runs})
    own = [[run for run in runs if run["compute_budget"] == C and run["final_loss"]] for C in budgets]
    best = [min(profile, key=lambda run: run["final_loss"]) for profile in own]
    return np.array(budgets), np.array([float(run["parameters"]) for run in best])


@pytest.fixture
def axes():
    return Figure().subplots()


def test_the_files_are_what_the_code_makes_today(tmp_path):
    made = {path.name: path.read_bytes() for path in write(tmp_path)}
    assert made == {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize("name", SETS)
def test_losses_follow_the_stated_law_but_for_noise(name):
    made = SETS[name]
    spoilt = getattr(made, "spoilt", 0)
    off = []
    for run in runs_of(name):
        if run["final_loss"] is not None:
            tokens = run.get("tokens") or tokens_for(run["compute_budget"], run["parameters"])
            off.append(run["final_loss"] - made.law.loss(run["parameters"], tokens))
    off.sort(key=abs)
    kept = np.array(off[: len(off) - spoilt])
    assert np.abs(kept).max() <= 4.5 * made.noise + 10.0**-made.decimals
    assert made.noise == 0 or 0.7 * made.noise < kept.std() < 1.3 * made.noise
    assert all(error > 0.05 for error in off[len(off) - spoilt :])


@pytest.mark.parametrize("name", PROFILES)
def test_every_budget_is_bracketed(name):
    runs = runs_of(name)
    assert len(runs) == SETS[name].models * len(SETS[name].budgets)
    for C in SETS[name].budgets:
        profile = sorted((run["parameters"], run["final_loss"]) for run in runs if run["compute_budget"] == C)
        losses = [loss for _, loss in profile if loss is not None]
        assert min(losses) not in (losses[0], losses[-1])
        assert len(losses) >= SETS[name].models - 3


def test_profiles_have_a_line_a_budget_and_leave_diverged_runs_out(axes):
    runs = runs_of("isoflops_noisy")
    plotting.isoflop_profiles(axes, runs, optima=[(1e16, 1e7, 1e8, 4.0)])
    *lines, marks = axes.lines
    assert len(lines) == len(SETS["isoflops_noisy"].budgets)
    assert sum(len(line.get_xdata()) for line in lines) == sum(run["final_loss"] is not None for run in runs)
    assert all(np.all(np.diff(line.get_xdata()) > 0) for line in lines)
    assert marks.get_xydata().tolist() == [[1e7, 4.0]]
    assert axes.get_xscale() == "log"


def test_the_band_holds_the_fit_and_widens_beyond_the_runs():
    C, N = lowest(runs_of("isoflops_noisy"))
    at = np.array([C[2], 1e3 * C[-1]])
    low, high = plotting.bootstrap_band(loglog, C, N, at)
    k, a = loglog(C, N)
    assert np.all((low < k * at**a) & (k * at**a < high))
    inside, beyond = np.log(high / low)
    assert beyond > 2 * inside
    assert np.array_equal(plotting.bootstrap_band(loglog, C, N, at)[0], low)
    assert not np.array_equal(plotting.bootstrap_band(loglog, C, N, at, seed=1)[0], low)


@pytest.mark.parametrize(("coverage", "bounds"), [(0.8, (10, 90)), (0.5, (25, 75)), (1.0, (0, 100))])
def test_the_band_is_the_middle_of_all_fits(coverage, bounds):
    heights = iter(range(101))
    low, high = plotting.bootstrap_band(
        lambda x, y: (float(next(heights)), 0.0), np.arange(1, 9), np.ones(8), np.ones(1), 101, coverage
    )
    assert [low[0], high[0]] == pytest.approx(bounds)


def test_points_on_a_law_have_no_band():
    x = np.geomspace(1e16, 1e20, 6)
    at = np.array([1e22])
    low, high = plotting.bootstrap_band(loglog, x, 0.1 * x**0.5, at)
    assert np.allclose([low, high], 1e10, rtol=1e-6)


def test_one_x_has_no_band():
    with pytest.raises(ValueError, match="two different values"):
        plotting.bootstrap_band(loglog, np.ones(3), np.ones(3), np.ones(1))


def test_a_fitted_law_is_drawn_as_far_as_asked(axes):
    C, N = lowest(runs_of("isoflops_curves"))
    plotting.fitted_law(axes, loglog, C, N, upto=1e24, name="N")
    law, points = axes.lines
    assert law.get_xdata()[-1] == pytest.approx(1e24)
    assert points.get_xdata().tolist() == C.tolist()
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert len(axes.collections) == 1


def test_predictions_stand_over_the_truth(axes):
    true, predicted = np.array([2.0, 3.0]), np.array([2.1, 2.8])
    plotting.predicted_against_true(axes, predicted, true)
    diagonal, points = axes.lines
    assert diagonal.get_xydata().tolist() == [[2.0, 2.0], [3.0, 3.0]]
    assert points.get_xydata().tolist() == [[2.0, 2.1], [3.0, 2.8]]
