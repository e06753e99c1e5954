"""Who runs next: the one with the least running, and of these who has waited longest."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from assignment3_scaling.service.fairness import Waiting, fair_order
from assignment3_scaling.service.tests.configs import config

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def waiting(*pairs):
    """`(student, seconds)` each, numbered in this order."""
    moments = [(student, T0 + timedelta(seconds=seconds)) for student, seconds in pairs]
    return [Waiting(student, moment, number) for number, (student, moment) in enumerate(moments, 1)]


def test_the_example_of_the_2026_course():
    # Three students with 0, 2 and 2 runs going on; five slots are free.
    queue = waiting((2, 20), (1, 10), (1, 11), (1, 12), (3, 5), (3, 30))
    order = fair_order(queue, {2: 2, 3: 2})
    assert [one.student for one in order[:5]] == [1, 1, 3, 1, 2]


def test_a_student_with_a_long_queue_does_not_hold_up_others():
    queue = waiting(*((1, second) for second in range(100)), (2, 200))
    assert [one.student for one in fair_order(queue, {})[:3]] == [1, 2, 1]


def test_of_equals_the_one_with_the_lower_number_is_first():
    queue = waiting((1, 0), (2, 0), (3, 0))
    assert [one.experiment for one in fair_order(reversed(queue), {})] == [1, 2, 3]


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), max_size=12),
    st.dictionaries(st.integers(1, 4), st.integers(0, 5)),
)
def test_each_in_turn_is_the_one_with_the_least(pairs, running):
    left, counts = waiting(*pairs), Counter(running)
    for one in fair_order(left, running):
        expected = min(left, key=lambda other: (counts[other.student], other.queued_at, other.experiment))
        assert one == expected
        left.remove(one)
        counts[one.student] += 1
    assert left == []


def test_the_dispatcher_keeps_to_this_order(service, clock):
    students = [service.add_student(name).id for name in ("heron", "plover", "dunlin")]
    for student, seeds in zip(students, (3, 1, 2), strict=True):
        for seed in range(seeds):
            service.submit(student, config(model_seed=seed))
            clock.advance(1)
    assert [job.experiment_id for job in service.workers.claim("w", 4)] == [1, 4, 5, 2]
    assert [job.experiment_id for job in service.workers.claim("w", 9)] == [6, 3]
