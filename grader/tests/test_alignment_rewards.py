"""The rewards of assignment 5: exact comparison, the two forms, and a clock that ends a formula."""

import math
import time

import pytest

from assignment5_alignment.rewards import (
    SymbolicGrader,
    SymbolicGraderMissingError,
    boxed_answer,
    grade,
    question_only_reward,
    r1_zero_reward,
    symbolic,
    tagged_answer,
)

RIGHT = {"reward": 1.0, "format_reward": 1.0, "answer_reward": 1.0}
FORM_ONLY = {"reward": 0.0, "format_reward": 1.0, "answer_reward": 0.0}
NOTHING = {"reward": 0.0, "format_reward": 0.0, "answer_reward": 0.0}


@pytest.mark.parametrize(
    ("answer", "truth"),
    [
        ("18", "18"), (" 18. ", "18"), ("$18", "18"), ("$18$", "18"), ("1,234", "1234"), ("0.5", "1/2"), ("2/4", "1/2"),
        (r"\frac{1}{2}", "0.5"), (r"-\dfrac{3}{4}", "-0.75"), ("2.0", "2"), (".5", "0.50"), ("-3", "\u22123"), ("+7", "7"),
        ("007", "7"), ("10%", "10"), ("10%", "0.1"), (r"10\%", "10%"), ("0.1", "10%"), (r"\$5", "5"), ("1 / 2", "0.5"),
        ("(A)", "A"), ("a", "A"), ("the  River", "The river"), ("x = 5", "x = 5"), ("123456789012345678901", "123,456,789,012,345,678,901"),
    ],
)  # fmt: skip
def test_the_same_answer_in_other_words(answer, truth):
    assert grade(answer, truth)
    assert grade(truth, answer)


@pytest.mark.parametrize(
    ("answer", "truth"),
    [
        ("18", "19"), ("18", "-18"), ("0.333", "1/3"), ("123456789012345678901", "123456789012345678902"), ("1,23", "123"),
        ("10%", "0.01"), ("10%", "10.1%"), ("1/0", "1/0 "[:1]), ("", ""), ("", "5"), ("18 loaves", "18"), ("1 2", "12"),
        ("three", "3"), ("(A)", "B"), ("(a)(b)", "a)(b"), ("10%", "0.1%"), ("1e2", "100"), ("9" * 300, "1" + "9" * 299),
    ],
)  # fmt: skip
def test_other_answers(answer, truth):
    assert not grade(answer, truth)
    assert not grade(truth, answer)


def test_a_number_that_python_refuses_to_read_is_text():
    long = "9" * 1_000_000
    assert grade(long, long)
    assert not grade(long + ".0", long)


def test_rewards_of_the_tags():
    assert r1_zero_reward("Six and six. </think> <answer>12</answer>", "12") == RIGHT
    assert r1_zero_reward("Six and six. </think> <answer>13</answer>", "12") == FORM_ONLY
    assert r1_zero_reward("12", "12") == NOTHING
    assert r1_zero_reward(r"</think> <answer>\boxed{12}</answer>", "12") == RIGHT


@pytest.mark.parametrize(
    ("response", "strict", "lenient"),
    [
        ("a </think> <answer>4</answer>", "4", "4"),
        ("a </think> <answer> 4\n</answer>\n ", "4", "4"),
        ("a </think> <answer>4 < 5\n> 3</answer>", "4 < 5\n> 3", "4 < 5\n> 3"),
        ("a </think>\n<answer>4</answer>", None, "4"),
        ("a </think><answer>4</answer>", None, "4"),
        ("a </think>  <answer>4</answer>", None, "4"),
        ("a </think> <answer>4</answer> So it is 5.", None, "4"),
        ("a </think> <answer>4</answer> </think> <answer>5</answer>", None, "4"),
        ("a <answer>3</answer> b </think> <answer>4</answer>", None, "4"),
        ("a </think> <answer>4<answer>5</answer>", None, "4<answer>5"),
        ("a </think> b </think> <answer>5</answer>", None, "5"),
        ("a </think> <answer>4", None, None),
        ("<answer>4</answer>", None, None),
        ("", None, None),
        ("</think> <answer></answer>", "", ""),
    ],
)
def test_the_form_of_the_tags(response, strict, lenient):
    assert tagged_answer(response) == strict
    assert tagged_answer(response, lenient=True) == lenient


