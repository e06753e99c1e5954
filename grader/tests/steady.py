"""Property tests draw the same examples each time and have no clock: what passes once passes on a slow machine, too.

`python -m pytest --hypothesis-profile=default` draws others.
"""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
