"""What filters did, judged from a sample that somebody has looked at.

A decision is the text "kept", or the name of the filter that dropped the document. A label is a person's: whether the
document is one to train on. As many documents are looked at of a rare outcome as of a common one, so each label stands
for as many documents as its outcome has for every one looked at.
"""

import math
import random
from collections import defaultdict
from typing import Any

KEPT = "kept"
Z = 1.96
"""Standard normal quantile of an interval of 95 %."""


def audit_sample(decisions: dict[str, str], per_outcome: int, seed: int) -> list[str]:
    """The ids of documents to look at: of each outcome `per_outcome` at random, or all where there are no more.

    `decisions` are by id. The order tells nothing of the outcome. The same seed gives the same list, in whatever order
    the decisions come.
    """
    chance = random.Random(seed)
    by_outcome = defaultdict(list)
    for document in sorted(decisions):
        by_outcome[decisions[document]].append(document)
    chosen = []
    for outcome in sorted(by_outcome):
        documents = by_outcome[outcome]
        chosen += chance.sample(documents, min(per_outcome, len(documents)))
    chance.shuffle(chosen)
    return chosen


def audit_report(decisions: dict[str, str], labels: dict[str, bool]) -> dict[str, Any]:
    """What the `labels` of some documents say of all `decisions`; the handout names the keys.

    Raises:
        ValueError: a label of a document that there is no decision about.
    """
    unknown = sorted(labels.keys() - decisions.keys())
    if unknown:
        raise ValueError(f"a label of {unknown[0]!r}, about which there is no decision")
    outcomes = {outcome: {"documents": 0, "labelled": 0, "good": 0} for outcome in sorted({KEPT, *decisions.values()})}
    for document, outcome in decisions.items():
        outcomes[outcome]["documents"] += 1
        outcomes[outcome]["labelled"] += document in labels
        outcomes[outcome]["good"] += labels.get(document, False)
    estimates = {outcome: _estimated_good(counts) for outcome, counts in outcomes.items()}
    dropped = {outcome: good for outcome, good in estimates.items() if outcome != KEPT and good is not None}
    return {
        "outcomes": {outcome: counts | _interval(counts) for outcome, counts in outcomes.items()},
        "confusion": _confusion(outcomes),
        "precision": _ratio(estimates[KEPT], outcomes[KEPT]["documents"]),
        "recall": None if None in estimates.values() else _ratio(estimates[KEPT], math.fsum(estimates.values())),
        "costliest": min(dropped, key=lambda outcome: (-dropped[outcome], outcome), default=None),
    }


def _estimated_good(counts: dict[str, int]) -> float | None:
    """Good documents among all of an outcome; None where there are some and none of them has a label."""
    if counts["documents"] == 0:
        return 0.0
    return counts["documents"] * counts["good"] / counts["labelled"] if counts["labelled"] else None


def _ratio(part: float | None, whole: float) -> float | None:
    return None if part is None or whole == 0 else part / whole


def _interval(counts: dict[str, int]) -> dict[str, float]:
    """Wilson's interval for the share of good documents (Wilson 1927); from 0 to 1 where nothing is labelled."""
    n = counts["labelled"]
    if n == 0:
        return {"low": 0.0, "high": 1.0}
    share = counts["good"] / n
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    reach = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return {"low": max(0.0, centre - reach), "high": min(1.0, centre + reach)}


def _confusion(outcomes: dict[str, dict[str, int]]) -> dict[str, int]:
    kept = outcomes[KEPT]
    good, labelled = (sum(counts[key] for counts in outcomes.values()) for key in ("good", "labelled"))
    return {
        "kept_good": kept["good"],
        "kept_bad": kept["labelled"] - kept["good"],
        "dropped_good": good - kept["good"],
        "dropped_bad": labelled - kept["labelled"] - good + kept["good"],
    }
