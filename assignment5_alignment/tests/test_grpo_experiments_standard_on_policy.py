"""GRPO on its own fresh answers: what is sampled with which weights, every parameter after two steps, and learning."""

from assignment5_alignment import tasks
from assignment5_alignment.tests.scripted_rollouts import check_grpo, scripts, steps_of
from assignment5_alignment.tests.watched_loops import accuracy, check_gain, flat

WHO = "run_grpo_loop"
RATE = 0.15
LEARNING = {"steps": 32, "prompts_per_step": 16, "group_size": 8, "train_batch_size": 128}


def run(drivers, given, settings, seed):
    return drivers.grpo_run(
        given.weights, given.script, given.prompts, given.truths, given.rewards, settings, RATE, seed
    )


def test_each_step_learns_from_new_answers_of_the_current_policy(drivers, check, draw):
    given = scripts(draw, count=3, lines=12)
    settings = {"steps": 3, "prompts_per_step": 3, "group_size": 4, "train_batch_size": 12}
    check_grpo(check, WHO, run(drivers, given, settings, draw.integer(0, 1000)), given, settings, RATE)


def test_a_step_takes_some_of_the_prompts_and_the_seed_says_which(drivers, check, draw):
    given, seed = scripts(draw, count=8, lines=6), draw.integer(0, 1000)
    settings = {"steps": 3, "prompts_per_step": 3, "group_size": 2, "train_batch_size": 6}
    asked = []
    for each in (seed, seed, seed + 1):
        report = run(drivers, given, settings, each)
        check_grpo(check, WHO, report, given, settings, RATE)
        asked.append([step.prompts for step in steps_of(check, WHO, report, given, 6, 2)])
    check.that(len({tuple(prompts) for prompts in asked[0]}) > 1, f"{WHO} took the same prompts in every step")
    check.that(asked[0] == asked[1], f"{WHO} took other prompts with the same seed")
    check.that(asked[0] != asked[2], f"{WHO} took the same prompts with another seed")


def test_it_learns(drivers, check, draw):
    start = tasks.start_weights("addition")
    accuracies = []
    for _ in range(3):
        reply = drivers.grpo_learns(start, "addition", LEARNING, 5e-4, draw.integer(0, 2**31))
        flat(check, WHO, reply["weights"], start)
        accuracies.append(accuracy(reply["weights"]))
    check_gain(check, WHO, accuracies, accuracy(start), 0.2)
