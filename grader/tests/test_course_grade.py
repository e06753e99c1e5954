"""The final grade: laws that hold for any attempts and any policy, and the lines a student reads."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course import grade
from grader.course.attempts import Attempt
from grader.course.policy import AssignmentRules, Extension, Late, ManualItem, Policy
from grader.course.roster import Roster, Student

WEST = ZoneInfo("America/Los_Angeles")
DUE = datetime(2026, 10, 2, 12, 0, tzinfo=WEST)
HERON = Student("heron")
LATE = Late(penalty_percent=10, days=5, days_per_assignment=2, grace_minutes=15, cutoff_days=7)
ONE = Policy(late=LATE, counts="best", assignments={"a1": AssignmentRules("a1", 100, DUE)}, timezone=WEST)


def attempt(hours: float, score: float = 80, name: str = "h1", assignment: str = "a1", **more) -> Attempt:
    """One of heron's, handed in `hours` after due of assignment a1."""
    when = DUE.astimezone(ZoneInfo("UTC")) + timedelta(hours=hours)
    return Attempt("heron", assignment, name, when, score, 100, **more)


# What a grade comes to, by example


@pytest.mark.parametrize(
    ("hours", "points", "days"),
    [(-1, 80, 0), (0, 80, 0), (0.25, 80, 0), (0.26, 80, 1), (24, 80, 1), (26.1, 80, 2), (48.1, 72, 2), (150, 40, 2)],
)
def test_late_days_are_spent_before_points_are_lost(hours, points, days):
    result = grade([attempt(hours)], ONE, HERON)
    assert (result.points, result.late_days_used, result.late_days_left) == (points, days, 5 - days)


def test_each_hour_begun_costs_where_the_unit_is_an_hour():
    policy = replace(ONE, late=Late(unit="hour", penalty_percent=1, days=1))
    assert grade([attempt(24 + 2.5)], policy, HERON).points == pytest.approx(80 * 0.97)


def test_after_the_cut_off_nothing_counts():
    result = grade([attempt(7 * 24 + 0.1)], ONE, HERON)
    assert (result.points, result.late_days_used, result.assignments[0].submission) == (0, 0, "")
    assert any("h1 does not count" in line and "168.1 h after due" in line for line in result.assignments[0].lines)


def test_a_penalty_never_takes_more_than_there_is():
    policy = replace(ONE, late=Late(penalty_percent=60))
    assert grade([attempt(49)], policy, HERON).points == 0


def test_late_days_go_where_they_save_most():
    rules = {name: AssignmentRules(name, 100, DUE) for name in ("a1", "a2")}
    policy = replace(ONE, assignments=rules, late=Late(penalty_percent=10, days=1))
    result = grade([attempt(20, 10), attempt(20, 90, assignment="a2")], policy, HERON)
    assert [(part.points, part.late_days) for part in result.assignments] == [(9, 0), (90, 1)]


def test_a_late_day_that_saves_nothing_is_kept():
    assert grade([attempt(20, 0)], ONE, HERON).late_days_used == 0


def test_a_day_is_24_hours_also_when_the_clocks_change():
    due = datetime(2026, 10, 31, 12, 0, tzinfo=WEST)  # on 1 November there are 25 hours to the next noon
    policy = replace(ONE, assignments={"a1": AssignmentRules("a1", 100, due)})
    late = Attempt("heron", "a1", "h1", datetime(2026, 11, 1, 12, 0, tzinfo=WEST), 80, 100)
    assert grade([late], policy, HERON).late_days_used == 2


def test_an_extension_into_the_hour_that_the_clocks_repeat_is_one():
    due, until = (datetime(2026, 11, 1, 1, 30, tzinfo=WEST, fold=fold) for fold in (0, 1))  # an hour apart
    rules = {"a1": AssignmentRules("a1", 100, due)}
    extended = replace(ONE, assignments=rules, extensions=(Extension("heron", "a1", until),))
    late = Attempt("heron", "a1", "h1", until, 80, 100)
    assert grade([late], replace(ONE, assignments=rules), HERON).late_days_used == 1
    assert grade([late], extended, HERON).late_days_used == 0


def test_the_last_attempt_counts_where_the_course_says_so():
    both = [attempt(-2, 90, "first"), attempt(-1, 50, "second")]
    assert grade(both, replace(ONE, counts="last"), HERON).points == 50
    assert grade(both, ONE, HERON).points == 90


def test_a_refused_hand_in_does_not_replace_a_graded_one():
    both = [attempt(-2, 90, "first"), attempt(-1, 0, "second", refusal="second.zip is damaged")]
    result = grade(both, replace(ONE, counts="last"), HERON)
    assert result.points == 90
    assert "second was refused and does not count: second.zip is damaged" in result.assignments[0].lines


