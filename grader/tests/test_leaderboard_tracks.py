"""leaderboard.toml, and the places that scores come to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ConfigError
from grader.leaderboard import track as tracks
from grader.leaderboard.ranking import history, rank
from grader.tests.boards import TOML, give_board

NOON = datetime(2026, 10, 2, 12, tzinfo=UTC)


@pytest.fixture
def counting(tiny):
    give_board(tiny)
    return tracks.find(tiny.root, tiny.name, "counting")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('unit = "number"', 'units = "number"', "unknown key 'tracks.counting.units' (did you mean 'unit'?)"),
        ('direction = "higher"', 'direction = "up"', "tracks.counting.direction is 'up'; expected one of lower, higher"),
        ('device = "cpu"', 'device = "tpu"', "tracks.counting.device is 'tpu'; expected one of cpu, gpu"),
        ("noise = 0.5", "noise = 0", "tracks.counting.noise is 0; expected a number above 0"),
        ("cores = 1", "cores = 1.5", "tracks.counting.cores is 1.5; expected a whole number above 0"),
        ("floor = 1000", "floor = nan", "tracks.counting.floor is nan; expected a number"),
        ("floor = 1000\n", "", "'tracks.counting.floor' and 'tracks.counting.floor_reason': expected both or neither"),
        ('verifier = "counting"', 'verifier = "../x"', "tracks.counting.verifier is '../x'; expected the name of a Python"),
        ("entry_mb = 1", 'entry_mb = 1\nfiles = ["a/b"]', "names of files without folders; 'a/b' is none"),
        ("call_seconds = 5", "call_second = 5", "unknown key 'tracks.counting.limits.call_second'"),
        ("[tracks.counting]", "[tracks.Counting]", "a track's id in lower_case"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_file_key_and_expectation(tiny, old, new, said):
    assert old in TOML
    give_board(tiny, TOML.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        tracks.load(tiny.root, tiny.name)
    assert said in str(caught.value)
    assert str(tiny.folder / "leaderboard.toml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_toml_is_told_so(tiny):
    give_board(tiny, "[tracks")
    with pytest.raises(ConfigError, match="not valid TOML"):
        tracks.load(tiny.root, tiny.name)


def test_an_assignment_without_a_leaderboard_has_no_tracks(tiny):
    assert tracks.load(tiny.root, tiny.name) == {}
    with pytest.raises(ConfigError, match="assignment0_tiny has no leaderboard; expected a file"):
        tracks.find(tiny.root, tiny.name, "counting")


def test_an_unknown_track_is_told_with_the_nearest(tiny, counting):
    with pytest.raises(ConfigError, match=r"no track 'countin' \(did you mean 'counting'\?\)"):
        tracks.find(tiny.root, tiny.name, "countin")


def test_every_track_of_the_course_can_be_read_and_has_a_verifier(repository):
    found = {
        path.parent.name: tracks.load(repository, path.parent.name) for path in repository.glob("*/leaderboard.toml")
    }
    assert found.keys() == {course.parent.name for course in repository.glob("assignment*/assignment.toml")}
    for name, known in found.items():
        for track in known.values():
            assert (repository / "staff" / "leaderboards" / name / f"{track.verifier}.py").is_file()
            assert track.floor is not None


def test_lower_and_higher_are_what_they_say(counting):
    assert counting.better(3, 2)
    assert not counting.better(2, 2)
    assert counting.gap(2, 3) == 1
    assert counting.impossible(1001)
    assert not counting.impossible(1000)
    assert counting.impossible(float("nan"))
    assert counting.impossible(float("-inf"))


def test_entries_within_the_noise_tie_and_the_earlier_is_first(counting):
    scores = [("late", 10.0, NOON + timedelta(1)), ("early", 9.6, NOON), ("next", 9.4, NOON), ("last", 9.0, NOON)]
    places = rank(counting, scores)
    assert [(one.key, one.rank, one.tied) for one in places] == [
        ("early", 1, True),
        ("late", 1, True),
        ("next", 3, True),
        ("last", 3, True),
    ]


@given(st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 1000)), max_size=12))
def test_places_follow_scores(eighths):
    scores = [(eighth / 8, minute) for eighth, minute in eighths]  # exact in binary, as the noise is
    track = tracks.Track(
        *("a", "t", "T", "m", "u", tracks.Direction.LOWER, tracks.Device.CPU),
        budget_seconds=1, cores=1, noise=0.5, claim_within=1, verifier="v",
    )  # fmt: skip
    entries = [(key, score, NOON + timedelta(minutes=minute)) for key, (score, minute) in enumerate(scores)]
    by_key = {one.key: one for one in rank(track, entries)}
    assert by_key.keys() == set(range(len(scores)))
    for key, (score, _) in enumerate(scores):
        mine = by_key[key]
        assert mine.rank == 1 + sum(other.rank < mine.rank for other in by_key.values())
        assert mine.tied == (sum(other.rank == mine.rank for other in by_key.values()) > 1)
        for other, (theirs, _) in enumerate(scores):
            if score < theirs - track.noise:
                assert mine.rank < by_key[other].rank
            elif score <= theirs:
                assert mine.rank <= by_key[other].rank


def test_the_history_is_of_records_in_the_order_of_time(counting):
    scores = [
        ("b", 5.0, NOON + timedelta(2)),
        ("a", 4.0, NOON),
        ("worse", 3.0, NOON + timedelta(1)),
        ("c", 5.0, NOON + timedelta(3)),
    ]
    assert [(point.key, point.score) for point in history(counting, scores)] == [("a", 4.0), ("b", 5.0)]
