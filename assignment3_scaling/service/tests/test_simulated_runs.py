"""Simulated runs: what they take, how they fail, what is seen of them on the way, and what noise there is."""

import json
import math
from dataclasses import replace
from statistics import fmean, stdev

import pytest

from assignment3_scaling.service.backend import Failure
from assignment3_scaling.service.offline import Point
from assignment3_scaling.service.simulated import offline
from assignment3_scaling.service.simulated.backend import SimulatedBackend
from assignment3_scaling.service.simulated.machine import Machine
from assignment3_scaling.service.simulated.plan import LIMITS, Plan
from assignment3_scaling.service.simulated.reveal import reveal
from assignment3_scaling.service.simulated.score import Result
from assignment3_scaling.service.simulated.surface import Surface, draw
from assignment3_scaling.service.simulated.training import outcome, true_loss
from assignment3_scaling.service.tests.simulated_configs import config

MACHINE, SURFACE = Machine(), Surface()
QUIET = replace(SURFACE, noise=0.0)


def best_rate(config):
    plan = Plan(config)
    return float(SURFACE.best_rate(plan.N, plan.D))


def test_seconds_are_those_of_the_handout():
    run = config(layers=8, width=512, batch=32, steps=1024)
    D, N = 1024 * 32 * 512, 12 * 8 * 512**2
    expected = D * (6.6e-8 * 8 + 1.37e-14 * (N + 32_000 * 512)) + 1024 * 5e-4
    assert Plan(run).seconds(MACHINE) == pytest.approx(expected)
    used = [outcome(config(model_seed=seed), SURFACE, MACHINE).used_runtime_seconds for seed in range(50)]
    assert all(abs(seconds / expected - 1) <= 0.03 for seconds in used)
    assert stdev(used) > 0.01 * expected
    wide = Plan(config(architecture={"dtype": "float32"})).seconds(MACHINE)
    assert 1.1 * expected < wide < 2 * expected


def test_all_parameters_are_counted_for_the_memory():
    run = config(layers=2, width=128, architecture={"attention_bias": True, "tie_word_embeddings": True})
    a = run.architecture_config
    block = 4 * 128**2 + 4 * 128 + 3 * 128 * a.intermediate_size + 2 * 128 + 2 * a.head_dim
    assert Plan(run).parameters == 32_000 * 128 + 2 * block + 128
    untied = run.model_copy(update={"architecture_config": a.model_copy(update={"tie_word_embeddings": False})})
    assert Plan(untied).parameters == Plan(run).parameters + 32_000 * 128


def test_a_batch_that_does_not_fit_fails_at_once():
    assert outcome(config(batch=256, steps=16), SURFACE, MACHINE).failure is None
    ended = outcome(config(batch=2048, steps=16), SURFACE, MACHINE)
    assert (ended.used_runtime_seconds, ended.val_losses) == (10.0, ())
    assert ended.failure is not None
    assert ended.failure.reason == "out_of_memory"
    assert "of 180" in ended.failure.text


def test_a_run_that_takes_too_long_keeps_what_it_reached():
    whole = outcome(config(), SURFACE, MACHINE)
    limit = whole.used_runtime_seconds * 0.6
    ended = outcome(config(max_runtime_seconds=limit), SURFACE, MACHINE)
    assert ended.failure == Failure("timeout")
    assert ended.val_losses == whole.val_losses[:9]  # the tenth of sixteen comes at 0.625 of the whole
    assert limit < ended.used_runtime_seconds <= whole.used_runtime_seconds * 10 / 16 + 1e-9
    exactly = outcome(config(max_runtime_seconds=whole.used_runtime_seconds), SURFACE, MACHINE)
    assert exactly == whole


def test_the_watchdog_ends_a_run_whose_next_evaluation_is_far():
    whole = outcome(config(n_evals=1), SURFACE, MACHINE)
    ended = outcome(config(n_evals=1, max_runtime_seconds=2.0), SURFACE, MACHINE)
    assert (ended.val_losses, ended.used_runtime_seconds) == ((), min(2.0 * 1.05 + 10, whole.used_runtime_seconds))


