"""What whoever starts the server may set, and where its things lie."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MIB = 2**20
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Settings:
    """How one server behaves. `root` is the course's folder, `data` the server's own, which holds what was uploaded.

    Sizes are bytes. A person has at most `most_waiting` submissions of one assignment or track that are not graded yet.
    Work is taken back from a worker that was not heard of for `lost_after_seconds`, and given out at most `most_attempts`
    times in all. With `https` the cookie of a session never travels unencrypted.
    """

    root: Path
    data: Path
    https: bool = False
    largest_hand_in: int = 64 * MIB
    largest_entry: int = 256 * MIB
    most_bytes_a_person: int = 4096 * MIB
    most_waiting: int = 5
    requests_per_minute: int = 600
    uploads_per_minute: int = 20
    strangers_per_minute: int = 6000
    wrong_tokens_per_minute: int = 20
    session_hours: float = 12.0
    lost_after_seconds: float = 30.0
    most_attempts: int = 3

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; with the prefix a browser holds it to this host and to HTTPS."""
        return "__Host-session" if self.https else "session"

    @property
    def uploads(self) -> Path:
        """Where uploaded files are kept, by their hash."""
        return self.data / "uploads"
