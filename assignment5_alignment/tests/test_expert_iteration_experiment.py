"""Expert iteration: what is sampled, what is kept, every parameter after the fine-tuning, and whether it learns."""

from collections import Counter

from assignment5_alignment import tasks
from assignment5_alignment.tests.kept_responses import WHO, check_step, kept_rows, run
from assignment5_alignment.tests.scripted_rollouts import check_sampled_from, check_seeds, scripts, steps_of
from assignment5_alignment.tests.watched_loops import accuracy, batches_of, check_gain, check_untouched, flat


def test_each_prompt_is_answered_group_size_times_by_the_current_policy(drivers, check, draw):
    given, seed = scripts(draw, count=4, lines=6), draw.integer(0, 1000)
    report = run(drivers, given, group_size=6, batch_size=64, epochs=1, seed=seed)
    other = run(drivers, given, group_size=6, batch_size=64, epochs=1, seed=seed + 1)
    steps = steps_of(check, WHO, report, given, rollouts=24, group_size=6)
    check.that(len(steps) == 1 and len(steps[0].prompts) == 4, f"{WHO} did not sample responses to every prompt once")
    check_seeds(check, WHO, report)
    check_sampled_from(check, WHO, steps[0], given, given.weights, first=True)
    steps_of(check, WHO, other, given, rollouts=24, group_size=6)
    seeds = [{repr(call["seed"]) for call in each["calls"]} for each in (report, other)]
    check.that(seeds[0] != seeds[1], f"{WHO} sampled with the same seed though it was given another")


def test_only_what_earned_the_whole_reward_is_learned(drivers, check, draw):
    given = scripts(draw, count=4, lines=8)
    report = run(drivers, given, group_size=8, batch_size=64, epochs=2, seed=draw.integer(0, 1000))
    kept = Counter(given.prompts.index(prompt) for prompt, _ in kept_rows(given, 8))
    for place in (0, 1):
        seen = Counter(
            number
            for updates, rows in batches_of(check, WHO, report, given.prompts, gradient=True)
            for number in rows
            if updates == place
        )
        check.that(seen == kept, f"{WHO} learned from other responses than those whose reward is 1")
    check_step(check, report, given, group_size=8, epochs=2)


def test_nothing_kept_nothing_learned(drivers, check, draw):
    given = scripts(draw, count=3, lines=4, worth=(0.0, 0.5))
    report = run(drivers, given, group_size=4, batch_size=8, epochs=2, seed=0)
    returned = report["returned"]
    check.that(isinstance(returned, dict), f"{WHO} returned no dict")
    check.equal([returned["sampled"], returned["kept"]], [12, 0], who=f'{WHO}, "sampled" and "kept"')
    check.that(
        type(returned["loss"]) in (int, float) and returned["loss"] == 0,
        f"{WHO} returned a loss other than 0 where nothing was kept",
    )
    check_untouched(check, WHO, "the policy without a rewarded response", report["weights"], given.weights)


def test_it_learns(drivers, check, draw):
    start = tasks.start_weights("addition")
    accuracies = []
    for _ in range(3):
        reply = drivers.expert_iteration_learns(start, "addition", 5e-4, 4, 4, draw.integer(0, 2**31))
        flat(check, WHO, reply["weights"], start)
        accuracies.append(accuracy(reply["weights"]))
    check_gain(check, WHO, accuracies, accuracy(start), 0.15)
