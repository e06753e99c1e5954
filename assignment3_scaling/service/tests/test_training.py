"""Runs that are really trained: the source's entropy, the charge, the processes, and that the loss falls towards the floor.

The transformer is the reference's of assignment 1, in processes of their own; nothing of it is imported here.
"""

import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from assignment3_scaling.service.backend import Preempted
from assignment3_scaling.service.errors import InvalidConfig
from assignment3_scaling.service.schemas import TrainingConfig, parse
from assignment3_scaling.service.training import basics, campaign
from assignment3_scaling.service.training.accounts import LIMITS, Accounts
from assignment3_scaling.service.training.backend import TorchBackend
from assignment3_scaling.service.training.costs import Costs
from assignment3_scaling.service.training.laws import Law, Run, exponent, fitted, optimum
from assignment3_scaling.service.training.processes import WorkerProcess
from assignment3_scaling.service.training.source import Source

SECONDS = 60
pytestmark = pytest.mark.timeout(600)


def config(width=16, steps=64, **changes):
    """A tiny run; 64 steps of it take about a quarter of a second."""
    found = campaign.config(width, steps * LIMITS.seq_len * campaign.BATCH) | changes
    return parse(TrainingConfig, found, LIMITS)


def train(backend, training_config, student=1):
    """The outcome, and what was reported on the way."""
    told = []
    return backend.train(training_config, student=student, report=told.append), told


@pytest.fixture(scope="module")
def backend():
    found = TorchBackend(1, device="cpu")
    yield found
    found.close()


# The source


@pytest.fixture(scope="module")
def source():
    return Source.drawn(1)


