"""Other logs: read, checked, and drawn as curves."""

import json

from assignment1_basics.tests import run_logs

ORDERED_KINDS = {"step": int, "tokens": int, "wall_s": float}


def written(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def random_log(draw, length=20):
    return run_logs.log_of(
        run_logs.learning(draw, draw.number(1, 2), length),
        every=draw.integer(1, 100),
        seconds=draw.number(0.01, 5),
        tokens=draw.integer(1, 10**6),
    )


def test_a_run_that_is_killed_and_resumed_again_and_again(adapters, check, draw):
    for _ in range(5):
        log, text, at = random_log(draw), "", 0
        before = [{**record, "train_loss": 9.5} for record in log]
        for _ in range(4):
            stop = draw.integer(at + 1, len(log) + 1)
            text += written(before[at:stop])
            at = draw.integer(0, stop)
        found = adapters.run_read_log(text + written(log[at:]))
        check.equal(found, before[:at] + log[at:], who="run_read_log")


def test_a_cut_may_be_anywhere(adapters, check, draw):
    log = random_log(draw, 6)
    text = written(log)
    ends = [place for place, character in enumerate(text) if character == "\n"]
    for _ in range(12):
        cut = draw.integer(1, len(text))
        complete = sum(end <= cut for end in ends)
        check.equal(adapters.run_read_log(text[:cut]), log[:complete], who="run_read_log")


def test_a_line_that_is_broken_within_is_an_error(adapters, check, draw):
    lines = written(random_log(draw)).splitlines()
    index = draw.integer(0, len(lines))
    lines[index] = lines[index][: draw.integer(1, len(lines[index]))]
    check.rejects(adapters.run_read_log, "\n".join(lines) + "\n", who="run_read_log")


def test_faults_of_kind_and_order_together(adapters, check, draw):
    for _ in range(8):
        log, expected = random_log(draw), []
        for key in run_logs.KEYS:
            index = draw.integer(2, len(log))
            if key in run_logs.ORDERED and draw.number(0, 1) < 0.5:
                value = ORDERED_KINDS[key](log[draw.integer(0, index - 1)][key])
                log = run_logs.overwritten(log, index, key, value)
            elif draw.number(0, 1) < 0.5:
                log = run_logs.without(log, index, key)
            else:
                log = run_logs.overwritten(log, index, key, draw.choice(run_logs.WRONG[key]))
            expected.append((index, key))
        check.equal(adapters.run_log_faults(log), sorted(expected), who="run_log_faults")


def test_a_record_of_nothing_has_every_fault(adapters, check, draw):
    log = random_log(draw, 5)
    found = adapters.run_log_faults([{}, *log, {"note": 1}])
    expected = [(index, key) for index in (0, 6) for key in run_logs.KEYS]
    check.equal(found, expected, who="run_log_faults")


def test_points_of_random_curves(adapters, check, draw):
    for against in ("step", "wall_s", "tokens"):
        log = random_log(draw)
        found = adapters.run_loss_curve(log, "val_loss", against)
        measured = [record for record in log if record["val_loss"] is not None]
        expected = [(float(record[against]), record["val_loss"]) for record in measured]
        check.equal([(float(x), y) for x, y in found], expected, who="run_loss_curve")
