"""Decisions of filters and labels of people, drawn, and the report that they must lead to, in plain formulas."""

import math

FILTERS = ("language", "gopher", "c4", "nsfw", "toxic", "quality")
Z = 1.96


def drawn_decisions(draw, count):
    """`count` documents, of which some filters drop many and others few."""
    shares = [draw.integer(0, 12) for _ in FILTERS]
    urn = ["kept"] * 10 + [name for name, share in zip(FILTERS, shares, strict=True) for _ in range(share)]
    return {f"doc-{number * 7919 % 10007}": draw.choice(urn) for number in range(count)}


def drawn_labels(draw, decisions, share):
    """Labels of a share of the documents; those that were kept are good more often."""
    return {
        document: draw.number(0, 1) < (0.8 if decision == "kept" else 0.2)
        for document, decision in decisions.items()
        if draw.number(0, 1) < share
    }


def known_report(decisions, labels):
    """The report, outcome by outcome."""
    rows = {}
    for outcome in {"kept", *decisions.values()}:
        documents = [document for document, decision in decisions.items() if decision == outcome]
        votes = [labels[document] for document in documents if document in labels]
        low, high = wilson(sum(votes), len(votes))
        rows[outcome] = {
            "documents": len(documents), "labelled": len(votes), "good": sum(votes), "low": low, "high": high,
        }  # fmt: skip
    good = {
        outcome: 0.0
        if not row["documents"]
        else row["documents"] * row["good"] / row["labelled"]
        if row["labelled"]
        else None
        for outcome, row in rows.items()
    }
    kept, known = rows["kept"], None not in good.values()
    costs = sorted((-number, name) for name, number in good.items() if name != "kept" and number is not None)
    labelled, right = (sum(row[key] for row in rows.values()) for key in ("labelled", "good"))
    return {
        "outcomes": rows,
        "confusion": {
            "kept_good": kept["good"],
            "kept_bad": kept["labelled"] - kept["good"],
            "dropped_good": right - kept["good"],
            "dropped_bad": labelled - right - kept["labelled"] + kept["good"],
        },
        "precision": kept["good"] / kept["labelled"] if kept["labelled"] else None,
        "recall": good["kept"] / sum(good.values()) if known and sum(good.values()) else None,
        "costliest": costs[0][1] if costs else None,
    }


def wilson(good, n):
    """The shares p with |good / n - p| <= z sqrt(p (1 - p) / n), by solving the square for p."""
    if not n:
        return 0.0, 1.0
    a, b, c = n + Z**2, -(2 * good + Z**2), good**2 / n
    root = math.sqrt(max(0.0, b**2 - 4 * a * c))
    return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))
