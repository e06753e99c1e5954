"""What an instructor may set about the server; the numbers about configs are the backend's `Limits`."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Settings:
    """How the service behaves.

    A run is lost when its worker has not been heard of for `lost_after_seconds`, and is queued again at most
    `most_attempts` times in all. `final_deadline` closes final submissions. With `public_client` the answers keep to
    the exact shapes of 2026, whose client knows no reason but `timeout` and `unexpected`.
    """

    max_concurrent_workers: int = 100
    lost_after_seconds: float = 60.0
    most_attempts: int = 3
    final_deadline: datetime | None = None
    public_client: bool = False


DEFAULTS = Settings()