def test_a_rate_that_is_far_too_high_ends_in_no_number():
    rate = best_rate(config()) * 2 ** (SURFACE.divergence + 0.2)
    ended = outcome(config(rate=rate), SURFACE, MACHINE)
    assert ended.failure is not None
    assert ended.failure.reason == "numerical"
    assert ended.val_losses[-1] is None
    assert None not in ended.val_losses[:-1]
    assert ended.used_runtime_seconds < outcome(config(), SURFACE, MACHINE).used_runtime_seconds
    assert true_loss(config(rate=rate), SURFACE) == math.log(32_000)
    long = config(steps=2**20)
    wild = config(steps=2**20, rate=best_rate(long) * 2 ** (SURFACE.divergence + 0.01))
    assert true_loss(wild, SURFACE) == math.log(32_000)
    assert outcome(config(rate=rate / 2**0.5), SURFACE, MACHINE).failure is None


def test_losses_rise_before_they_are_no_numbers():
    run = config(steps=2**18, n_evals=64)
    rate = best_rate(run) * 2 ** (SURFACE.divergence + 0.01)
    ended = [outcome(config(steps=2**18, n_evals=64, rate=rate, model_seed=k), QUIET, MACHINE) for k in range(20)]
    losses = max((each.val_losses[:-1] for each in ended), key=len)
    assert len(losses) > 10
    assert losses[-1] > losses[3] + 1


@pytest.mark.parametrize(("clip", "warmup"), [(None, 0.05), (1.0, 0.0)])
def test_training_breaks_down_sooner_without_clipping_or_warm_up(clip, warmup):
    rate = best_rate(config()) * 2 ** (SURFACE.divergence - 0.4)
    assert outcome(config(rate=rate), SURFACE, MACHINE).failure is None
    schedule = {"peak_value": rate, "warmup_frac": warmup}
    ended = outcome(config(optimizer={"grad_clip_norm": clip, "lr_scheduler": schedule}), SURFACE, MACHINE)
    assert ended.failure is not None
    assert ended.failure.reason == "numerical"


def test_losses_on_the_way_are_not_those_of_finished_runs():
    rate = best_rate(config())
    curve = outcome(config(rate=rate), QUIET, MACHINE).val_losses
    assert list(curve) == sorted(curve, reverse=True)
    assert curve[-1] == pytest.approx(true_loss(config(rate=rate), SURFACE))
    half = true_loss(config(steps=512, rate=best_rate(config(steps=512))), SURFACE)
    assert curve[7] - half > 0.05


def test_noise_is_of_the_stated_size_and_of_the_run():
    truth = true_loss(config(), SURFACE)
    losses = [outcome(config(model_seed=seed), SURFACE, MACHINE).val_losses for seed in range(300)]
    off = [loss[-1] - truth for loss in losses]
    assert stdev(off) == pytest.approx(SURFACE.noise, rel=0.15)
    assert abs(fmean(off)) < 4 * SURFACE.noise / math.sqrt(300)
    assert outcome(config(), SURFACE, MACHINE) == outcome(config(), SURFACE, MACHINE)
    other = outcome(config(), replace(SURFACE, salt="other"), MACHINE)
    assert other.val_losses[-1] != losses[0][-1]


def test_watching_a_run_differently_changes_nothing_about_it():
    usual = outcome(config(n_evals=16), SURFACE, MACHINE)
    for watched in (config(n_evals=4), config(n_evals=4, val_batch_size=8, max_runtime_seconds=30_000.0)):
        rarely = outcome(watched, SURFACE, MACHINE)
        assert rarely.val_losses == usual.val_losses[3::4]
        assert rarely.used_runtime_seconds == pytest.approx(usual.used_runtime_seconds)


