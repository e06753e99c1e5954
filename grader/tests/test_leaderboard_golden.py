"""Golden entries of every leaderboard: each cheat is refused with its reason, honest ones come in their order."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader import assignment as assignments
from grader.leaderboard.ranking import rank
from grader.leaderboard.track import Device
from grader.leaderboard.verification import verify
from staff.leaderboards.golden import Workshop, load_all

ROOT = Path(__file__).parents[2]
COURSES = {
    path.parent.name: assignments.load(ROOT, path.parent.name) for path in sorted(ROOT.glob("*/leaderboard.toml"))
}
SMALLER = {
    "bits_per_byte": {"documents": 10, "audited": 16},
    "attention_speed": {"repetitions": 9},
    "attention_speed_gpu": {"heads": 1, "length": 32, "width": 16, "rounds": 2, "repetitions": 4},
    "step_speed": {"repetitions": 8, "num_layers": 2, "context_length": 64},
    "regret": {"surfaces": 2},
    "filtered_loss": {"pages": 400, "seeds": 1, "steps": 150},
    "held_out_reward": {"problems": 256},
}
"""Settings that tell honest entries from each other and from cheats in seconds."""
ON_A_GPU = {"filtered_loss": {"width": 16, "hidden": 160, "batch": 512}}
"""What else is smaller of tracks that are verified on a GPU: the tests do what their verifiers do on the processor."""
ENTRIES = [(name, entry) for name, course in COURSES.items() for entry in load_all(course)]


@pytest.fixture(scope="module")
def verdict_of(tmp_path_factory):
    """The verdict on a golden entry; each is verified once."""
    workshops = {name: Workshop(course, tmp_path_factory.mktemp(name)) for name, course in COURSES.items()}
    known = {}

    def of(name, entry):
        if entry.folder not in known:
            packed, track = workshops[name].packed(entry)
            smaller = SMALLER[track.verifier]
            if track.verified_on is Device.GPU:
                smaller = {**smaller, **ON_A_GPU.get(track.verifier, {})}
                # What no GPU can do, a processor may beside an interpreter.
                track = replace(track, verified_on=Device.CPU, floor=None)
            track = replace(track, settings={**track.settings, **smaller})
            known[entry.folder] = verify(ROOT, name, track, packed, 336), track
        return known[entry.folder]

    return of


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("name", "entry"), [(n, e) for n, e in ENTRIES if e.reason], ids=lambda value: getattr(value, "name", value)
)
def test_a_cheat_is_refused_with_its_reason(verdict_of, name, entry):
    verdict, _ = verdict_of(name, entry)
    assert not verdict.ok, f"{entry.why}: it got {verdict.score}"
    assert re.search(entry.reason, " ".join(verdict.reasons)), verdict.reasons


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("name", "track"), sorted({(n, e.track) for n, e in ENTRIES if e.place}))
def test_honest_entries_are_ranked_the_better_first(verdict_of, name, track):
    honest = [entry for n, entry in ENTRIES if n == name and entry.track == track and entry.place]
    assert len(honest) > 1
    found = {entry.name: verdict_of(name, entry) for entry in honest}
    assert {key: verdict.reasons for key, (verdict, _) in found.items()} == dict.fromkeys(found, ())
    noon = datetime(2026, 10, 2, 12, tzinfo=UTC)
    places = rank(next(t for _, t in found.values()), [(key, v.score, noon) for key, (v, _) in found.items()])
    assert {one.key: one.rank for one in places} == {entry.name: entry.place for entry in honest}


@pytest.mark.parametrize("name", COURSES)
def test_every_leaderboard_has_honest_entries_and_cheats(name):
    mine = [entry for n, entry in ENTRIES if n == name]
    assert sum(bool(entry.place) for entry in mine) > 1
    assert sum(bool(entry.reason) for entry in mine) > 2
