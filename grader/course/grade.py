"""A student's grade: a pure function of attempts, policy and student, with a line for each step.

A student has one budget of late days for all assignments. Which attempt counts, and how many late days it uses, is
chosen so that the sum over all assignments is the highest; of equal choices the one with fewer late days. Late days
spent in the order of due dates would let more time, or a better attempt, lower the total: here neither ever does. The
price: while the course goes on, a late day may move to where it saves more.
"""

import contextlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from grader.course.attempts import Attempt
from grader.course.lateness import Lateness, instant, lateness
from grader.course.policy import AssignmentRules, Policy
from grader.course.roster import Student

GRAIN = 10_000  # points are compared and summed as whole ten-thousandths
MOST = 1e9
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class AssignmentGrade:
    """What one assignment comes to. `submission` is the attempt that counts, empty where none does."""

    assignment: str
    points: float
    max_points: float
    submission: str
    late_days: int
    provisional: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Grade:
    """What a course comes to for one student. Provisional: something is undecided or not entered yet."""

    student: str
    points: float
    max_points: float
    provisional: bool
    late_days_used: int
    late_days_left: int
    assignments: tuple[AssignmentGrade, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class _Option:
    """One way to count an assignment: an attempt, held against one of its due dates, with some late days."""

    value: int
    days: int
    attempt: Attempt | None = None
    late: Lateness | None = None
    due: datetime | None = None


def grade(attempts: Iterable[Attempt], policy: Policy, student: Student) -> Grade:
    """The grade of `student`; attempts of others do not count. It is never below 0, and nothing is raised."""
    own = sorted((a for a in attempts if a.student == student.id), key=lambda a: _order(a, policy.timezone))
    rules = sorted(policy.assignments.values(), key=lambda r: (_due(r, policy.timezone), r.name))
    by_name = {r.name: [a for a in own if a.assignment == r.name] for r in rules}
    chosen = _choose([_options(by_name[r.name], r, policy, student) for r in rules], policy.late.days)
    left, parts = policy.late.days, []
    for rule, option in zip(rules, chosen, strict=True):
        left -= option.days
        parts.append(_explained(rule, option, by_name[rule.name], policy, student, left))
    foreign = sorted({a.assignment for a in own} - by_name.keys())
    lines = [f"{name}: not an assignment of this course; its attempts do not count" for name in foreign]
    if policy.roster is not None and student.id not in policy.roster.students:
        lines.append(f"{student.id}: not on the roster")
    points, most = sum(option.value for option in chosen) / GRAIN, math.fsum(r.max_points for r in rules)
    open_ = [part.assignment for part in parts if part.provisional]
    lines.append(f"{points:g} of {most:g} points" + (f"; provisional, waiting for {', '.join(open_)}" if open_ else ""))
    used = policy.late.days - left
    return Grade(student.id, points, most, bool(open_), used, left, tuple(parts), tuple(lines))


def _options(attempts: Sequence[Attempt], rules: AssignmentRules, policy: Policy, student: Student) -> list[_Option]:
    """The best option for each number of late days, fewest days first; the first is always there."""
    given = _given(rules, student)
    best = {0: _Option(_grains(given), 0)}
    cap = policy.late.days if policy.late.days_per_assignment is None else policy.late.days_per_assignment
    for due in policy.dues(student.id, rules.name) or (None,):
        accepted = [(a, late) for a in attempts if _counts(a) and (late := _late(a, due, policy)).accepted]
        for attempt, late in accepted if policy.counts == "best" else accepted[-1:]:
            for days in range(min(cap, policy.late.days, late.days) + 1):
                value = _grains(max(0.0, attempt.score) * _kept(late, days, policy) + given)
                if days not in best or value > best[days].value or best[days].attempt is None:
                    best[days] = _Option(value, days, attempt, late, due)
    return [best[days] for days in sorted(best)]


def _choose(options: Sequence[Sequence[_Option]], budget: int) -> tuple[_Option, ...]:
    """One option each, the highest sum that the budget allows, then the fewest late days."""
    reached: dict[int, tuple[int, tuple[_Option, ...]]] = {0: (0, ())}
    for choices in options:
        further: dict[int, tuple[int, tuple[_Option, ...]]] = {}
        for used, (value, path) in sorted(reached.items()):
            for option in choices:
                days, total = used + option.days, value + option.value
                if days <= budget and (days not in further or total > further[days][0]):
                    further[days] = (total, (*path, option))
        reached = further
    return max(reached.items(), key=lambda item: (item[1][0], -item[0]))[1][1]


def _explained(
    rules: AssignmentRules, option: _Option, attempts: Sequence[Attempt], policy: Policy, student: Student, left: int
) -> AssignmentGrade:
    lines = [*_about_attempts(rules, option, attempts, policy, student), *_about_lateness(option, policy, left)]
    for item in rules.manual:
        points = item.given.get(student.id)
        got = "no points entered yet" if points is None else f"{points:g} of {item.points:g} points"
        lines.append(f"{item.title}: {got}")
    open_ = _undecided(rules, attempts, policy, student)
    for attempt in open_:
        open_points = f"{attempt.pending:g} points are pending, an error of the grader"
        lines.append(f"provisional: {attempt.submission}: {open_points if _counts(attempt) else 'not graded yet'}")
    points = option.value / GRAIN
    lines.append(f"{rules.name}: {points:g} of {rules.max_points:g} points")
    waiting = bool(open_) or any(student.id not in item.given for item in rules.manual)
    name = "" if option.attempt is None else option.attempt.submission
    return AssignmentGrade(rules.name, points, rules.max_points, name, option.days, waiting, tuple(lines))


def _undecided(rules: AssignmentRules, attempts: Sequence[Attempt], policy: Policy, student: Student) -> list[Attempt]:
    """The attempts that could still change what the assignment comes to."""
    dues = policy.dues(student.id, rules.name) or (None,)
    accepted = [a for a in attempts if not a.refusal and _late(a, dues[-1], policy).accepted]
    return [a for a in (accepted if policy.counts == "best" else accepted[-1:]) if not _counts(a) or not a.pending <= 0]


def _about_attempts(
    rules: AssignmentRules, option: _Option, attempts: Sequence[Attempt], policy: Policy, student: Student
) -> list[str]:
    dues = policy.dues(student.id, rules.name)
    lines = [f"due {_shown(dues[0], policy)} ({policy.timezone.key})"] if dues else ["no due date"]
    lines += [f"extended to {_shown(due, policy)}" for due in dues[1:]]
    for attempt in attempts:
        if attempt.refusal:
            lines.append(f"{attempt.submission} was refused and does not count: {attempt.refusal}")
        elif dues and not (late := _late(attempt, dues[-1], policy)).accepted:
            lines.append(
                f"{attempt.submission} does not count: submitted {_shown(attempt.submitted, policy)}, "
                f"{late.hours:.1f} h after due; accepted until {policy.late.cutoff_days:g} days after due"
            )
    if option.attempt is None:
        return [*lines, "no attempt counts" if attempts else "nothing was handed in"]
    which = f"the {policy.counts} of {len(attempts)} attempts: " if len(attempts) > 1 else ""
    got = f"{option.attempt.score:g} of {option.attempt.max_score:g} points"
    return [*lines, f"{which}{option.attempt.submission}, {got}"]


def _about_lateness(option: _Option, policy: Policy, left: int) -> list[str]:
    if option.attempt is None or option.late is None or option.due is None:
        return []
    submitted = f"submitted {_shown(option.attempt.submitted, policy)}"
    if not option.late.by:
        return [f"{submitted}, in time"]
    lines = [
        f"{option.days} late day{'s' * (option.days != 1)} used of {policy.late.days} ({left} left); "
        f"{submitted}, {option.late.hours:.1f} h after due"
    ]
    units = option.late.units(policy.late, option.days)
    if units and policy.late.penalty_percent:
        lost = option.attempt.score * (1 - _kept(option.late, option.days, policy))
        lines.append(
            f"{units} {policy.late.unit}{'s' * (units != 1)} late beyond that: {policy.late.penalty_percent:g} % each, "
            f"{lost:g} points less"
        )
    return lines


def _kept(late: Lateness, days: int, policy: Policy) -> float:
    """The share of the automatic points that the penalty leaves."""
    return max(0.0, 1 - policy.late.penalty_percent * late.units(policy.late, days) / 100)


def _late(attempt: Attempt, due: datetime | None, policy: Policy) -> Lateness:
    return lateness(attempt.submitted, due, policy.late, policy.timezone)


def _counts(attempt: Attempt) -> bool:
    """Whether there is a score to count; a refused hand-in never takes the place of one that was graded."""
    return not attempt.refusal and abs(attempt.score) <= MOST  # NaN is not


def _given(rules: AssignmentRules, student: Student) -> float:
    return math.fsum(item.given.get(student.id, 0.0) for item in rules.manual)


def _grains(points: float) -> int:
    return max(0, round(points * GRAIN))


def _order(attempt: Attempt, zone: tzinfo) -> tuple[datetime, float, str]:
    """By time; of two at one time the better is later, so that the order they came in decides nothing."""
    score = attempt.score if math.isfinite(attempt.score) else -math.inf
    return instant(attempt.submitted, zone), score, attempt.submission


def _due(rules: AssignmentRules, zone: tzinfo) -> datetime:
    return FOREVER if rules.due is None else instant(rules.due, zone)


def _shown(moment: datetime, policy: Policy) -> str:
    moment = instant(moment, policy.timezone)
    with contextlib.suppress(OverflowError):
        moment = moment.astimezone(policy.timezone)
    return f"{moment:%Y-%m-%d %H:%M}"
