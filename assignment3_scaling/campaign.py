"""A whole campaign: spend a budget of seconds on small runs, then bet on one large run. The rules are in the handout."""

from typing import Any


def run_scaling_campaign(client: Any, total_budget_s: float) -> dict[str, Any]:
    """Learn what you need from runs that cost at most `total_budget_s` seconds together, then make your bet.

    `client` has the methods of the handout's section on the campaign: `submit`, `wait`, `budget`, `experiments`,
    `experiment`, `submit_final`, `final_submission`. The large run may take 4 * total_budget_s seconds.

    Returns: what `client.submit_final` returned last.
    """
    raise NotImplementedError("scaling_laws: write run_scaling_campaign in assignment3_scaling/campaign.py")
