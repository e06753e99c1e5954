"""The toy tasks of assignment 5: tokens, problems, rewards and the policies that learning starts from."""

import math

import pytest
import torch

from assignment5_alignment import tasks
from assignment5_alignment.experiments import GRPOConfig, runs
from assignment5_alignment.experiments.comparisons import HELD_OUT, TOPICS, comparisons
from assignment5_alignment.experiments.curves import drawing
from assignment5_alignment.experiments.runs import ABLATIONS, PREFERENCE, Run
from assignment5_alignment.sampling import SamplingParams
from assignment5_alignment.tasks.__main__ import main
from assignment5_alignment.tests import small_gpt2
from assignment5_alignment.tests.rehearsal import HEADS
from assignment5_alignment.tests.watched_loops import accuracy


@pytest.mark.parametrize("name", tasks.NAMES)
def test_every_text_of_a_task_has_one_sequence_of_known_tokens(name):
    tokenizer, task = tasks.tokenizer(), tasks.task(name)
    for prompt, truth in zip(
        task.prompts + task.validation_prompts, task.ground_truths + task.validation_truths, strict=True
    ):
        text = f"{prompt}so</think> <answer>{truth}</answer>"
        ids = tokenizer.encode(text)
        assert ids == tasks.ids_of(text)
        assert tokenizer.unk_token_id not in ids
        assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_tags_are_one_token_and_what_is_not_known_is_one_too():
    assert len(tasks.ids_of("<think></think> <answer></answer>")) == 5
    assert tasks.tokenizer().encode("a<b") == tasks.ids_of("a<b") == [tasks.ids_of("a")[0], 1, tasks.ids_of("b")[0]]


@pytest.mark.parametrize("name", tasks.NAMES)
def test_no_problem_is_both_learned_and_held_out(name):
    task = tasks.task(name)
    assert not set(task.prompts) & set(task.validation_prompts)
    assert len(task.prompts) == len(set(task.prompts)) == len(task.ground_truths)
    assert (
        len(task.validation_prompts)
        == len(task.validation_truths)
        == (len(task.prompts) + len(task.validation_prompts)) // 4
    )
    assert task == tasks.task(name)


@pytest.mark.parametrize(
    ("response", "form", "answer"),
    [
        ("</think> <answer>12</answer>", 1, 1),
        ("7 and 5</think> <answer>12</answer>", 1, 1),
        ("</think> <answer>11</answer>", 1, 0),
        ("</think> <answer> 12</answer>", 1, 0),
        ("</think><answer>12</answer>", 0, 0),
        ("<answer>12</answer>", 0, 0),
        ("</think> <answer>12</answer> or 11", 0, 0),
        ("</think> <answer>11</answer></think> <answer>12</answer>", 0, 0),
        ("</think> <answer><answer>12</answer>", 0, 0),
        ("</think> <answer>12", 0, 0),
        ("", 0, 0),
    ],
)
def test_a_reward_needs_one_pair_of_tags_and_nothing_behind(response, form, answer):
    reward = tasks.task("addition").reward_fn(response, "12")
    assert reward == {"reward": answer, "format_reward": form, "answer_reward": answer}


def test_an_unknown_task_names_the_known_ones():
    with pytest.raises(ValueError, match="'subtraction'; expected one of addition, countdown, reversal, digits"):
        tasks.task("subtraction")


@pytest.mark.parametrize("name", tasks.NAMES)
def test_a_ground_truth_is_a_right_answer(name):
    task = tasks.task(name)
    for truth in task.ground_truths + task.validation_truths:
        assert truth in tasks.answers(name, truth)
        assert len(tasks.ids_of(f"</think> <answer>{truth}</answer>")) <= task.max_tokens
        assert task.reward_fn(f"</think> <answer>{truth}</answer>", truth)["reward"] == 1


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("addition", 0.3, 0.45), ("countdown", 0.1, 0.4), ("reversal", 0.06, 0.12), ("digits", 0.05, 0.12)],
)
def test_a_start_knows_the_answers_and_says_them_seldom(name, low, high):
    assert low < accuracy(tasks.start_weights(name), name) < high
    assert sum(tensor.numel() for tensor in tasks.start_weights(name).values()) == 28_064


def test_a_policy_is_what_its_weights_say_in_float64():
    weights = {name: tensor.double() for name, tensor in tasks.weights_of(tasks.new_policy(3, scale=0.3)).items()}
    ids = torch.arange(2, 26).reshape(3, 8)
    with torch.no_grad():
        got = tasks.policy_of(weights)(input_ids=ids).logits
    torch.testing.assert_close(got, small_gpt2.logits(weights, ids, HEADS), rtol=1e-9, atol=1e-12)


def test_new_policies_are_their_seeds():
    first, again, other = (tasks.weights_of(tasks.new_policy(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["transformer.wte.weight"], other["transformer.wte.weight"])


def test_the_command_refuses_an_unknown_task(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["division", "--out", "nowhere"])
    assert ended.value.code == 2
    assert (
        "no task is called 'division'; expected some of addition, countdown, reversal, digits"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("size", "message"), [(24, "train_batch_size is 24, and a step has 32"), (2, "a multiple of the group_size 4")]
)
def test_a_configuration_says_which_sizes_do_not_fit(size, message):
    with pytest.raises(ValueError, match=message):
        GRPOConfig(1, 8, 4, SamplingParams(max_tokens=4), size)


def test_the_curves_name_every_run():
    each = [Run(name, "addition", 0, (0.25, 0.5), 0.25, 0.75) for name in ABLATIONS]
    text = drawing([*each, Run("SFT", "addition", 0, (), 0.25, 1.0)])
    assert text.count("<polyline") == len(each)
    assert "SFT: 0.25 to 1.00" in text
    assert "Dr. GRPO: 0.25 to 0.75" in text


def test_what_is_another_quantity_has_a_panel_of_its_own():
    one = Run("GRPO", "addition", 0, (0.25, 0.5), 0.25, 0.75)
    other = Run("DPO", "comparisons", 0, (0.5, 1.0), 0.5, 1.0, PREFERENCE)
    assert drawing([one]).count("<g ") == 1
    assert drawing([one, other]).count("<g ") == 2
    assert f">{PREFERENCE}</text>" in drawing([one, other])
    assert PREFERENCE not in drawing([one])


def test_a_preference_is_what_the_loss_is_the_logarithm_of(monkeypatch):
    losses = iter([math.log(2), math.log(4), 0.0])
    monkeypatch.setattr(runs.adapters, "run_compute_per_instance_dpo_loss", lambda *given: torch.tensor(next(losses)))
    assert runs.preference(None, None, None, [("a", "b", "c")] * 3) == pytest.approx((0.5 + 0.25 + 1) / 3)


def test_comparisons_are_learned_from_other_words_than_they_are_measured_on():
    train, held_out = comparisons()
    assert (len(train), len(held_out)) == (60, 10)
    learned, measured = ({text for pair in pairs for text in pair[1:]} for pairs in (train, held_out))
    assert not learned & measured
    assert not any(topic in prompt for topic in TOPICS[:HELD_OUT] for prompt, _, _ in train)
    assert comparisons() == (train, held_out)
