"""Parts of the verifiers that no golden entry shows on every machine."""

from pathlib import Path

import pytest
import torch

from grader.leaderboard import track as tracks
from grader.leaderboard.case import Case, Refused
from grader.leaderboard.entry import LOG, Entry, Manifest
from grader.leaderboard.log import claimed
from grader.testing.draw import Draw
from staff.leaderboards.assignment1_basics import bits_per_byte
from staff.leaderboards.assignment2_systems import attention_speed, step_speed, timing
from staff.leaderboards.assignment2_systems.float64_step import expected as step_expected
from staff.leaderboards.assignment5_alignment import held_out_reward


def account(took, used):
    """An account of calls, the first two of which only warm up."""
    made = timing.Account(None, None)
    made.took, made.used = [9.0, 9.0, *took], [9.0, 9.0, *used]
    return made


def test_work_that_the_account_misses_shows_by_the_clock():
    reference = account([1.0, 1.0, 5.0, 1.1], [1.0, 1.0, 1.0, 1.0])
    with pytest.raises(Refused, match=r"took 2\.0 times as long by the clock as its processes account for"):
        timing.visible(account([1.0, 1.0, 1.0, 3.0], [0.5, 0.5, 0.5, 0.5]), reference)


def test_calls_that_others_made_slow_are_nobodys_fault():
    reference = account([1.0, 1.0, 1.0, 1.1], [1.0, 1.0, 1.0, 1.0])
    assert timing.visible(account([9.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]), reference) == ()


@pytest.mark.parametrize(
    ("took", "calls"),
    [([1.0] * 12, 6), ([2.0] * 7 + [1.0] * 5, 11), ([2.0] * 12, 14)],
    ids=["quiet from the beginning", "the core to itself at last", "work that is hidden"],
)
def test_an_entry_that_seems_to_wait_is_called_more_often(took, calls):
    entry, reference = account([], []), account([], [])
    count = 0
    for number in timing.rounds(entry, reference, 4):
        assert number == count
        count += 1
        if number >= timing.WARM_UP:
            for each, seconds in ((entry, took[number - timing.WARM_UP]), (reference, 1.0)):
                each.took.append(seconds)
                each.used.append(1.0)
    assert count == calls


def test_a_busy_machine_is_told_of():
    busy = account([2.0, 2.0, 2.0], [1.0, 1.0, 1.0])
    (note,) = timing.visible(account([9.0, 9.0, 9.0], [1.0, 1.0, 1.0]), busy)
    assert "busy" in note


def test_work_between_calls_is_refused():
    entry = account([1.0], [1.0])
    entry.idle, entry.burnt = 10.0, 0.7
    timing.behaved(entry)
    entry.burnt = 0.9
    with pytest.raises(Refused, match=r"worked for 0\.9 s of the 10\.0 s between its calls"):
        timing.behaved(entry)


def test_single_precision_is_close_enough_and_half_is_not(draw_of):
    draw = draw_of("attention")
    inputs = tuple(draw.normal(1, 32, 8) for _ in range(4))
    wanted = attention_speed.expected(inputs)
    attention_speed.checked(tuple(value.float() for value in wanted), wanted)
    for place, name in enumerate(attention_speed.NAMES):
        rounded = [value.float() for value in wanted]
        rounded[place] = rounded[place].bfloat16().float()
        with pytest.raises(Refused, match=f"the {name} of a timed call is off by"):
            attention_speed.checked(tuple(rounded), wanted)
        rounded[place] = None
        with pytest.raises(Refused, match=f"the {name} of a timed call is nothing"):
            attention_speed.checked(tuple(rounded), wanted)


STEP = {"vocab_size": 40, "context_length": 6, "d_model": 8, "num_layers": 1, "num_heads": 2, "d_ff": 16}


def tensors_of(after, spoilt=None):
    """The parts of a step as an entry returns them; `spoilt` are another part's tensors by (part, name)."""
    parts = [after.parameters, after.first_moments, after.second_moments]
    return [
        {name: (spoilt or {}).get((part, name), tensor.float()) for name, tensor in each.items()}
        for part, each in enumerate(parts)
    ]


def test_a_step_in_single_precision_is_close_enough(draw_of):
    step = step_speed.drawn(STEP, 3, draw_of("step"))
    loss, after = step_expected(STEP, step)
    step_speed.checked(step, (loss.float(), *tensors_of(after)), (loss, after))
    with pytest.raises(Refused, match="the loss of a timed step is"):
        step_speed.checked(step, (1.01 * loss, *tensors_of(after)), (loss, after))