def test_points_given_by_hand_are_added_and_never_late():
    item = ManualItem("report", "Written report", 10, {"heron": 8.5})
    policy = replace(ONE, assignments={"a1": AssignmentRules("a1", 100, DUE, (item,))})
    result = grade([attempt(72.1, 50)], policy, HERON)
    assert (result.points, result.max_points, result.provisional) == (50 * 0.8 + 8.5, 110, False)
    assert "Written report: 8.5 of 10 points" in result.assignments[0].lines
    waiting = grade([], policy, Student("ibis"))
    assert (waiting.points, waiting.provisional) == (0, True)
    assert "Written report: no points entered yet" in waiting.assignments[0].lines


def test_no_penalty_and_no_odd_score_touches_points_given_by_hand():
    item = ManualItem("report", "Written report", 10, {"heron": 8})
    rules = {"a1": AssignmentRules("a1", 100, DUE, (item,))}
    policy = replace(ONE, assignments=rules, late=Late(penalty_percent=60))
    assert grade([attempt(49, 90)], policy, HERON).points == 8
    assert grade([attempt(-1, -90)], policy, HERON).points == 8
    taken = replace(item, given={"heron": -20})
    assert grade([], replace(policy, assignments={"a1": replace(rules["a1"], manual=(taken,))}), HERON).points == 0


def test_an_extension_never_lets_a_worse_last_attempt_in():
    both = [attempt(-1, 90, "first"), attempt(8 * 24, 20, "second")]
    policy = replace(ONE, counts="last")
    more = replace(policy, extensions=(Extension("heron", "a1", DUE + timedelta(days=2)),))
    assert (grade(both, policy, HERON).points, grade(both, more, HERON).points) == (90, 90)


@pytest.mark.parametrize("moment", [datetime.max, datetime.min])
def test_a_time_at_the_end_of_the_calendar_is_only_late_or_early(moment):
    for zone in (timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))):
        odd = Attempt("heron", "a1", "h1", moment.replace(tzinfo=zone), 80, 100)
        assert grade([odd], ONE, HERON).points == (0 if moment == datetime.max else 80)


@pytest.mark.parametrize("score", [float("inf"), float("-inf"), float("nan"), 1e300])
def test_a_score_that_is_no_score_leaves_the_grade_open(score):
    result = grade([attempt(-1, score)], ONE, HERON)
    assert (result.points, result.provisional, result.assignments[0].submission) == (0, True, "")
    assert "provisional: h1: not graded yet" in result.assignments[0].lines


def test_pending_points_make_a_grade_provisional():
    result = grade([attempt(-1, 60, pending=3)], ONE, HERON)
    assert (result.points, result.provisional) == (60, True)
    assert "provisional: h1: 3 points are pending, an error of the grader" in result.assignments[0].lines


def test_every_step_has_its_line():
    extension = Extension("heron", "a1", DUE + timedelta(days=1))
    policy = replace(ONE, extensions=(extension,), late=replace(LATE, days_per_assignment=1))
    result = grade([attempt(24 + 26.1), attempt(1, 10, "h0")], policy, HERON)
    assert result.assignments[0].lines == (
        "due 2026-10-02 12:00 (America/Los_Angeles)",
        "extended to 2026-10-03 12:00",
        "the best of 2 attempts: h1, 80 of 100 points",
        "1 late day used of 5 (4 left); submitted 2026-10-04 14:06, 26.1 h after due",
        "1 day late beyond that: 10 % each, 8 points less",
        "a1: 72 of 100 points",
    )
    assert result.lines == ("72 of 100 points",)


def test_a_stranger_and_a_foreign_assignment_are_named():
    policy = replace(ONE, roster=Roster({"ibis": Student("ibis")}))
    result = grade([attempt(-1, assignment="a9")], policy, HERON)
    assert result.lines == (
        "a9: not an assignment of this course; its attempts do not count",
        "heron: not on the roster",
        "0 of 100 points",
    )


# Laws

NAMES = ("a1", "a2", "a3")
HOURS = st.floats(-48, 300)
SCORES = st.floats(0, 100)


@st.composite
def policies(draw) -> Policy:
    late = Late(
        unit=draw(st.sampled_from(("day", "hour"))),
        penalty_percent=draw(st.floats(0, 100)),
        days=draw(st.integers(0, 6)),
        days_per_assignment=draw(st.none() | st.integers(0, 3)),
        grace_minutes=draw(st.sampled_from((0, 15, 60))),
        cutoff_days=draw(st.none() | st.floats(0, 10)),
    )
    rules = {}
    for at, name in enumerate(NAMES):
        due = draw(st.none() | st.just(DUE + timedelta(days=7 * at)))
        given_ = draw(st.dictionaries(st.just("heron"), st.floats(0, 10)))
        rules[name] = AssignmentRules(name, 100, due, (ManualItem("m", "M", 10, given_),))
    extensions = draw(st.lists(st.builds(_extension, st.sampled_from(NAMES), st.integers(0, 200)), max_size=2))
    counts = draw(st.sampled_from(("best", "last")))
    return Policy(late, counts, assignments=rules, extensions=tuple(extensions), timezone=WEST)


