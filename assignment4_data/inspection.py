"""What filters did, judged from a sample that somebody has looked at.

A decision is the text "kept", or the name of the filter that dropped the document. A label is a person's: whether the
document is one to train on.
"""

from typing import Any


def audit_sample(decisions: dict[str, str], per_outcome: int, seed: int) -> list[str]:
    """The ids of documents to look at: of each outcome `per_outcome` at random, or all where there are no more.

    `decisions` are by id. The order tells nothing of the outcome. The same seed gives the same list, in whatever order
    the decisions come.
    """
    raise NotImplementedError("inspect_filtered_data: write audit_sample in assignment4_data/inspection.py")


def audit_report(decisions: dict[str, str], labels: dict[str, bool]) -> dict[str, Any]:
    """What the `labels` of some documents say of all `decisions`; the handout names the keys.

    Raises:
        ValueError: a label of a document that there is no decision about.
    """
    raise NotImplementedError("inspect_filtered_data: write audit_report in assignment4_data/inspection.py")
