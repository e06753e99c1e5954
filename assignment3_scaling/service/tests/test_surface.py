"""The surface and its optimum: what a campaign's regret is measured against, so that low regret means a good method."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from assignment3_scaling.service.simulated.machine import Machine
from assignment3_scaling.service.simulated.optimum import optimum
from assignment3_scaling.service.simulated.plan import VOCABULARY, Plan
from assignment3_scaling.service.simulated.surface import (
    Surface,
    draw,
    rate_penalty,
    schedule_penalty,
    shape_penalty,
)
from assignment3_scaling.service.simulated.training import true_loss
from assignment3_scaling.service.tests.simulated_configs import config

seeds = st.integers(0, 10_000)
sizes, tokens = st.floats(1e6, 1e10), st.floats(1e7, 1e11)


@given(seed=seeds, N=sizes, D=tokens, factor=st.floats(1.01, 100))
def test_more_parameters_and_more_tokens_are_better_and_a_larger_batch_is_worse(seed, N, D, factor):
    surface, batch = draw(seed), 16_384.0
    left = surface.reducible(N, D, batch)
    assert surface.reducible(N * factor, D, batch) < left
    assert surface.reducible(N, D * factor, batch) < left
    assert surface.reducible(N, D, batch * factor) > left
    losses = [surface.loss(N, D * k, batch, 0.0, VOCABULARY) for k in (1, factor, factor**2)]
    assert losses == sorted(losses, reverse=True)


@given(seed=seeds)
def test_no_loss_is_below_the_irreducible_one_and_none_above_guessing(seed):
    surface = draw(seed)
    best = surface.loss(1e20, 1e30, 1.0, 0.0, VOCABULARY)
    assert best == pytest.approx(surface.E, abs=1e-3)
    assert surface.loss(10.0, 10.0, 1e6, 5.0, VOCABULARY) == pytest.approx(math.log(VOCABULARY), abs=1e-6)


@given(octaves=st.floats(-6, 6), step=st.floats(0.01, 2))
def test_the_rate_penalty_is_zero_at_the_best_rate_and_grows_on_both_sides(octaves, step):
    assert rate_penalty(0.0) == 0
    farther = octaves + math.copysign(step, octaves)
    assert rate_penalty(farther) > rate_penalty(octaves) >= 0


def test_shape_matters_little_and_schedules_that_come_down_cost_nothing():
    assert [float(shape_penalty(64 * aspect, 64, 64 * aspect * 8 / 3)) for aspect in (32, 64, 128)] == [0, 0, 0]
    assert rate_penalty(4.0) > 0.02 * 16 + 0.5  # the cliff before training breaks down
    assert 0 < shape_penalty(64 * 16, 64, 64 * 16 * 8 / 3) == pytest.approx(0.01)
    assert 0 < shape_penalty(512.0, 8, 2048.0) < 0.01
    assert schedule_penalty(0.1, 0.05) == 0 < schedule_penalty(1.0, 0.05) < 0.03


@given(seed=seeds, C=st.floats(1e16, 1e22))
@settings(max_examples=25, deadline=None)
def test_the_best_size_for_some_compute_is_that_of_the_closed_form(seed, C):
    surface = draw(seed)
    a = surface.beta / (surface.alpha + surface.beta)
    G = (surface.alpha * surface.A / (surface.beta * surface.B)) ** (1 / (surface.alpha + surface.beta))
    N = np.geomspace(1e4, 1e14, 200_001)
    found = N[np.argmin(surface.reducible(N, C / (6 * N), 1e-9))]
    assert found == pytest.approx(G * (C / 6) ** a, rel=1e-3)


def test_the_search_finds_the_closed_form_on_a_machine_that_charges_parameters_only():
    # Costs of a step so small that a batch of one is free, and none of layers: what is left of D's price is 6 N.
    machine = Machine(per_layer=1e-30, per_parameter=6e-20, per_step=1e-30)
    surface = Surface(batch_scale=1e12)
    for C in (1e-1, 1e0, 1e1):
        found = optimum(surface, machine, C)
        embedded = 1 + VOCABULARY * found.width / found.N
        assert found.N * found.D * 6e-20 * embedded == pytest.approx(C, rel=1e-6)
        a = surface.beta / (surface.alpha + surface.beta)
        G = (surface.alpha * surface.A / (surface.beta * surface.B)) ** (1 / (surface.alpha + surface.beta))
        # The table of embeddings makes a parameter of a small model dearer; so the closed form is met where it is small.
        closed = float(G * (C / 6e-20) ** a)
        size = found.N
        assert size == pytest.approx(closed, rel=0.35 if C < 1 else 0.15)


@cache
def best_loss(seed):
    return optimum(draw(seed), Machine(), 172_800.0).loss


@given(
    seed=st.integers(0, 5),
    layers=st.integers(2, 40),
    width=st.integers(4, 60),
    batch=st.sampled_from((4, 8, 16, 32, 64, 128)),
    octaves=st.floats(-2, 2),
)
@settings(max_examples=100, deadline=None)
def test_no_run_that_can_be_paid_for_beats_the_optimum(seed, layers, width, batch, octaves):
    surface, machine, seconds = draw(seed), Machine(), 172_800.0
    second = Plan(config(layers, 64 * width, batch, 16)).seconds(machine) / 16
    steps = min(int(seconds / second), 5 * 10**11 // (512 * batch)) // 16 * 16
    N, D = 12 * layers * (64 * width) ** 2, steps * 512 * batch
    rate = float(surface.best_rate(N, D)) * 2**octaves
    run = config(layers, 64 * width, batch, steps, rate, max_runtime_seconds=43_200.0)
    assert Plan(run).seconds(machine) <= seconds
    assert true_loss(run, surface) > best_loss(seed) - 2e-4


@pytest.mark.parametrize("seed", range(3))
def test_the_optimum_is_the_best_of_a_grid_of_runs(seed):
    surface, machine, seconds, losses = draw(seed), Machine(), 172_800.0, []
    for aspect in (48, 64, 96, 128, 144):
        for width in range(1024, 4097, 64):
            for batch in (8, 16, 32, 64):
                layers = max(1, round(width / aspect))
                second = machine.seconds(12 * layers * width**2, 1.0, layers, width, batch * 512, VOCABULARY)
                N, D = 12 * layers * width**2, seconds / second
                penalty = shape_penalty(width, layers, width * 8 / 3)
                losses.append(surface.loss(N, D, batch * 512, penalty, VOCABULARY))
    assert min(losses) - 1e-3 < best_loss(seed) < min(losses) + 2e-4


@given(seed=seeds)
@settings(max_examples=10, deadline=None)
def test_more_seconds_buy_a_lower_loss_and_a_larger_model(seed):
    surface = draw(seed)
    small, middle, large = (optimum(surface, Machine(), seconds) for seconds in (1e3, 1e4, 1.728e5))
    assert small.loss > middle.loss > large.loss > surface.E
    assert small.N < middle.N < large.N
    assert small.D < middle.D < large.D


def test_a_seed_decides_the_surface_and_neighbours_have_nothing_in_common():
    assert draw(7) == draw(7) != draw(8)
    assert draw("7") == draw(7)  # the service keeps seeds as text
    drawn = np.array([(s.E, s.alpha, s.beta, s.batch_scale, s.divergence) for s in map(draw, range(400))])
    assert np.abs(np.corrcoef(drawn[:-1].T, drawn[1:].T)[:5, 5:]).max() < 0.2
    assert len({s.salt for s in map(draw, range(400))}) == 400


LEVELS = np.geomspace(1e16, 3e18, 6)
SPREAD = np.geomspace(1 / 6, 6, 9)


def sweep(surface, rng, rate, batch):
    """(C, N, D, loss) of nine sizes a level, around the true optimum; `rate` None is the best one of each run."""
    a = surface.beta / (surface.alpha + surface.beta)
    G = (surface.alpha * surface.A / (surface.beta * surface.B)) ** (1 / (surface.alpha + surface.beta))
    runs = []
    for C in LEVELS:
        N = G * (C / 6) ** a * SPREAD
        D = C / (6 * N)
        octaves = 0.0 if rate is None else np.log2(rate / surface.best_rate(N, D))
        loss = surface.loss(N, D, batch, rate_penalty(octaves), VOCABULARY)
        runs += zip(np.full(9, C), N, D, loss + surface.noise * rng.standard_normal(9), strict=True)
    return np.array(runs)


def exponent(runs):
    """a of N ∝ C^a through the minima of parabolas in ln N."""
    minima = []
    for C in LEVELS:
        own = runs[runs[:, 0] == C]
        curve, slope, _ = np.polyfit(np.log(own[:, 1]), own[:, 3], 2)
        minima.append(-slope / (2 * curve))
    return np.polyfit(np.log(LEVELS), minima, 1)[0]


def fitted(runs):
    """E, ln A, alpha, ln B, beta of the law nearest to the runs, from the published constants."""
    _, N, D, loss = runs.T

    def residuals(law):
        E, log_A, alpha, log_B, beta = law
        return E + np.exp(log_A - alpha * np.log(N)) + np.exp(log_B - beta * np.log(D)) - loss

    return least_squares(residuals, (1.8, 6.2, 0.35, 7.6, 0.37), x_scale=(0.1, 0.1, 0.01, 0.1, 0.01)).x


def extrapolated(law, surface, C):
    """The loss that a fitted law predicts for the best run of compute C, and the true one of that run."""
    E, log_A, alpha, log_B, beta = law
    N = np.exp((np.log(alpha / beta) + log_A - log_B) / (alpha + beta)) * (C / 6) ** (beta / (alpha + beta))
    D = C / (6 * N)
    return E + np.exp(log_A) / N**alpha + np.exp(log_B) / D**beta, surface.loss(N, D, 1e-9, 0.0, VOCABULARY)


def test_tuned_profiles_recover_the_planted_exponents_and_predict_the_large_run():
    surface, rng = Surface(), np.random.default_rng(5)
    true = surface.beta / (surface.alpha + surface.beta)
    sweeps = [sweep(surface, rng, None, 1e-9) for _ in range(12)]
    assert np.mean([exponent(runs) for runs in sweeps]) == pytest.approx(true, abs=0.02)
    laws = np.array([fitted(runs) for runs in sweeps])
    assert laws.mean(0)[[2, 4]] == pytest.approx([surface.alpha, surface.beta], abs=0.02)
    errors = [np.subtract(*extrapolated(law, surface, 1e20)) for law in laws]
    assert np.abs(np.mean(errors)) < 0.02
    assert np.median(np.abs(errors)) < 0.02


def test_profiles_at_a_rate_and_a_batch_that_nobody_tuned_mislead():
    surface, rng = Surface(), np.random.default_rng(5)
    true = surface.beta / (surface.alpha + surface.beta)
    sweeps = [sweep(surface, rng, 2e-3, 65_536.0) for _ in range(12)]
    assert np.mean([exponent(runs) for runs in sweeps]) < true - 0.03
    errors = [np.subtract(*extrapolated(fitted(runs), surface, 1e20)) for runs in sweeps]
    assert np.median(np.abs(errors)) > 0.05