def test_the_pairs_are_stationary(source):
    assert source.pairs.sum() == pytest.approx(1)
    np.testing.assert_allclose(source.next_token.sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(np.einsum("ab,abc->bc", source.pairs, source.next_token), source.pairs, atol=1e-13)


def test_the_entropy_is_that_of_what_is_drawn(source):
    windows = source.sample(4000, 65, np.random.default_rng(5))
    chances = np.take_along_axis(source.next_probabilities(windows), windows[:, 1:, None], axis=-1)
    # The standard deviation of a token's surprise is about 1.5 nats, so that of the mean about 0.003.
    assert -np.log(chances).mean() == pytest.approx(source.floor(64), abs=0.02)
    assert -np.log(chances[:, 1:]).mean() == pytest.approx(source.entropy_rate, abs=0.02)
    assert source.entropy_rate < source.floor(64) < source.floor(2)


def test_no_predictor_is_below_the_floor_and_the_source_s_own_is_on_it(source):
    truth = source.next_probabilities(source.sample(2000, 65, np.random.default_rng(6)))
    own = -(truth * np.log(truth)).sum(axis=-1).mean()
    assert own == pytest.approx(source.floor(64), abs=0.01)
    frequencies = source.pairs.sum(axis=0)
    assert -(truth * np.log(frequencies)).sum(axis=-1).mean() > own + 0.5


def test_tokens_are_as_frequent_as_the_stationary_pairs_say(source):
    windows = source.sample(20_000, 8, np.random.default_rng(7))
    seen = np.bincount(windows[:, -1], minlength=source.vocab_size) / len(windows)
    np.testing.assert_allclose(seen, source.pairs.sum(axis=0), atol=0.015)


def test_students_have_sources_of_their_own(source):
    assert np.array_equal(Source.drawn("1").next_token, source.next_token)
    assert not np.array_equal(Source.drawn(2).next_token, source.next_token)


# The charge


def test_the_charge_is_a_formula_of_the_config():
    costs = Costs(config(width=64, steps=100), 64)
    model = 2 * (4 * 64**2 + 3 * 64 * 176) + 128 * 64
    step = 1e-3 + 2 * 1.2e-3 + (6 * model + 12 * 64 * 64 * 2) * 1024 / 40e9
    assert costs.seconds(100) == pytest.approx(0.5 + 100 * step)
    assert costs.steps == 100


def test_what_is_too_large_or_too_long_is_known_before_it_starts():
    accounts = Accounts(memory_bytes=2**20)
    assert accounts.infeasible(config(), 100) == "a step needs 8 MiB of memory; the machine has 1 MiB"
    assert Accounts().infeasible(config(), 100) is None
    assert Accounts().infeasible(config(steps=64_000), 30) == "the run takes 344 s; expected at most 30 s"
    assert "expected at most 5 s" in Accounts().infeasible(config(steps=64_000, max_runtime_seconds=5), 1000)
    assert "no biases" in Accounts().infeasible(biased(), 100)


def biased():
    found = config().as_json()
    found["architecture_config"]["attention_bias"] = True
    return parse(TrainingConfig, found, LIMITS)


@pytest.mark.parametrize(("path", "value"), [("vocab_size", 127), ("num_attention_heads", 0)])
def test_limits_of_this_backend_are_kept(path, value):
    found = config().as_json()
    found["architecture_config"][path] = value
    with pytest.raises(InvalidConfig, match=path):
        parse(TrainingConfig, found, LIMITS)


# Training


def test_the_loss_falls_towards_the_known_entropy_and_the_larger_model_gets_further(backend, source):
    losses = {}
    for width in (8, 32):
        outcome, told = train(backend, config(width, steps=640))
        assert outcome.failure is None
        assert told == list(outcome.val_losses)
        assert outcome.used_runtime_seconds == Costs(config(width, steps=640), 64).seconds(640)
        losses[width] = outcome.val_losses
        assert list(outcome.val_losses) == sorted(outcome.val_losses, reverse=True)
        assert outcome.val_losses[-1] > source.floor(64)
    gap = losses[8][-1] - source.floor(64)
    assert losses[32][-1] - source.floor(64) < 0.8 * gap < 0.8 * 0.75
    assert np.log(source.vocab_size) > losses[8][0]


def test_a_seed_gives_equal_losses_in_any_process_and_another_seed_others(backend):
    first, _ = train(backend, config())
    again, _ = train(backend, config())
    assert first == again
    fresh = TorchBackend(1, device="cpu")
    try:
        elsewhere, _ = train(fresh, config())
    finally:
        fresh.close()
    assert elsewhere == first
    other_seed, _ = train(backend, config(model_seed=1))
    other_data, _ = train(backend, config(), student=2)
    assert len({first.val_losses, other_seed.val_losses, other_data.val_losses}) == 3
    assert first.used_runtime_seconds == other_seed.used_runtime_seconds == other_data.used_runtime_seconds


def test_a_run_over_its_limit_keeps_the_losses_of_its_time(backend):
    whole, _ = train(backend, config(steps=512))
    limit = Costs(config(steps=512), 64).seconds(256) + 0.01
    cut, told = train(backend, config(steps=512, max_runtime_seconds=limit))
    assert (cut.failure.reason, cut.used_runtime_seconds) == ("timeout", limit)
    assert cut.val_losses == whole.val_losses[:2] == tuple(told)


def test_a_run_without_time_for_one_evaluation_is_not_trained(backend):
    outcome, told = train(backend, config(steps=2**14, max_runtime_seconds=1))
    assert (outcome.failure.reason, outcome.val_losses, told) == ("timeout", (), [])


def test_a_loss_that_is_no_number_ends_the_run(backend):
    found = config().as_json()
    found["optimizer_config"]["lr_scheduler"]["peak_value"] = 1e30
    outcome, told = train(backend, parse(TrainingConfig, found, LIMITS))
    assert outcome.failure.reason == "numerical"
    assert outcome.val_losses == tuple(told) == (None,)
    assert outcome.used_runtime_seconds == Costs(config(), 64).seconds(16)


def test_a_model_beyond_the_memory_fails_at_once():
    small = TorchBackend(1, accounts=Accounts(memory_bytes=10**6), package={})
    outcome, told = train(small, config())
    assert (outcome.failure.reason, outcome.val_losses, outcome.used_runtime_seconds, told) == (
        "out_of_memory",
        (),
        1,
        [],
    )


@pytest.mark.parametrize(
    "changes",
    [
        {
            "optimizer_config": {
                "type": "sgd",
                "lr_scheduler": {"peak_value": 0.5, "init_value": 0.1},
                "grad_clip_norm": None,
            }
        },
        {"tie_word_embeddings": True},
        {"dtype": "bfloat16"},
        {"vocab_size": 200},
    ],
    ids=["gradient descent", "tied", "bfloat16", "a larger vocabulary"],
)
def test_what_a_config_may_ask_for_is_trained(backend, changes):
    found = config(width=16, steps=32).as_json()
    found = found | {key: changes[key] for key in changes.keys() & found.keys()}
    found["architecture_config"] |= {key: changes[key] for key in changes.keys() - found.keys()}
    outcome, _ = train(backend, parse(TrainingConfig, found, LIMITS))
    assert outcome.failure is None
    assert outcome.val_losses[-1] < outcome.val_losses[0]


def test_biases_are_refused(backend):
    outcome, _ = train(backend, biased())
    assert outcome.failure.reason == "unexpected"
    assert "no biases" in outcome.failure.text


# Processes


def changed(name, text):
    """Assignment 1 with a file replaced."""
    return {**basics.files(), name: text.encode()}


@pytest.mark.parametrize(
    ("source_text", "said"),
    [
        ("def __getattr__(name):\n    raise NotImplementedError('transformer_lm')\n", "assignment 1, which must be solved first"),
        ("class TransformerLM:\n    def __init__(self, **k):\n        raise KeyError('a wrong model')\n", "KeyError: 'a wrong model'"),
        ("class TransformerLM:\n    def __init__(self, **k):\n        import os\n        os._exit(3)\n", "the process ended with 3"),
    ],
    ids=["stubs", "raises", "exits"],
)  # fmt: skip
def test_what_assignment_1_does_wrong_fails_the_run_and_not_the_server(source_text, said):
    backend = TorchBackend(1, device="cpu", package=changed("transformer.py", source_text))
    try:
        for _ in range(2):  # the next run gets a fresh process where it needs one
            outcome, _ = train(backend, config())
            assert outcome.failure.reason == "unexpected"
            assert said in outcome.failure.text
    finally:
        backend.close()


def test_a_killed_process_preempts_its_run_and_the_next_gets_another(backend):
    killed = []

    def kill(loss):
        if not killed:
            killed.extend(process.process.pid for process in backend._started)
            os.kill(killed[0], signal.SIGKILL)

    with pytest.raises(Preempted, match="killed"):
        backend.train(config(steps=20_480, n_evals=256), student=1, report=kill)
    outcome, _ = train(backend, config())
    assert outcome.failure is None


def test_a_silent_process_is_given_up():
    text = "class TransformerLM:\n    def __init__(self, **k):\n        import os, signal\n        os.kill(os.getpid(), signal.SIGSTOP)\n"
    backend = TorchBackend(1, device="cpu", package=changed("transformer.py", text), silence_seconds=3)
    try:
        with pytest.raises(Preempted, match="hung"):
            train(backend, config())
    finally:
        backend.close()


def test_closing_preempts_what_runs():
    backend = TorchBackend(1, device="cpu")
    with pytest.raises(Preempted):
        backend.train(
            config(steps=20_480, n_evals=256),
            student=1,
            report=lambda loss: threading.Thread(target=backend.close).start(),
        )


def test_a_process_may_be_ended_while_its_last_words_are_read():
    process = WorkerProcess(basics.files())
    errors, ending = process._errors, threading.Thread(target=process.close)

    class Ended:
        """The process's standard error, which somebody is about to close whenever it is read."""

        def __getattr__(self, name):
            return getattr(errors, name)

        def read(self):
            ending.start()
            ending.join(1)  # as long as it would take, had it not to wait
            return errors.read()

    process._errors = Ended()
    assert process.last_words() == "without a word"
    ending.join()
    assert errors.closed
    assert process.last_words() == "it was ended from here"


def test_a_backend_that_was_closed_starts_no_more_processes():
    backend = TorchBackend(1, device="cpu")
    backend.close()
    with pytest.raises(Preempted, match="closed"):
        train(backend, config())
    assert not backend._started


def test_what_the_code_prints_does_not_disturb_what_is_told():
    text = basics.files()["transformer.py"].decode() + "\nprint('hello')\nprint('{\"event\": \"ended\"}', flush=True)\n"
    backend = TorchBackend(1, device="cpu", package=changed("transformer.py", text))
    try:
        outcome, _ = train(backend, config())
    finally:
        backend.close()
    assert outcome.failure is None
    assert len(outcome.val_losses) == 4


# Laws


def test_the_fits_find_a_law_that_is_there():
    law = Law(E=1.7, A=8.0, alpha=0.4, B=9000.0, beta=0.8)
    compute = [3e9 * 10**power for power in (0.5, 1, 1.5, 2)]
    sizes = [2000 * 4**step for step in range(6)]
    runs = [Run(n, round(c / 6 / n), law.loss(n, c / 6 / n)) for c in compute for n in sizes]
    for found in (fitted(runs), fitted(runs, 1.7)):
        assert (found.E, found.alpha, found.beta) == pytest.approx((1.7, 0.4, 0.8), abs=0.02)
    best = [law_optimum(law, c) for c in compute]
    levels = [
        [Run(round(n * 1.4**k), 1, law.loss(n * 1.4**k, c / 6 / (n * 1.4**k))) for k in range(-2, 3)]
        for n, c in zip(best, compute, strict=True)
    ]
    assert [optimum(level) for level in levels] == pytest.approx(best, rel=0.05)
    assert exponent(compute, best) == pytest.approx((best[0] / compute[0] ** (2 / 3), law.size_exponent))


def law_optimum(law, compute):
    ratio = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    return ratio * (compute / 6) ** law.size_exponent


def test_a_level_without_a_lowest_point_is_refused():
    with pytest.raises(ValueError, match="do not enclose a lowest point"):
        optimum([Run(1000, 1, 3.0), Run(2000, 1, 2.5), Run(4000, 1, 2.2)])


def test_the_campaign_keeps_the_rules_and_its_budget():
    charged = 0.0
    for compute, widths in campaign.LEVELS.items():
        for width in widths:
            found = parse(
                TrainingConfig, campaign.config(width, round(compute / (6 * campaign.weights(width)))), LIMITS
            )
            costs = Costs(found, LIMITS.seq_len)
            charged += costs.seconds(costs.steps)
            flops = 6 * campaign.weights(width) * found.total_train_tokens
            assert flops == pytest.approx(compute, rel=0.02)
    assert charged < LIMITS.total_budget_seconds


def test_a_campaign_goes_through_the_service(monkeypatch):
    monkeypatch.setattr(campaign, "LEVELS", {2e9: (8, 16), 4e9: (8, 16)})
    monkeypatch.setattr(campaign, "FINAL_FLOPS", 6e9)
    monkeypatch.setattr(campaign, "optimum", lambda level: float(np.mean([run.weights for run in level])))
    lines = []
    report = campaign.play(1, 1, "cpu", lines.append)
    runs = [run for level in report.runs.values() for run in level]
    assert [run.weights for run in runs] == [1536, 6144] * 2
    assert report.floor < report.final.loss < 4
    assert report.charged_seconds == pytest.approx(
        sum(
            max(1, Costs(parse(TrainingConfig, campaign.config(w, run.tokens), LIMITS), 64).seconds(run.tokens // 1024))
            for w, run in zip((8, 16) * 2, runs, strict=True)
        )
    )
    assert any(line.startswith("the bet: ") for line in lines)
    page = report.page()
    assert all(f"| {run.weights:,} | {run.tokens:,} | {run.loss:.4f} |" in page for run in runs)
    assert page.count("holds") + page.count("missed") == len(report.checks()) == 5


def test_limits_may_be_others(backend):
    limits = replace(LIMITS, seq_len=32, n_val_tokens=2**10)
    other = TorchBackend(1, device="cpu", accounts=Accounts(limits=limits))
    try:
        found = parse(TrainingConfig, campaign.config(16, 64 * 1024) | {"val_batch_size": 8}, limits)
        outcome, _ = train(other, found)
    finally:
        other.close()
    assert outcome.failure is None
    assert outcome.used_runtime_seconds == Costs(found, 32).seconds(128)
