"""Whether this machine has a GPU to verify on, and what a box needs to reach it. Asks files alone, so nothing heavy is imported.

Not covered: whether PyTorch can use it; the verifier finds out, and says so.
"""

from pathlib import Path

from grader.assignment import names
from grader.errors import ConfigError
from grader.leaderboard.track import Device, Track, load

DEVICES = Path("/dev")
PATTERN, FIRST = "nvidia*", "nvidia[0-9]*"


def devices() -> tuple[str, ...]:
    """The device files of this machine's GPUs and their driver; none where there is no GPU."""
    if not any(path.is_char_device() for path in DEVICES.glob(FIRST)):
        return ()
    return tuple(str(path) for path in sorted(DEVICES.glob(PATTERN)) if path.is_char_device())


def can_verify(track: Track) -> bool:
    """Whether entries of the track can be verified on this machine."""
    return track.verified_on is Device.CPU or bool(devices())


def check(track: Track) -> None:
    """See that entries of the track can be verified here.

    Raises:
        ConfigError: they need a GPU, and this machine has none.
    """
    if not can_verify(track):
        raise ConfigError(
            f"{track.assignment}, track '{track.id}': entries are verified on a GPU, and this machine has none; "
            "verify on a machine with CUDA"
        )


def out_of_reach(root: Path) -> frozenset[tuple[str, str]]:
    """(assignment, track) of all of a course's tracks whose entries this machine cannot verify.

    Raises:
        ConfigError: a `leaderboard.toml` is wrong.
    """
    tracks = (track for name in names(root) for track in load(root, name).values())
    return frozenset((track.assignment, track.id) for track in tracks if not can_verify(track))