def _extension(name: str, hours: int) -> Extension:
    return Extension("heron", name, DUE + timedelta(days=7 * NAMES.index(name), hours=hours))


ATTEMPTS = st.lists(st.builds(attempt, HOURS, SCORES, st.sampled_from(("x", "y")), st.sampled_from(NAMES)), max_size=6)


@settings(deadline=None)
@given(policies(), ATTEMPTS)
def test_a_grade_is_within_its_range_and_the_budget(policy, attempts):
    result = grade(attempts, policy, HERON)
    assert 0 <= result.points <= result.max_points
    assert result.late_days_used + result.late_days_left == policy.late.days
    assert result.late_days_left >= 0
    cap = policy.late.days_per_assignment
    assert all(cap is None or part.late_days <= cap for part in result.assignments)
    assert sum(part.points for part in result.assignments) == pytest.approx(result.points, abs=1e-3)


@settings(deadline=None)
@given(policies(), ATTEMPTS, st.data())
def test_the_order_attempts_come_in_is_irrelevant(policy, attempts, data):
    shuffled = data.draw(st.permutations(attempts))
    assert grade(shuffled, policy, HERON) == grade(attempts, policy, HERON)


@settings(deadline=None)
@given(policies(), ATTEMPTS)
def test_the_best_attempt_is_never_worse_than_the_last(policy, attempts):
    best, last = (grade(attempts, replace(policy, counts=counts), HERON).points for counts in ("best", "last"))
    assert best >= last


@settings(deadline=None)
@given(policies(), ATTEMPTS, st.sampled_from(NAMES), st.integers(0, 200))
def test_an_extension_never_hurts(policy, attempts, name, hours):
    more = replace(policy, extensions=(*policy.extensions, _extension(name, hours)))
    assert grade(attempts, more, HERON).points >= grade(attempts, policy, HERON).points


@settings(deadline=None)
@given(policies(), ATTEMPTS, st.floats(0, 200), st.data())
def test_handing_in_later_never_helps(policy, attempts, hours, data):
    policy = replace(policy, counts="best")
    if not attempts:
        return
    at = data.draw(st.integers(0, len(attempts) - 1))
    later = list(attempts)
    later[at] = replace(later[at], submitted=later[at].submitted + timedelta(hours=hours))
    assert grade(later, policy, HERON).points <= grade(attempts, policy, HERON).points


@settings(deadline=None)
@given(policies(), HOURS, SCORES, st.floats(0, 200))
def test_handing_in_the_only_attempt_later_never_helps(policy, hours, score, more):
    assert (
        grade([attempt(hours + more, score)], policy, HERON).points
        <= grade([attempt(hours, score)], policy, HERON).points
    )


@settings(deadline=None)
@given(policies(), ATTEMPTS, HOURS, SCORES, st.sampled_from(NAMES))
def test_one_more_attempt_never_hurts_where_the_best_counts(policy, attempts, hours, score, name):
    policy = replace(policy, counts="best")
    more = [*attempts, attempt(hours, score, "z", name)]
    assert grade(more, policy, HERON).points >= grade(attempts, policy, HERON).points


@settings(deadline=None)
@given(policies(), ATTEMPTS, st.integers(0, 4))
def test_more_late_days_or_grace_never_hurt(policy, attempts, extra):
    late = policy.late
    for kinder in (replace(late, days=late.days + extra), replace(late, grace_minutes=late.grace_minutes + 60 * extra)):
        kinder_policy = replace(policy, late=kinder, counts="best")
        assert (
            grade(attempts, kinder_policy, HERON).points
            >= grade(attempts, replace(policy, counts="best"), HERON).points
        )


@settings(deadline=None)
@given(policies(), ATTEMPTS)
def test_what_others_hand_in_decides_nothing(policy, attempts):
    others = [replace(one, student="ibis") for one in attempts]
    assert grade([*attempts, *others], policy, HERON) == grade(attempts, policy, HERON)


ANY = st.builds(
    Attempt,
    st.just("heron"),
    st.sampled_from((*NAMES, "other", "")),
    st.text(max_size=5),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.floats(),
    st.floats(),
    st.floats(),
    st.text(max_size=3),
)


@settings(deadline=None, max_examples=300)
@given(policies(), st.lists(ANY, max_size=4))
def test_nothing_is_ever_raised(policy, attempts):
    result = grade(attempts, policy, HERON)
    assert result.points >= 0
    assert all(isinstance(line, str) for part in result.assignments for line in part.lines)
