"""What is in a crawl, looked at before anything is filtered."""

import os
from typing import Any


def look_at_cc(path: os.PathLike) -> list[dict[str, Any]]:
    """What is said of each HTML response in the WARC file at `path`, in order."""
    raise NotImplementedError("look_at_cc: write look_at_cc in assignment4_data/audit.py")
