"""The training log: reading it, what is wrong in it, and its curves."""

import json
import math

import pytest

from assignment1_basics.tests import run_logs

READ, FAULTS, CURVE = "run_read_log", "run_log_faults", "run_loss_curve"


def written(records):
    """A log as a program writes it: an object a line."""
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def log(draw):
    """A log without a fault."""
    return run_logs.log_of(run_logs.learning(draw, 1.25, 15), every=draw.integer(1, 50), seconds=draw.number(0.01, 3))


# ----------------------------------------------------------------------------------------------------------
# Reading


def test_every_line_is_a_record(adapters, check, log):
    check.equal(adapters.run_read_log(written(log)), log, who=READ)


def test_the_last_line_may_lack_its_end(adapters, check, log):
    check.equal(adapters.run_read_log(written(log).removesuffix("\n")), log, who=READ)


def test_values_that_are_not_finite_are_read(adapters, check, draw):
    log = run_logs.log_of([2.0, math.inf, -math.inf, math.nan])
    check.equal(adapters.run_read_log(written(log)), log, who=READ)


def test_further_keys_are_kept(adapters, check, log):
    log = [{**record, "gradient_norm": 0.5, "note": "a\nb"} for record in log]
    check.equal(adapters.run_read_log(written(log)), log, who=READ)


def test_a_log_may_have_no_record(adapters, check):
    for text in ("", "\n", "\n \n\n"):
        check.equal(adapters.run_read_log(text), [], who=READ)


def test_empty_lines_are_skipped(adapters, check, log):
    text = "\n" + written(log[:3]) + "\n  \n" + written(log[3:]) + "\n"
    check.equal(adapters.run_read_log(text), log, who=READ)