@pytest.mark.parametrize("part", range(3))
def test_whatever_a_step_leaves_as_it_was_is_named(draw_of, part):
    step = step_speed.drawn(STEP, 3, draw_of("step"))
    loss, after = step_expected(STEP, step)
    before = (step.parameters, step.first_moments, step.second_moments)[part]
    for name in before:
        found = (loss.float(), *tensors_of(after, {(part, name): before[name]}))
        with pytest.raises(Refused, match=f"{name} after a timed step is off by"):
            step_speed.checked(step, found, (loss, after))


def test_a_step_that_returns_other_parameters_is_refused(draw_of):
    step = step_speed.drawn(STEP, 3, draw_of("step"))
    loss, after = step_expected(STEP, step)
    parameters, *moments = tensors_of(after)
    del parameters["ln_final.weight"]
    with pytest.raises(Refused, match=r"the parameter ln_final\.weight is missing or strange"):
        step_speed.checked(step, (loss, parameters, *moments), (loss, after))


def windows(draw, vocabulary=5, count=12, length=9):
    """Windows of tokens, and log-probabilities for each place that do not look ahead."""
    tokens = [draw.integers(0, vocabulary, length) for _ in range(count)]
    made = [bits_per_byte.Window(0, each, draw.integer(1, length)) for each in tokens]
    return [(window, draw.normal(length, vocabulary).double().log_softmax(-1)) for window in made]


def test_a_model_that_says_the_same_of_the_tokens_so_far_passes(draw_of):
    pairs = windows(draw_of("windows"))
    bits_per_byte.sightless([(window, said[window.sight - 1], said[window.sight - 1]) for window, said in pairs])


def test_little_foresight_at_every_place_is_seen_in_the_mean(draw_of):
    pairs = []
    for window, said in windows(draw_of("windows")):
        alone = said[window.sight - 1]
        whole = alone.clone()
        whole[window.tokens[window.sight]] += 0.005
        pairs.append((window, whole, alone))
    with pytest.raises(Refused, match="at some of 12 places"):
        bits_per_byte.sightless(pairs)


def test_much_foresight_at_one_place_is_seen_there(draw_of):
    pairs = [(window, said[window.sight - 1], said[window.sight - 1]) for window, said in windows(draw_of("windows"))]
    window, whole, alone = pairs[3]
    pairs[3] = (window, torch.where(torch.arange(5) == window.tokens[window.sight], whole + 1, whole - 1), alone)
    with pytest.raises(Refused, match="at 1 of 12 places"):
        bits_per_byte.sightless(pairs)


@pytest.fixture
def case_of(repository, tmp_path):
    """A case of the track of rewards, with this seed and log."""
    track = tracks.find(repository, "assignment5_alignment", "held_out_reward_cpu")

    def of(seed=336, log=""):
        (tmp_path / LOG).write_text(log)
        entry = Entry(tmp_path, Manifest("", "", ""), "", {LOG: tmp_path / LOG})
        return Case(track, None, entry, seed, None, {}, Path(), Path())

    return of


def test_hidden_problems_are_not_those_of_the_task(case_of):
    problems = held_out_reward.hidden(case_of())
    shown = held_out_reward.task("digits")
    prompts = {prompt for prompt, _ in problems}
    assert len(prompts) == len(problems) == 512
    assert not prompts & {*shown.prompts, *shown.validation_prompts}
    assert all(prompt == f"{answer[::-1]}?<think>" != f"{answer}?<think>" for prompt, answer in problems)
    assert problems == held_out_reward.hidden(case_of())
    assert problems != held_out_reward.hidden(case_of(seed=337))


@pytest.mark.parametrize(
    "log", ["", "\n", "{}", "[]", "4", '{"samples": null}', '{"samples": "many"}', "[" * 2000, '{"samples": 1}\n{}']
)
def test_a_log_that_does_not_say_it_is_refused(case_of, log):
    with pytest.raises(Refused, match='no JSON object with a number "samples": rewarded samples'):
        claimed(case_of(log=log), "samples", "rewarded samples", 10)


@pytest.mark.parametrize("value", ["11", "-1", "NaN", "Infinity"])
def test_a_log_that_says_too_much_is_refused(case_of, value):
    with pytest.raises(Refused, match=r"log\.jsonl tells of .* rewarded samples; expected at most 10"):
        claimed(case_of(log=f'{{"samples": 1}}\n{{"samples": {value}}}\n'), "samples", "rewarded samples", 10)


def test_the_end_of_a_long_log_is_what_counts(case_of):
    log = '{"samples": 99}\n' * 10_000 + '{"samples": 10}\n'
    assert claimed(case_of(log=log), "samples", "rewarded samples", 10) == 10
    assert claimed(case_of(log='{"samples": 10.1}'), "samples", "rewarded samples", 10, 1.02) == 10.1


@pytest.fixture
def draw_of():
    """Sources of inputs by name, the same each time."""
    return lambda name: Draw(336, name)