def test_plain_gradient_descent_learns_less_and_wants_other_rates():
    adamw = true_loss(config(rate=best_rate(config())), SURFACE)
    scheduler = {"lr_scheduler": {"peak_value": 300 * best_rate(config())}}
    fields = config().as_json()
    fields["optimizer_config"] = {"type": "sgd", **scheduler}
    sgd = type(config()).model_validate(fields, context={"limits": LIMITS})
    assert true_loss(sgd, SURFACE) > adamw + 0.1
    assert outcome(sgd, SURFACE, MACHINE).failure is None


def test_the_backend_reports_each_loss_and_gives_each_student_their_own():
    backend, heard = SimulatedBackend(), []
    ended = backend.train(config(), student=7, report=heard.append)
    assert tuple(heard) == ended.val_losses
    assert ended == outcome(config(), draw(7), MACHINE)
    assert ended != backend.train(config(), student=8, report=heard.append)


def test_a_run_that_cannot_be_completed_is_told_why():
    backend = SimulatedBackend()
    assert backend.infeasible(config(), 172_800.0) is None
    assert backend.infeasible(config(), 5.0) == "the run takes 19 s; expected at most 5 s"
    assert backend.infeasible(config(max_runtime_seconds=2.0), 172_800.0) == "the run takes 19 s; expected at most 2 s"
    text = backend.infeasible(config(batch=2048, steps=16), 172_800.0)
    assert text is not None
    assert text.startswith("a step needs ")
    assert text.endswith(" GB of memory; the machine has 180 GB")


def test_what_is_revealed_is_plain_and_true():
    told = json.loads(json.dumps(reveal(7)))
    assert told["constants"]["E"] == draw(7).E
    assert "salt" not in told["constants"]
    assert told["optimum"]["seconds"] == 172_800
    assert [each["seconds"] for each in told["smaller_optima"]] == [2700, 10_800, 43_200]


def test_the_loss_function_of_2024_lies_on_the_same_kind_of_surface():
    point = Point(512, 8, 8, 128, 1e-3, 1e17)
    assert offline.loss(point, "7") == offline.loss(point, "7") != offline.loss(point, "8")
    surface = replace(draw("7"), rate_scale=draw("7").rate_scale / offline.RATE_RATIO)
    truth = offline.true_loss(point, surface)
    assert abs(offline.loss(point, "7") - truth) < 5 * surface.noise
    assert offline.true_loss(replace(point, train_flops=1e18), surface) < truth
    assert offline.true_loss(replace(point, num_heads=2), surface) > truth
    N, D = 12 * 8 * 512**2, 1e17 / (6 * 12 * 8 * 512**2)
    best = offline.true_loss(replace(point, learning_rate=float(surface.best_rate(N, D))), surface)
    assert best <= truth
    assert 1e-4 < float(SURFACE.best_rate(N, D)) / offline.RATE_RATIO < 1e-3  # what that course let one choose


@pytest.mark.parametrize(
    ("regret", "error", "waste", "use", "score"),
    [
        (0.01, 0.02, 0.10, 0.5, 1.0),
        (0.0, 0.0, 0.0, 1.0, 1.0),
        (0.15, 0.15, 0.40, 1.0, 0.0),
        (9.0, 9.0, 0.9, 1.0, 0.0),
        (math.sqrt(0.01 * 0.15), 0.02, 0.0, 1.0, 0.7),
        (0.01, math.sqrt(0.02 * 0.15), 0.0, 1.0, 0.9),
        (0.01, 0.02, 0.25, 1.0, 0.9),
        (0.01, 0.02, 0.0, 0.1, 0.84),
    ],
)
def test_a_score_is_what_the_handout_says(regret, error, waste, use, score):
    for side in (-1, 1):
        assert Result(regret, 3.0, 3.0 + side * error, waste, use).score == pytest.approx(score)


@pytest.mark.parametrize(
    ("interval", "score"), [((2.9, 3.1), 0.2), ((3.05, 3.1), 0.55), ((2.9, 2.98), 0.28), (None, None)]
)
def test_an_interval_is_charged_its_width_and_ten_times_its_miss(interval, score):
    assert Result(0.0, 3.0, 3.0, 0.0, 1.0, interval).interval_score == (score and pytest.approx(score))
