"""Samples to look at, and what the labels of a sample say of everything."""

import math

import pytest

from assignment4_data.tests.decisions import drawn_decisions, drawn_labels, known_report

SAMPLE, REPORT = "run_audit_sample", "run_audit_report"
SMALL = {"a": "kept", "b": "kept", "c": "kept", "d": "language", "e": "language", "f": "gopher"}


def check_report(adapters, check, decisions, labels, hint=""):
    got, known = adapters.run_audit_report(decisions, labels), known_report(decisions, labels)
    check.that(set(got) == set(known), f"{REPORT} returned the keys {sorted(map(str, got))}; expected {sorted(known)}")
    check.equal(got["confusion"], known["confusion"], who=f"{REPORT}, confusion", hint=hint)
    check.equal(got["costliest"], known["costliest"], who=f"{REPORT}, costliest", hint=hint)
    for key in ("precision", "recall"):
        check_number(check, got[key], known[key], key, hint)
    check.that(isinstance(got["outcomes"], dict), f"{REPORT} returned outcomes that are no dict")
    check.that(set(got["outcomes"]) == set(known["outcomes"]), f"{REPORT} returned other outcomes than there are")
    for outcome, counts in known["outcomes"].items():
        row = got["outcomes"][outcome]
        check.that(
            isinstance(row, dict) and set(row) == set(counts),
            f"{REPORT}: a row of outcomes has not the keys {sorted(counts)}",
        )
        for key in ("documents", "labelled", "good"):
            check.equal(row[key], counts[key], who=f"{REPORT}, {key} of an outcome", hint=hint)
        for key in ("low", "high"):
            check_number(check, row[key], counts[key], f"{key} of an outcome", hint)


def check_number(check, got, known, what, hint):
    who = f"{REPORT}, {what}"
    if known is None or known == 0:
        near = got is None if known is None else isinstance(got, float | int) and abs(got) < 1e-12
        check.that(near, f"{who} is not what it should be. {hint}")
        return
    check.close(got, known, rtol=1e-9, who=who, hint=hint)


def test_a_report_by_hand(adapters, check):
    labels = {"a": True, "b": False, "d": True, "e": False, "f": False}
    report = adapters.run_audit_report(SMALL, labels)
    check.that(isinstance(report.get("outcomes"), dict), f"{REPORT} returned no outcomes")
    confusion = {"kept_good": 1, "kept_bad": 1, "dropped_good": 1, "dropped_bad": 2}
    check.equal(report.get("confusion"), confusion, who=f"{REPORT}, confusion")
    check.close(report.get("precision"), 0.5, rtol=1e-9, who=f"{REPORT}, precision")
    check.close(report.get("recall"), 0.6, rtol=1e-9, who=f"{REPORT}, recall", hint="1.5 good ones kept, 1 dropped")
    check.equal(report.get("costliest"), "language", who=f"{REPORT}, costliest")
    check_report(adapters, check, SMALL, labels)


def test_the_rare_outcomes_weigh_no_more_than_they_should(adapters, check):
    decisions = {f"k{n}": "kept" for n in range(990)} | {f"d{n}": "c4" for n in range(10)}
    labels = {f"k{n}": n < 8 for n in range(10)} | {f"d{n}": n < 8 for n in range(10)}
    report = adapters.run_audit_report(decisions, labels)
    check.close(report.get("recall"), 0.99, rtol=1e-9, who=f"{REPORT}, recall", hint="792 good ones kept, 8 dropped")
    check_report(adapters, check, decisions, labels)


@pytest.mark.parametrize(
    "labels",
    [{}, {"a": True}, {"d": True, "f": False}, {"a": False, "d": False, "f": False}, dict.fromkeys(SMALL, True)],
    ids=["none", "one", "of_the_dropped", "all_bad", "all_good"],
)
def test_what_nobody_looked_at_is_not_known(adapters, check, labels):
    check_report(adapters, check, SMALL, labels)


