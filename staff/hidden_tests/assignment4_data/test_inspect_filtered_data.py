"""Reports on many drawn decisions, and samples of outcomes of every size."""

from assignment4_data.tests.decisions import drawn_decisions, drawn_labels, known_report

SAMPLE, REPORT = "run_audit_sample", "run_audit_report"


def check_near(check, got, known, what):
    if known is None:
        check.equal(got, None, who=f"{REPORT}, {what}")
    elif known == 0:
        check.that(isinstance(got, float | int) and abs(got) < 1e-12, f"{REPORT}, {what} is {got!r:.40}; expected 0")
    else:
        check.close(got, known, rtol=1e-9, who=f"{REPORT}, {what}")


def test_reports_on_everything(adapters, check, draw):
    for share in (0.05, 0.2, 0.5, 0.9, 1.0):
        decisions = drawn_decisions(draw, draw.integer(100, 400))
        labels = drawn_labels(draw, decisions, share)
        got, known = adapters.run_audit_report(decisions, labels), known_report(decisions, labels)
        for key in ("confusion", "costliest"):
            check.equal(got.get(key), known[key], who=f"{REPORT}, {key}")
        for key in ("precision", "recall"):
            check_near(check, got.get(key), known[key], key)
        rows = got.get("outcomes")
        check.that(
            isinstance(rows, dict) and rows.keys() == known["outcomes"].keys(),
            f"{REPORT} has other outcomes than there are",
        )
        for outcome, counts in known["outcomes"].items():
            row = rows[outcome]
            check.that(
                isinstance(row, dict) and row.keys() == counts.keys(), f"{REPORT}: an outcome has other keys than asked"
            )
            for key, number in counts.items():
                if isinstance(number, int):
                    check.equal(row[key], number, who=f"{REPORT}, {key} of an outcome")
                else:
                    check_near(check, row[key], number, f"{key} of an outcome")


def test_samples_of_outcomes_of_every_size(adapters, check, draw):
    decisions = {f"{size}-{place}": f"filter {size}" for size in range(1, 12) for place in range(size)}
    for per_outcome in (0, 1, 5, 11, 12):
        sample = adapters.run_audit_sample(decisions, per_outcome, draw.integer(0, 10**6))
        check.that(set(sample) <= set(decisions), f"{SAMPLE} returned ids that are none")
        sizes = [min(size, per_outcome) for size in range(1, 12)]
        chosen = [sum(document.split("-")[0] == str(size) for document in set(sample)) for size in range(1, 12)]
        check.that(len(sample) == len(set(sample)), f"{SAMPLE} returned an id more than once")
        check.that(chosen == sizes, f"{SAMPLE} chose {chosen} of outcomes of 1 to 11 documents; expected {sizes}")
    check.equal(adapters.run_audit_sample({}, 3, 0), [], who=SAMPLE, hint="there were no decisions")
