"""The history of a leaderboard as coordinates: better is up, a record is a step, axes carry round numbers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from grader.leaderboard.track import Device, Direction, Track
from grader.server.boards import Point
from grader.server.pages.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, history

BEGIN = datetime(2026, 10, 2, 12, tzinfo=UTC)
TRACK = Track(
    assignment="assignment0_tiny", id="loss", title="Loss", metric="loss", unit="nat", direction=Direction.LOWER,
    device=Device.CPU, budget_seconds=60, cores=1, noise=0.01, claim_within=0.1, verifier="loss", floor=1.0,
    floor_reason="entropy",
)  # fmt: skip


def points(*scores):
    return [Point(n, BEGIN + timedelta(hours=10 * n), score, f"heron {n}") for n, score in enumerate(scores)]


@pytest.fixture
def drawn():
    verified = points(3.0, 2.0, 2.5, 1.5)
    records = [point for point in verified if point.score != 2.5]
    return history(TRACK, records, verified, BEGIN + timedelta(hours=50))


def test_a_track_without_a_verified_entry_has_no_plot():
    assert history(TRACK, [], [], BEGIN) is None


@pytest.mark.parametrize(("direction", "upwards"), [(Direction.LOWER, True), (Direction.HIGHER, False)])
def test_better_is_further_up(direction, upwards):
    found = history(replace(TRACK, direction=direction), points(3.0, 2.0), points(3.0, 2.0), BEGIN + timedelta(days=1))
    assert (found.marks[1].y < found.marks[0].y) == upwards


def test_the_line_keeps_a_record_until_it_is_beaten_and_the_last_until_now(drawn):
    corners = [tuple(map(float, corner.split(","))) for corner in drawn.line.split()]
    first, second, third = drawn.marks
    assert corners == [
        (first.x, first.y), (second.x, first.y), (second.x, second.y), (third.x, second.y), (third.x, third.y),
        (WIDTH - RIGHT, third.y),
    ]  # fmt: skip
    assert first.x == LEFT


def test_what_beat_nothing_is_a_dot_beside_the_line(drawn):
    [other] = drawn.others
    assert other.score == 2.5
    assert drawn.marks[1].x < other.x < drawn.marks[2].x


def test_everything_lies_within_the_frame_and_ticks_are_round(drawn):
    for mark in (*drawn.marks, *drawn.others):
        assert LEFT <= mark.x <= WIDTH - RIGHT
        assert TOP <= mark.y <= HEIGHT - BOTTOM
    assert [tick.words for tick in drawn.scores] == ["1.5", "2", "2.5", "3"]
    assert [tick.words for tick in drawn.times] == ["02 Oct", "04 Oct"]


@pytest.mark.parametrize("score", [0.0, 1e-9, -3.5, 1e12])
def test_one_entry_alone_is_drawn_whatever_its_score(score):
    found = history(replace(TRACK, floor=None), points(score), points(score), BEGIN)
    assert found.marks[0].x == WIDTH - RIGHT
    assert TOP <= found.marks[0].y <= HEIGHT - BOTTOM
    assert len(found.scores) >= 2
    assert [tick.words for tick in found.times] == ["02 Oct 11:00", "02 Oct 12:00 UTC"]


def test_the_floor_is_drawn_where_it_is_near(drawn):
    assert drawn.floor is None
    near = history(replace(TRACK, floor=1.6), points(3.0, 1.7), points(3.0, 1.7), BEGIN + timedelta(days=1))
    assert near.marks[1].y > near.floor > TOP - 1