def test_nothing_kept_and_nothing_dropped(adapters, check):
    check_report(adapters, check, {}, {}, "there is nothing")
    check_report(adapters, check, {"a": "kept", "b": "kept"}, {"a": True}, "nothing was dropped")
    check_report(adapters, check, {"a": "gopher", "b": "c4"}, {"a": True, "b": True}, "nothing was kept")


def test_of_equal_costs_the_first_name(adapters, check):
    decisions = {"a": "nsfw", "b": "c4", "c": "toxic", "d": "kept"}
    check_report(
        adapters, check, decisions, dict.fromkeys(decisions, True), "three filters cost one good document each"
    )
    check_report(adapters, check, decisions, dict.fromkeys(decisions, False), "no filter costs a good document")


def test_a_label_of_an_unknown_document_is_an_error(adapters, check):
    check.rejects(adapters.run_audit_report, SMALL, {"a": True, "z": True}, who=REPORT, hint="'z' has no decision")


def test_drawn_reports(adapters, check, draw):
    for _ in range(10):
        decisions = drawn_decisions(draw, draw.integer(20, 200))
        check_report(adapters, check, decisions, drawn_labels(draw, decisions, draw.number(0.1, 1.0)))


@pytest.mark.parametrize("per_outcome", [1, 3, 50])
def test_of_each_outcome_as_many_as_asked_or_all(adapters, check, draw, per_outcome):
    decisions = drawn_decisions(draw, 120)
    sample = adapters.run_audit_sample(decisions, per_outcome, draw.integer(0, 1000))
    check.that(len(set(sample)) == len(sample), f"{SAMPLE} returned an id more than once")
    check.that(set(sample) <= set(decisions), f"{SAMPLE} returned ids that are none")
    for outcome in set(decisions.values()):
        there = sum(decision == outcome for decision in decisions.values())
        chosen = sum(decisions[document] == outcome for document in sample)
        check.that(
            chosen == min(per_outcome, there),
            f"{SAMPLE} chose {chosen} of {there} documents of one outcome; expected {min(per_outcome, there)}",
        )


def test_a_seed_gives_one_sample_whatever_the_order_of_decisions(adapters, check, draw):
    decisions = drawn_decisions(draw, 100)
    first = adapters.run_audit_sample(decisions, 5, 1)
    check.that(len(first) >= 5, f"{SAMPLE} returned {len(first)} ids; expected 5 of each outcome")
    check.equal(adapters.run_audit_sample(decisions, 5, 1), first, who=SAMPLE, hint="the seed was the same")
    names = list(decisions)
    other = {names[place]: decisions[names[place]] for place in draw.permutation(len(names)).tolist()}
    check.equal(adapters.run_audit_sample(other, 5, 1), first, who=SAMPLE, hint="decisions came in another order")
    check.that(adapters.run_audit_sample(decisions, 5, 2) != first, f"{SAMPLE} returned the same for another seed")


def test_every_document_is_as_likely_and_the_order_tells_nothing(adapters, check):
    decisions = {f"k{n}": "kept" for n in range(8)} | {f"d{n}": "gopher" for n in range(8)}
    seen, first, rounds = dict.fromkeys(decisions, 0), 0, 200
    for seed in range(rounds):
        sample = adapters.run_audit_sample(decisions, 2, seed)
        check.that(len(sample) == 4, f"{SAMPLE} returned {len(sample)} ids; expected 4")
        check.that(set(sample) <= set(decisions), f"{SAMPLE} returned ids that are none")
        for document in sample:
            seen[document] += 1
        first += decisions[sample[0]] == "kept"
    near = 6 * math.sqrt(rounds * 0.25 * 0.75)
    off = max(abs(count - rounds / 4) for count in seen.values())
    check.that(off <= near, f"{SAMPLE} chose a document {off:.0f} times more or less often than by chance")
    check.that(
        abs(first - rounds / 2) <= 6 * math.sqrt(rounds / 4),
        f"{SAMPLE} put a kept document first {first} times in {rounds}; expected about half",
    )
