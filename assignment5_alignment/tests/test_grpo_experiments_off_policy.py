"""Several updates on the same answers: old log-probabilities once, before the first of them; ratios, clipping, learning."""

import pytest

from assignment5_alignment import tasks
from assignment5_alignment.tests.scripted_rollouts import check_grpo, scripts
from assignment5_alignment.tests.watched_loops import accuracy, batches_of, check_gain, flat

WHO = "run_grpo_loop"
RATE = 0.1
SIZES = {"steps": 2, "prompts_per_step": 4, "group_size": 4, "train_batch_size": 8, "epochs_per_rollout": 2}
METHODS = {
    "noclip": {"importance_reweighting_method": "noclip"},
    "grpo": {"importance_reweighting_method": "grpo", "cliprange": 0.1},
    "gspo": {"importance_reweighting_method": "gspo", "cliprange": 0.05},
}


def run(drivers, draw, given, settings):
    return drivers.grpo_run(
        given.weights, given.script, given.prompts, given.truths, given.rewards, settings, RATE, draw.integer(0, 1000)
    )


@pytest.mark.parametrize("method", METHODS)
def test_the_updates_are_those_of_the_method(drivers, check, draw, method):
    given, settings = scripts(draw, count=4, lines=8), {**SIZES, **METHODS[method]}
    check_grpo(check, WHO, run(drivers, draw, given, settings), given, settings, RATE)


def test_old_log_probs_are_computed_once_a_rollout_batch(drivers, check, draw):
    given = scripts(draw, count=6, lines=9)
    settings = {**SIZES, **METHODS["grpo"], "epochs_per_rollout": 3}
    report = run(drivers, draw, given, settings)
    seen: dict[int, int] = {}
    for place, rows in batches_of(check, WHO, report, given.prompts, gradient=False):
        seen[place] = seen.get(place, 0) + len(rows)
    check.that(
        sum(seen.values()) == 2 * 16,
        f"{WHO} sent {sum(seen.values())} rows through the policy without a gradient in 2 steps of 16 responses; expected "
        "each response once",
    )
    check.that(
        list(seen.values()) == [16, 16] and 0 in seen,
        f"{WHO} computed old log-probabilities between the updates of a step; expected them before the first",
    )
    check_grpo(check, WHO, report, given, settings, RATE)


def test_it_learns(drivers, check, draw):
    start = tasks.start_weights("addition")
    accuracies = []
    for method in METHODS.values():
        settings = {"steps": 16, "prompts_per_step": 16, "group_size": 8, "train_batch_size": 64, **method}
        settings |= {"epochs_per_rollout": 2, **({"cliprange": 0.2} if "cliprange" in method else {})}
        reply = drivers.grpo_learns(start, "addition", settings, 5e-4, draw.integer(0, 2**31))
        flat(check, WHO, reply["weights"], start)
        accuracies.append(accuracy(reply["weights"]))
    check_gain(check, WHO, accuracies, accuracy(start), 0.2)
