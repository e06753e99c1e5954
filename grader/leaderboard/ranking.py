"""Places on a leaderboard: better scores first, ties within the noise, the earlier entry first among ties."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from grader.leaderboard.track import Direction, Track

Key = TypeVar("Key")


@dataclass(frozen=True)
class Ranked(Generic[Key]):
    """An entry's place; `tied` says that others share it."""

    key: Key
    rank: int
    tied: bool


@dataclass(frozen=True)
class Point(Generic[Key]):
    """An entry that was better than all before it."""

    key: Key
    score: float
    at: datetime


def rank(track: Track, scores: Sequence[tuple[Key, float, datetime]]) -> list[Ranked[Key]]:
    """The places of entries of which the score and the moment of arrival are given.

    A group of ties is what lies within the track's noise of the best in it. So an entry shares the place of none that is
    better by more than the noise, however many lie in between.
    """
    sign = 1 if track.direction is Direction.LOWER else -1
    groups: list[list[tuple[Key, float, datetime]]] = []
    for entry in sorted(scores, key=lambda one: (sign * one[1], one[2])):
        if groups and track.gap(entry[1], groups[-1][0][1]) <= track.noise:
            groups[-1].append(entry)
        else:
            groups.append([entry])
    ranked, place = [], 1
    for group in groups:
        ranked += [Ranked(key, place, len(group) > 1) for key, _, _ in sorted(group, key=lambda one: one[2])]
        place += len(group)
    return ranked


def history(track: Track, scores: Sequence[tuple[Key, float, datetime]]) -> list[Point[Key]]:
    """The entries that set a record when they came, the first among them, in the order of time."""
    points: list[Point[Key]] = []
    for key, score, at in sorted(scores, key=lambda one: one[2]):
        if not points or track.better(score, points[-1].score):
            points.append(Point(key, score, at))
    return points
