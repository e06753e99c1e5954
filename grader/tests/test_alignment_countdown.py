"""Countdown, the toy task whose problems have many right answers: its parser, its reward and its problems."""

import ast
from fractions import Fraction

import pytest

from assignment5_alignment import tasks
from assignment5_alignment.tasks.countdown import countdown_reward, problems, solutions
from assignment5_alignment.tasks.expressions import read


@pytest.mark.parametrize(
    ("text", "numbers", "value"),
    [
        ("7", (7,), 7),
        ("2+3x4", (2, 3, 4), 14),
        ("2x3+4", (2, 3, 4), 10),
        ("9-3-2", (9, 3, 2), 4),
        ("2-3x4", (2, 3, 4), -10),
        ("8:4:2", (8, 4, 2), 1),
        ("8:4x2", (8, 4, 2), 4),
        ("1:3x3", (1, 3, 3), 1),
        ("1:10+1:5-3:10", (1, 10, 1, 5, 3, 10), 0),
        ("5-1:3", (5, 1, 3), Fraction(14, 3)),
        ("0:5+0", (0, 5, 0), 0),
        ("1234x10", (1234, 10), 12340),
    ],
)
def test_an_expression_is_its_numbers_and_its_exact_value(text, numbers, value):
    got = read(text)
    assert (got.numbers, got.value) == (numbers, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "2+",
        "+2",
        "-2",
        "2++3",
        "2+-3",
        "2 + 3",
        "2+3\n",
        "(2+3)x4",
        "2**3",
        "2*3",
        "2/3",
        "2^3",
        "02+3",
        "2.5",
        "1e3",
        "12345",
        "2=2",
        "٣+2",
        "2×3",
        "3:0",
        "1+2:0x0",
        "1" + "+1" * 40,
        "abs",
        "__import__",
        "9" * 10_000,
    ],
)
def test_what_is_no_expression_has_no_value(text):
    assert read(text) is None


def test_the_parser_agrees_with_python_on_every_expression_of_three_numbers():
    for _, truth in problems():
        for text in solutions(truth):
            assert read(text).value == computed(ast.parse(text.replace("x", "*").replace(":", "/"), mode="eval").body)


def computed(node):
    """The value of a tree of numbers and four operators, in fractions."""
    if isinstance(node, ast.Constant):
        return Fraction(node.value)
    left, right = computed(node.left), computed(node.right)
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right


@pytest.mark.parametrize(
    ("response", "form", "answer"),
    [
        ("</think> <answer>4x1+6</answer>", 1, 1),
        ("four and six</think> <answer>6+4:1</answer>", 1, 1),
        ("</think> <answer>6x1+4</answer>", 1, 1),
        ("</think> <answer>10</answer>", 1, 0),
        ("</think> <answer>4+6</answer>", 1, 0),
        ("</think> <answer>4+6x1x1</answer>", 1, 0),
        ("</think> <answer>5+4+1</answer>", 1, 0),
        ("</think> <answer>4x1x6</answer>", 1, 0),
        ("</think> <answer>6+4:1=10</answer>", 1, 0),
        ("</think> <answer>6:0+4</answer>", 1, 0),
        ("</think> <answer></answer>", 1, 0),
        ("</think><answer>4x1+6</answer>", 0, 0),
        ("4x1+6", 0, 0),
    ],
)
def test_every_number_counts_once_and_the_value_must_be_the_target(response, form, answer):
    reward = countdown_reward(response, "1x4+6")
    assert reward == {"reward": answer, "format_reward": form, "answer_reward": answer}


def test_a_value_that_is_nearly_the_target_is_not_the_target():
    assert countdown_reward("</think> <answer>9998:9999x1</answer>", "9999:9998x1")["reward"] == 0
    assert countdown_reward("</think> <answer>1:3+2</answer>", "2+1:3")["reward"] == 1


def test_a_ground_truth_that_is_no_expression_is_an_error():
    with pytest.raises(ValueError, match="the ground truth 'ten' is no expression"):
        countdown_reward("</think> <answer>4x1+6</answer>", "ten")


def test_a_prompt_says_the_numbers_and_the_target_of_its_truth():
    task = tasks.task("countdown")
    for prompt, truth in zip(
        task.prompts + task.validation_prompts, task.ground_truths + task.validation_truths, strict=True
    ):
        numbers, target = prompt.removesuffix("?<think>").split("=")
        assert tuple(map(int, numbers.split(","))) == tuple(sorted(read(truth).numbers))
        assert int(target) == read(truth).value > 0


def test_solutions_are_all_that_the_reward_accepts():
    for _, truth in problems()[::20]:
        right = solutions(truth)
        assert len(set(right)) == len(right)
        for other in solutions(problems()[0][1]) + right:
            assert countdown_reward(f"</think> <answer>{other}</answer>", truth)["reward"] == float(other in right)
    assert set(solutions("1x4+6")) >= {"4x1+6", "6+4:1", "6:1+4", "4+6x1"}
