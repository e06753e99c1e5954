"""Comparisons: what passes, what does not, and that no message shows the answer."""

import math

import pytest
import torch

from grader.adopt.transport import NotApplicable
from grader.errors import SubmissionRaised, SubmissionTimeout, is_stub
from grader.testing.check import LONGEST, Check, DullCheckError, Wrong

check = Check()
EXPECTED = torch.tensor([1.25, -3.5, 0.125, 7.75], dtype=torch.float64)


def message(actual, expected=EXPECTED, **options):
    with pytest.raises(Wrong) as caught:
        check.close(actual, expected, who="run_it", **{"rtol": 1e-5, **options})
    return str(caught.value)


def test_equal_values_pass():
    check.close(EXPECTED.clone(), EXPECTED, rtol=1e-12, who="run_it")
    check.close(EXPECTED.float(), EXPECTED, rtol=1e-6, who="run_it", dtype=torch.float32)


def test_dtype_and_shape_come_first():
    said = message(EXPECTED.float())
    assert said == "run_it returned float32 tensor (4,); expected float64 tensor (4,)"
    assert message(EXPECTED[None]) == "run_it returned float64 tensor (1, 4); expected float64 tensor (4,)"
    assert message(EXPECTED.tolist()) == "run_it returned a list of float; expected float64 tensor (4,)"
    assert message(torch.tensor(1.25, dtype=torch.float64)).startswith("run_it returned float64 tensor ()")


@pytest.mark.parametrize(
    "wrong", [torch.zeros_like(EXPECTED), EXPECTED.mean().expand(4), EXPECTED * 1.001, EXPECTED.flip(0)]
)
def test_wrong_values_fail_with_a_count_and_a_place_but_without_the_answer(wrong):
    said = message(wrong.clone())
    assert "of 4 values are wrong" in said
    assert "1.25" not in said
    assert "7.75" not in said


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_fails_unless_expected(value):
    wrong = EXPECTED.clone()
    wrong[2] = value
    assert "(2,)" in message(wrong)
    check.close(wrong, wrong, rtol=1e-6, who="run_it")
    assert "expected" in message(EXPECTED.clone(), wrong)


def test_small_values_do_not_hide_behind_an_absolute_tolerance():
    small = EXPECTED * 1e-9
    assert "4 of 4" in message(torch.zeros_like(small), small)


@pytest.mark.parametrize("rtol", [0, -1, 0.2, math.nan])
def test_a_tolerance_that_means_nothing_is_our_fault(rtol):
    with pytest.raises(DullCheckError):
        check.close(EXPECTED, EXPECTED, rtol=rtol, who="run_it")


def test_a_constant_expected_value_must_be_declared():
    ones = torch.ones(5)
    with pytest.raises(DullCheckError, match="constant=True"):
        check.close(ones, ones, rtol=1e-5, who="run_it")
    check.close(ones, ones, rtol=1e-5, who="run_it", constant=True)


def test_numbers_are_compared_as_numbers():
    check.close(2.0000001, 2.0, rtol=1e-6, who="run_it")
    with pytest.raises(Wrong, match=r"run_it returned 2\.1, which is not within"):
        check.close(2.1, 2.0, rtol=1e-6, who="run_it")
    with pytest.raises(Wrong, match="expected float"):
        check.close(torch.tensor(2.0), 2.0, rtol=1e-6, who="run_it")
    with pytest.raises(Wrong):
        check.close(math.nan, 2.0, rtol=1e-6, who="run_it")


@pytest.mark.parametrize(
    ("actual", "expected", "said"),
    [
        ([1, 2], (1, 2), "a list of int; expected tuple"),
        ([1, True], [1, 1], "bool at [1]; expected int"),
        ([1, 2, 3], [1, 2], "a list of length 3; expected length 2"),
        ([1], [1, 2], "a list of length 1; expected length 2"),
        ({"a": 1}, {"b": 1}, "a dict with 1 keys too many and 1 missing"),
        ({"a": [0, 5]}, {"a": [0, 6]}, "a wrong int at ['a'][1]: '5'"),
        ("abc", "abd", "a wrong str: 'abc'"),
        (torch.tensor([1, 2]), torch.tensor([1, 3]), "a tensor with 1 of 2 values wrong"),
        (torch.tensor([1]), torch.tensor([1.0]), "int64 tensor (1,); expected float32 tensor (1,)"),
        (None, [1], "None; expected list"),
    ],
)
def test_equality_names_the_place_of_the_first_difference(actual, expected, said):
    with pytest.raises(Wrong) as caught:
        check.equal(actual, expected, who="run_it")
    assert str(caught.value) == f"run_it returned {said}"


def test_equal_plain_data_passes():
    check.equal(
        {"a": [(1, b"x"), math.nan], 3: torch.ones(2)},
        {"a": [(1, b"x"), math.nan], 3: torch.ones(2)},
        who="run_it",
    )


def test_rejects_wants_an_exception_of_the_students_code():
    def raises(error):
        raise error

    check.rejects(raises, SubmissionRaised("x"), who="run_it")
    check.rejects(raises, IndexError("x"), who="run_it")
    with pytest.raises(Wrong, match="run_it returned int; expected it to raise an exception"):
        check.rejects(lambda: 3, who="run_it")
    for error in (NotImplementedError("x"), NotApplicable("x"), SubmissionTimeout("x"), Wrong("x")):
        with pytest.raises(type(error)):
            check.rejects(raises, error, who="run_it")


def test_a_sum_that_cancels_is_measured_by_its_terms():
    for value in (0.001, torch.tensor(0.001)):
        off = value + 5e-6
        with pytest.raises(Wrong):
            check.close(off, value, rtol=1e-4, who="run_it")
        check.close(off, value, rtol=1e-4, scale=1.0, who="run_it")
        with pytest.raises(Wrong):
            check.close(value + 2e-4, value, rtol=1e-4, scale=1.0, who="run_it")


def test_what_a_library_cannot_do_is_not_a_stub():
    """PyTorch raises NotImplementedError where it has no kernel for a dtype."""
    with pytest.raises(NotImplementedError) as caught:
        torch.ones(2, dtype=torch.int64).softmax(0)
    assert not is_stub(caught.value)
    check.rejects(torch.ones(2, dtype=torch.int64).softmax, 0, who="run_it")
    with pytest.raises(NotImplementedError) as caught:
        torch.nn.Module()(1)
    assert is_stub(caught.value)  # no `forward` is written


def test_a_hint_is_added_to_the_message():
    assert message(EXPECTED * 2, hint="Is it the root?").endswith("Is it the root?")


def test_json_is_read_where_it_is_short_and_can_be():
    assert check.json(' {"a": [1, null]}', who="the file") == {"a": [1, None]}
    for content in ("", "{", "[" * 100_000, "9" * 5000):
        with pytest.raises(Wrong, match="the file is no JSON"):
            check.json(content, who="the file")
    with pytest.raises(Wrong, match="expected far less"):
        check.json("[]" * LONGEST, who="the file")
    with pytest.raises(Wrong, match="the file has 4,194,305 bytes"):
        check.short(b" " * (LONGEST + 1), who="the file")
