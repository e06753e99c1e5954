"""Hidden: equal responses count as often as they were sampled, groups of one, and problems of many right answers."""

from dataclasses import replace

from assignment5_alignment import tasks
from assignment5_alignment.tests.kept_responses import WHO, check_step, run
from assignment5_alignment.tests.scripted_rollouts import scripts
from assignment5_alignment.tests.watched_loops import accuracy, check_gain, flat, response


def test_equal_responses_count_as_often_as_they_were_sampled(drivers, check, draw):
    given = scripts(draw, count=3, lines=6, worth=(1.0, 0.0))
    first = given.prompts[0]
    good = next(row[0] for row in given.rewards if row[1] == given.truths[0] and row[2] == 1.0)
    given = replace(given, script={**given.script, first: [good] * 6})
    report = run(drivers, given, group_size=6, batch_size=64, epochs=1, seed=draw.integer(0, 1000))
    check_step(check, report, given, group_size=6, epochs=1)


def test_groups_of_one(drivers, check, draw):
    given = scripts(draw, count=6, lines=1, worth=(1.0, 1.0, 0.0))
    line = response("bd")
    given = replace(
        given,
        script={prompt: [line] for prompt in given.prompts},
        rewards=[
            (line, truth, float(number % 3 != 1), float(number % 3 == 1), 0.0)
            for number, truth in enumerate(given.truths)
        ],
    )
    report = run(drivers, given, group_size=1, batch_size=64, epochs=2, seed=1)
    check_step(check, report, given, group_size=1, epochs=2)


def test_it_learns_where_many_answers_are_right(drivers, check, draw):
    start = tasks.start_weights("countdown")
    reply = drivers.expert_iteration_learns(start, "countdown", 5e-4, 4, 4, draw.integer(0, 2**31))
    flat(check, WHO, reply["weights"], start)
    check_gain(check, WHO, [accuracy(reply["weights"], "countdown")], accuracy(start, "countdown"), 0.08)
