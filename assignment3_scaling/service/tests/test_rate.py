"""Rate limits count by an injected clock."""

from assignment3_scaling.service import rate
from assignment3_scaling.service.rate import RateLimit


def test_so_many_at_once_and_then_one_by_one(clock):
    limit = RateLimit(6, clock)
    assert [limit.take("heron") for _ in range(6)] == [0.0] * 6
    assert limit.take("heron") == 10.0
    clock.advance(4)
    assert limit.take("heron") == 6.0
    clock.advance(6)
    assert limit.take("heron") == 0.0
    assert limit.take("heron") == 10.0


def test_each_caller_has_a_bucket_of_their_own(clock):
    limit = RateLimit(1, clock)
    assert limit.take("heron") == 0.0
    assert limit.take("plover") == 0.0
    assert limit.take("heron") == 60.0


def test_asking_for_the_wait_takes_nothing(clock):
    limit = RateLimit(1, clock)
    assert [limit.wait("heron") for _ in range(3)] == [0.0] * 3
    assert limit.take("heron") == 0.0


def test_a_bucket_holds_no_more_than_a_minute(clock):
    limit = RateLimit(3, clock)
    clock.advance(3600)
    assert [limit.take("heron") for _ in range(4)] == [0.0, 0.0, 0.0, 20.0]


def test_a_clock_that_is_set_back_lets_nobody_wait_longer(clock):
    limit = RateLimit(1, clock)
    limit.take("heron")
    clock.advance(-3600)
    assert limit.take("heron") == 60.0


def test_callers_whose_bucket_is_full_again_are_forgotten(clock, monkeypatch):
    monkeypatch.setattr(rate, "MOST_CALLERS", 10)
    limit = RateLimit(60, clock)
    for caller in range(1000):
        limit.take(caller)
        clock.advance(0.5)
    assert len(limit._buckets) <= 11
