"""Hidden: microbatches, a clipped gradient, an epsilon that counts, and problems of many right answers."""

from assignment5_alignment import tasks
from assignment5_alignment.tests.scripted_rollouts import check_grpo, scripts
from assignment5_alignment.tests.watched_loops import accuracy, check_gain, flat

WHO = "run_grpo_loop"


def run(drivers, given, settings, rate=0.15, seed=5):
    return drivers.grpo_run(
        given.weights, given.script, given.prompts, given.truths, given.rewards, settings, rate, seed
    )


def test_microbatches_change_nothing(drivers, check, draw):
    given = scripts(draw, count=4, lines=8)
    settings = {
        "steps": 2,
        "prompts_per_step": 4,
        "group_size": 4,
        "train_batch_size": 16,
        "gradient_accumulation_steps": 4,
    }
    check_grpo(check, WHO, run(drivers, given, settings), given, settings, 0.15)


def test_the_norm_and_the_epsilon_are_those_of_the_configuration(drivers, check, draw):
    given = scripts(draw, count=3, lines=10)
    settings = {
        "steps": 2,
        "prompts_per_step": 3,
        "group_size": 5,
        "train_batch_size": 15,
        "advantage_eps": 0.5,
        "max_grad_norm": 0.05,
    }
    check_grpo(check, WHO, run(drivers, given, settings, rate=3.0), given, settings, 3.0)
    settings["max_grad_norm"] = 1e6
    check_grpo(check, WHO, run(drivers, given, settings, rate=0.05), given, settings, 0.05)


def test_it_learns_where_many_answers_are_right(drivers, check, draw):
    start = tasks.start_weights("countdown")
    settings = {"steps": 32, "prompts_per_step": 16, "group_size": 8, "train_batch_size": 128}
    reply = drivers.grpo_learns(start, "countdown", settings, 5e-4, draw.integer(0, 2**31))
    flat(check, WHO, reply["weights"], start)
    check_gain(check, WHO, [accuracy(reply["weights"], "countdown")], accuracy(start, "countdown"), 0.06)
