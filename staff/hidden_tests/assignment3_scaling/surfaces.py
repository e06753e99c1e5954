"""The hidden surfaces of the campaign, and what keeps them hidden.

How a surface is drawn from a seed is in the released tree, and the seed of a run may be guessed; the secret may not. Make
a new one for each term: `python -c "import secrets; print(secrets.token_hex(16))"`.
"""

from assignment3_scaling.service.simulated.score import Result
from assignment3_scaling.tests import campaigns
from grader.testing.proxy import Functions
from grader.testing.setting import Setting

SECRET = "ab0662dad4d41a77a19289a1241bfa3c"
NAMES = ("hidden 1", "hidden 2", "hidden 3")


def hidden_results(setting: Setting, drivers: Functions) -> list[Result]:
    """The results on the hidden surfaces."""
    __tracebackhide__ = True
    return campaigns.results(setting, drivers, NAMES, SECRET)