def test_rewards_of_the_box():
    assert question_only_reward(r"First \boxed{1}, no: \boxed{\frac{1}{2}}.", "0.5") == RIGHT
    assert question_only_reward(r"\boxed{3}", "4") == FORM_ONLY
    assert question_only_reward("It is 4.", "4") == NOTHING


def test_what_is_in_a_box():
    assert boxed_answer(r"\boxed{a{b}c}} d") == "a{b}c"
    assert boxed_answer(r"\boxed{a{b}") is None
    assert boxed_answer("boxed{a}") is None


@pytest.mark.parametrize(
    "piece", ["</think>", "<answer>", "</think> <answer>", "</think> <answer>a", "{", "\\boxed{", " "]
)
def test_a_response_of_sixteen_times_the_length_does_not_take_its_square(piece):
    def seconds(length):
        text, best = piece * (length // len(piece)), math.inf
        for _ in range(3):
            before = time.process_time()
            tagged_answer(text), tagged_answer(text, lenient=True), boxed_answer(text)
            best = min(best, time.process_time() - before)
        return best

    assert seconds(640_000) < 100 * max(seconds(40_000), 1e-3)  # the square would be 256 times


@pytest.mark.timeout(400)
def test_formulas():
    with SymbolicGrader(seconds=60) as grader:
        assert grader.equal("2/4", "1/2")
        assert grader.equal("10^6", "1000000")
        assert grader.equal(r"\{2,1\}", r"\{1,2\}")
        assert grader.equal(r"\sqrt{12}", r"2\sqrt{3}")
        assert not grader.equal("x+1", "x-1")
        assert not grader.equal("", "5")
        assert r1_zero_reward("</think> <answer>2^3</answer>", "8", equal=grader.equal) == RIGHT
        assert r1_zero_reward("</think> <answer>2^3</answer>", "8") == FORM_ONLY
        assert grader.timeouts == 0


def test_a_formula_that_takes_too_long_is_no_match_and_costs_the_next_one_nothing(monkeypatch):
    worker = """
import json, sys, time
print("ready", flush=True)
for line in sys.stdin:
    truth, answer = json.loads(line)
    time.sleep(3600 if answer == "hard" else 0)
    print("yes" if truth == answer else "no", flush=True)
"""
    monkeypatch.setattr(symbolic, "_WORKER", worker)
    with SymbolicGrader(seconds=20) as grader:
        assert grader.equal("easy", "easy")
        first = grader._process
        grader._seconds = 0.2
        assert not grader.equal("hard", "hard")
        assert (grader.timeouts, first.poll() is not None) == (1, True)
        grader._seconds = 20
        assert grader.equal("easy", "easy")
        last = grader._process
    assert last.poll() is not None


def test_a_process_that_ends_is_no_match(monkeypatch):
    monkeypatch.setattr(symbolic, "_WORKER", "print('ready', flush=True); input()")
    with SymbolicGrader(seconds=20) as grader:
        assert not grader.equal("1", "1")


def test_a_process_that_has_ended_since_is_replaced(monkeypatch):
    worker = "print('ready', flush=True)\nwhile input(): print('yes', flush=True)"
    monkeypatch.setattr(symbolic, "_WORKER", worker)
    with SymbolicGrader(seconds=20) as grader:
        assert grader.equal("1", "1")
        first = grader._process
        first.kill()
        first.wait()
        assert grader.equal("1", "1")
        assert grader._process is not first


def test_a_missing_library_is_one_line_that_says_what_to_do(monkeypatch):
    monkeypatch.setattr(symbolic.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SymbolicGraderMissingError, match="math-verify is not installed: pip install"):
        SymbolicGrader()