def test_a_last_line_that_was_cut_off_is_dropped(adapters, check, draw, log):
    text = written(log)
    last = len(json.dumps(log[-1]))
    for kept in (1, last // 2, last - 1, draw.integer(1, last)):
        check.equal(adapters.run_read_log(text[: len(text) - 1 - last + kept]), log[:-1], who=READ)


@pytest.mark.parametrize("before", [0, 4])
def test_another_line_that_is_no_object_is_an_error(adapters, check, log, before):
    for line in ('{"step": 3, "lr"', "step 3", "[1, 2]", "null", "7", '"step"', "{} {}"):
        text = written(log[:before]) + line + "\n" + written(log[before:])
        check.rejects(adapters.run_read_log, text, who=READ, hint=f"A line was {line}")


def test_a_broken_last_line_with_a_line_end_is_an_error(adapters, check, log):
    check.rejects(adapters.run_read_log, written(log) + '{"step": 99\n', who=READ)


def test_a_resumed_run_replaces_what_it_repeats(adapters, check, draw, log):
    for _ in range(4):
        resumed_at = draw.integer(1, len(log) - 1)
        again = [{**record, "val_loss": 7.5, "wall_s": record["wall_s"] + 100.0} for record in log[resumed_at:]]
        stopped_at = draw.integer(resumed_at, len(log)) + 1
        text = written(log[:stopped_at]) + written(again)
        check.equal(adapters.run_read_log(text), log[:resumed_at] + again, who=READ)


def test_a_resumed_run_may_log_other_steps(adapters, check):
    log = run_logs.log_of([3.0] * 6, every=10)  # 0 ... 50
    again = [{**log[0], "step": step} for step in (35, 45)]
    check.equal(adapters.run_read_log(written(log) + written(again)), log[:4] + again, who=READ)


def test_a_run_may_be_resumed_more_than_once(adapters, check):
    log = run_logs.log_of([3.0] * 8, every=10)
    text = written(log[:6]) + written(log[4:7]) + written(log[2:])
    check.equal(adapters.run_read_log(text), log, who=READ)


def test_a_cut_off_line_with_more_after_it_is_an_error(adapters, check, log):
    text = written(log[:5]) + json.dumps(log[5])[:20] + written(log[4:])
    check.rejects(adapters.run_read_log, text, who=READ)


# ----------------------------------------------------------------------------------------------------------
# Faults


def check_faults(adapters, check, records, expected, hint=""):
    check.equal(adapters.run_log_faults(records), sorted(expected), who=FAULTS, hint=hint)


def test_a_sound_log_has_no_fault(adapters, check, log):
    check_faults(adapters, check, log, [])


def test_no_record_no_fault(adapters, check):
    check_faults(adapters, check, [], [])


def test_a_missing_key_is_at_fault(adapters, check, draw, log):
    for key in run_logs.KEYS:
        index = draw.integer(0, len(log))
        hint = f"Record {index} had no {key}"
        check_faults(adapters, check, run_logs.without(log, index, key), [(index, key)], hint)


@pytest.mark.parametrize("key", run_logs.KEYS)
def test_a_value_of_the_wrong_kind_is_at_fault(adapters, check, draw, log, key):
    for value in run_logs.WRONG[key]:
        index = draw.integer(0, len(log))
        records = run_logs.overwritten(log, index, key, value)
        check_faults(adapters, check, records, [(index, key)], f"{key} of record {index} was {value!r}")


@pytest.mark.parametrize("key", ["train_loss", "val_loss"])
def test_a_loss_may_be_any_number_or_none(adapters, check, draw, log, key):
    for value in (math.nan, math.inf, -math.inf, None, 3, 0.0, -0.5):
        records = run_logs.overwritten(log, draw.integer(0, len(log)), key, value)
        check_faults(adapters, check, records, [], f"{key} was {value}")


@pytest.mark.parametrize("key", ["lr", "wall_s"])
def test_zero_and_whole_numbers_are_fine(adapters, check, log, key):
    check_faults(adapters, check, run_logs.overwritten(log, 0, key, 0), [])
    check_faults(adapters, check, [{**record, "lr": 1} for record in log], [])


def test_the_learning_rate_need_not_be_in_order(adapters, check, draw, log):
    rates = draw.permutation(len(log)).tolist()
    check_faults(adapters, check, [{**record, "lr": float(rate)} for record, rate in zip(log, rates, strict=True)], [])


def test_further_keys_are_no_fault(adapters, check, log):
    check_faults(adapters, check, [{**record, "note": None, "gradient_norm": -1} for record in log], [])


def test_a_step_that_is_repeated_is_at_fault(adapters, check, draw, log):
    index = draw.integer(1, len(log))
    records = run_logs.overwritten(log, index, "step", log[index - 1]["step"])
    check_faults(adapters, check, records, [(index, "step")])


@pytest.mark.parametrize("key", ["tokens", "wall_s"])
def test_time_and_tokens_may_stand_still(adapters, check, draw, log, key):
    index = draw.integer(1, len(log))
    check_faults(adapters, check, run_logs.overwritten(log, index, key, log[index - 1][key]), [])


@pytest.mark.parametrize("key", run_logs.ORDERED)
def test_a_value_less_than_the_one_before_is_at_fault(adapters, check, draw, log, key):
    index = draw.integer(2, len(log))
    records = run_logs.overwritten(log, index, key, log[index - 2][key])
    check_faults(adapters, check, records, [(index, key)])


@pytest.mark.parametrize("key", run_logs.ORDERED)
def test_what_comes_after_is_held_against_the_last_value_without_a_fault(adapters, check, log, key):
    # 5 has gone back to the start, 6 stands where 3 stood: it is less than 4, the last that was right.
    records = run_logs.overwritten(log, 5, key, log[0][key])
    records = run_logs.overwritten(records, 6, key, log[3][key])
    check_faults(adapters, check, records, [(5, key), (6, key)])


@pytest.mark.parametrize("key", run_logs.ORDERED)
def test_a_value_that_runs_ahead_puts_those_after_it_at_fault(adapters, check, log, key):
    records = run_logs.overwritten(log, 4, key, log[7][key])
    late = [5, 6, 7] if key == "step" else [5, 6]
    check_faults(adapters, check, records, [(index, key) for index in late])


@pytest.mark.parametrize("key", run_logs.ORDERED)
def test_a_missing_value_is_stepped_over(adapters, check, log, key):
    records = run_logs.overwritten(run_logs.without(log, 4, key), 5, key, log[2][key])
    check_faults(adapters, check, records, [(4, key), (5, key)])


def test_many_faults_are_listed_in_order(adapters, check, draw, log):
    records, planted = log, []
    for index in draw.permutation(len(log)).tolist()[:8]:
        for key in (draw.choice(run_logs.KEYS[:3]), draw.choice(run_logs.KEYS[3:])):
            value = draw.choice(run_logs.WRONG[key])
            records = run_logs.overwritten(records, index, key, value)
            planted.append((index, key))
    check_faults(adapters, check, records, planted)


# ----------------------------------------------------------------------------------------------------------
# Curves


@pytest.mark.parametrize("against", ["step", "wall_s", "tokens"])
@pytest.mark.parametrize("loss", ["train_loss", "val_loss"])
def test_a_curve_has_a_point_for_each_measured_loss(adapters, check, draw, log, loss, against):
    log = run_logs.overwritten(log, draw.integer(0, len(log)), "train_loss", None)
    expected = [(float(each[against]), each[loss]) for each in log if each[loss] is not None]
    found = adapters.run_loss_curve(log, loss, against)
    check.equal([(float(x), y) for x, y in found], expected, who=CURVE)


def test_losses_of_zero_or_nan_are_points(adapters, check):
    log = run_logs.log_of([2.0, 0.0, None, math.nan, math.inf], every=1)
    found = adapters.run_loss_curve(log, "val_loss", "step")
    expected = [(0.0, 2.0), (1.0, 0.0), (3.0, math.nan), (4.0, math.inf)]
    check.equal([(float(x), y) for x, y in found], expected, who=CURVE)


def test_a_loss_that_was_never_measured_has_no_point(adapters, check, log):
    log = [{**record, "val_loss": None} for record in log]
    check.equal(adapters.run_loss_curve(log, "val_loss", "tokens"), [], who=CURVE)
