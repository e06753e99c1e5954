"""Points are all or nothing, for what the trusted side recorded exactly once; our failures cost nobody."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.assignment import Assignment, Limits, Problem
from grader.errors import ConfigError
from grader.findings import Finding
from grader.outcome import ExpectedTest, HandinOutcome, TestOutcome, Verdict
from grader.record import RecordError
from grader.scoring import WORST_FIRST, score, worst

RULE = Finding("policy", "double", "maths.py", 3, "torch.nn.functional.*", "calls torch.nn.functional.relu")


@pytest.fixture
def outcome(tiny):
    """Makes an outcome: verdicts of `double`'s two tests and of `count`'s one, of which all were to run."""

    def made(double="PASS PASS", count="PASS", **more):
        verdicts = {"double": double.split(), "count": count.split()}
        names = {"double": ("test_a", "test_b"), "count": ("test_c",)}
        return HandinOutcome(
            assignment=tiny.name,
            submission="quill",
            submission_sha256="5" * 64,
            assignment_sha256="a" * 64,
            seed=336,
            engine="bubblewrap",
            status="graded",
            expected={p: tuple(ExpectedTest(name) for name in tests) for p, tests in names.items()},
            tests=tuple(
                TestOutcome(name, problem, False, Verdict(verdict), "", 0.1)
                for problem, listed in verdicts.items()
                for name, verdict in zip(names[problem], listed, strict=False)
            ),
            **more,
        )

    return made


@pytest.fixture
def scored(tiny, outcome):
    """Scores such an outcome; `double` is worth 2 points, `count` 3."""
    return lambda *args, **more: score(outcome(*args, **more), tiny)


def problem(scored, name):
    return next(p for p in scored.problems if p.id == name)


def test_all_tests_passed_is_all_points(scored):
    full = scored()
    assert (full.score, full.max_score, full.provisional) == (5.0, 5.0, False)
    assert [p.verdict for p in full.problems] == [Verdict.PASS, Verdict.PASS]


@pytest.mark.parametrize("verdict", [v for v in Verdict if v not in (Verdict.PASS, Verdict.GRADER_ERROR)])
def test_one_test_lost_is_all_points_of_its_problem_lost_and_no_others(scored, verdict):
    lost = scored(double=f"PASS {verdict.value}")
    assert lost.score == 3.0
    assert (problem(lost, "double").score, problem(lost, "double").verdict) == (0.0, verdict)


def test_our_error_leaves_a_problem_pending_and_costs_nothing(scored):
    pending = scored(double="PASS GRADER_ERROR")
    assert problem(pending, "double").score is None
    assert problem(pending, "double").verdict is Verdict.GRADER_ERROR
    assert (pending.score, pending.max_score) == (3.0, 5.0)
    assert (pending.pending, pending.provisional) == ({"double": 2.0}, True)


@pytest.mark.parametrize("verdict", ["FAIL", "TIMEOUT", "CRASH", "NOT_IMPLEMENTED"])
def test_our_error_beside_a_lost_test_decides_nothing(scored, verdict):
    decided = scored(double=f"GRADER_ERROR {verdict}")
    assert problem(decided, "double").score == 0.0
    assert problem(decided, "double").verdict is Verdict(verdict)
    assert not decided.provisional


def test_a_missing_record_is_not_a_pass_and_is_our_error(scored):
    missing = scored(double="PASS")
    assert problem(missing, "double").score is None
    ours = problem(missing, "double").tests[0]
    assert (ours.name, ours.verdict) == ("test_b", Verdict.GRADER_ERROR)
    assert ours.message == "recorded 0 times; expected once"


def test_a_missing_record_beside_a_lost_test_is_lost(scored):
    assert problem(scored(double="FAIL"), "double").score == 0.0


def test_no_record_at_all_is_never_full_marks(scored):
    assert scored(double="", count="").score == 0.0
    assert scored(double="", count="").pending == {"double": 2.0, "count": 3.0}


def test_a_double_record_is_not_a_pass(tiny, outcome):
    once = outcome()
    twice = replace(once, tests=(*once.tests, once.tests[0]))
    assert problem(score(twice, tiny), "double").score is None
    lost = replace(once, tests=(*once.tests, replace(once.tests[0], verdict=Verdict.FAIL)))
    assert problem(score(lost, tiny), "double").score == 0.0


def test_an_unforeseen_record_is_not_a_pass(tiny, outcome):
    once = outcome()
    extra = replace(once, tests=(*once.tests, replace(once.tests[0], name="test_z")))
    assert problem(score(extra, tiny), "double").score is None


def test_a_hidden_test_is_not_replaced_by_a_public_one_of_its_name(tiny, outcome):
    once = outcome()
    hidden = {**once.expected, "count": (ExpectedTest("test_c", hidden=True),)}
    assert problem(score(replace(once, expected=hidden), tiny), "count").score is None


def test_a_problem_with_no_test_to_run_is_pending(tiny, outcome):
    none = replace(outcome(count=""), expected={"double": (), "count": ()}, tests=())
    assert score(none, tiny).pending == {"double": 2.0, "count": 3.0}


def test_problems_that_were_not_run_do_not_count(tiny, outcome):
    whole = outcome()
    part = replace(whole, expected={"count": whole.expected["count"]})
    assert (score(part, tiny).score, score(part, tiny).max_score) == (3.0, 3.0)
    assert [p.id for p in score(part, tiny).problems] == ["count"]


def test_a_finding_costs_its_problem_only(scored):
    found = scored(findings=(RULE,))
    assert (found.score, problem(found, "double").verdict) == (3.0, Verdict.POLICY)


def test_a_finding_decides_a_problem_that_we_failed_to_grade(scored):
    found = scored(double="PASS GRADER_ERROR", findings=(RULE,))
    assert problem(found, "double").score == 0.0


def test_a_finding_costs_nothing_where_policy_only_warns(scored):
    assert scored(findings=(RULE,), policy="warn").score == 5.0


def test_findings_of_another_kind_or_of_no_problem_cost_nothing(scored):
    assert scored(findings=(replace(RULE, kind="integrity"), replace(RULE, problem=None))).score == 5.0


def test_a_refused_hand_in_has_no_points_and_all_problems(tiny, outcome):
    refused = replace(outcome(), status="refused", refusal="damaged", expected={}, tests=())
    result = score(refused, tiny)
    assert (result.score, result.max_score, result.refused) == (0.0, 5.0, True)
    assert [(p.id, p.score, p.tests) for p in result.problems] == [("double", 0.0, ()), ("count", 0.0, ())]


def test_bonus_points_come_on_top(tiny, outcome):
    bonus = {**tiny.problems, "count": replace(tiny.problems["count"], bonus=True)}
    with_bonus = replace(tiny, problems=bonus)
    assert (score(outcome(), with_bonus).score, score(outcome(), with_bonus).max_score) == (5.0, 2.0)
    assert score(outcome(count="FAIL"), with_bonus).score == 2.0


def test_bonus_points_are_counted_apart_and_never_needed(tiny, outcome):
    problems = {**tiny.problems, "count": replace(tiny.problems["count"], bonus=True)}
    with_bonus = replace(tiny, problems=problems)
    both, without, only = (
        score(each, with_bonus)
        for each in (
            outcome(),
            outcome(count="FAIL"),
            replace(outcome(), expected={"count": outcome().expected["count"]}),
        )
    )
    assert (both.regular, both.bonus, both.share) == (2.0, 3.0, 2.5)
    assert (without.regular, without.bonus, without.share) == (2.0, 0.0, 1.0)
    assert (only.regular, only.bonus, only.max_score, only.share) == (0.0, 3.0, 0.0, 1.0)


def test_bonus_points_do_not_make_up_for_others(tiny, outcome):
    problems = {**tiny.problems, "count": replace(tiny.problems["count"], bonus=True)}
    lost = score(outcome(double="FAIL PASS"), replace(tiny, problems=problems))
    assert (lost.regular, lost.bonus, lost.score, lost.max_score) == (0.0, 3.0, 3.0, 2.0)


def test_points_come_from_the_toml_at_hand(tiny, outcome):
    dearer = {**tiny.problems, "count": replace(tiny.problems["count"], points=0.1)}
    assert score(outcome(), replace(tiny, problems=dearer)).score == pytest.approx(2.1, abs=1e-12)


def test_an_outcome_of_another_assignment_is_not_scored(tiny, outcome):
    with pytest.raises(ConfigError, match="'assignment9_x' cannot be scored as 'assignment0_tiny'"):
        score(replace(outcome(), assignment="assignment9_x"), tiny)
    with pytest.raises(ConfigError, match="has no problem 'triple'"):
        score(replace(outcome(), expected={"triple": ()}), tiny)


def test_every_verdict_has_its_place_and_ours_comes_after_all_that_decide():
    assert sorted(WORST_FIRST) == sorted(Verdict)
    assert WORST_FIRST[-2:] == (Verdict.GRADER_ERROR, Verdict.PASS)
    assert worst([Verdict.PASS, Verdict.FAIL, Verdict.CRASH]) is Verdict.CRASH


ONE_PROBLEM = Assignment("a", Path(), "A", (), (), Limits(), {}, {"p": Problem("p", "P", 2.0, "p.py", ())})
VERDICTS = st.lists(st.sampled_from(sorted(Verdict)), max_size=4)


@given(verdicts=VERDICTS)
def test_points_are_given_only_for_exactly_the_expected_passes(verdicts):
    expected = tuple(ExpectedTest(f"test_{n}") for n in range(2))
    tests = tuple(TestOutcome(f"test_{n}", "p", False, v, "", 0.0) for n, v in enumerate(verdicts))
    outcome = HandinOutcome("a", "quill", "", "", 1, "e", "graded", expected={"p": expected}, tests=tests)
    assert (score(outcome, ONE_PROBLEM).score == 2.0) == (verdicts == [Verdict.PASS, Verdict.PASS])


# Outcomes are kept and read back


def test_an_outcome_survives_json(outcome):
    whole = outcome(
        "FAIL GRADER_ERROR",
        findings=(RULE, replace(RULE, problem=None)),
        warnings=("w",),
        versions={"torch": "2"},
    )
    assert HandinOutcome.from_json(json.loads(json.dumps(whole.to_json()))) == whole


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("seed",), "336", "outcome.seed is '336'; expected a whole number"),
        (("seed",), True, "outcome.seed is True; expected a whole number"),
        (("seconds",), float("nan"), "outcome.seconds is nan; expected a number"),
        (("status",), "fine", "outcome.status is 'fine'; expected one of graded, refused"),
        (("tests",), {}, "outcome.tests is a dict; expected a list"),
        (("tests", 0), "x", "outcome.tests[0] is 'x'; expected an object"),
        (("tests", 0, "verdict"), "pass", "outcome.tests[0].verdict is 'pass'; expected one of PASS, FAIL"),
        (("tests", 0, "verdict"), ["PASS"], "outcome.tests[0].verdict is a list; expected one of PASS, FAIL"),
        (("tests", 0, "hidden"), 0, "outcome.tests[0].hidden is 0; expected true or false"),
        (("tests", 0, "points"), 9, "outcome.tests[0]: unknown key 'points'"),
        (("expected", "double"), [1], "outcome.expected.double[0] is 1; expected an object"),
        (("engine",), None, "outcome.engine is None; expected a text"),
        (("schema",), 2, "outcome: not of schema 1"),
    ],
)
def test_kept_data_that_was_tampered_with_is_refused_by_place(outcome, path, value, said):
    data = json.loads(json.dumps(outcome().to_json()))
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(RecordError) as caught:
        HandinOutcome.from_json(data)
    assert said in str(caught.value)


def test_every_key_is_needed(outcome):
    for key in outcome().to_json():
        data = json.loads(json.dumps(outcome().to_json()))
        del data[key]
        with pytest.raises(RecordError):
            HandinOutcome.from_json(data)


SCALARS = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_json_is_refused(data):
    with pytest.raises(RecordError):
        HandinOutcome.from_json(data)
