"""Property tests draw the same examples each time and have no clock: what passes once passes on a slow machine, too.

`python -m pytest --hypothesis-profile=default` draws others. Ray's processes, which it puts behind all others of the
machine, are as urgent as the tests that wait for them.
"""

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 — its name
