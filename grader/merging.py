"""Puts two outcomes of one hand-in together, each of which is of some of the problems."""

from dataclasses import replace

from grader.outcome import HandinOutcome


def merged(first: HandinOutcome, then: HandinOutcome) -> HandinOutcome:
    """`first`, with everything about the problems of `then` as `then` has it.

    A hand-in that was refused either time is refused.
    """
    for outcome in (first, then):
        if outcome.status == "refused":
            return outcome
    anew = then.expected.keys()
    kept = [finding for finding in first.findings if finding.problem not in anew]
    return replace(
        then,
        expected={**first.expected, **then.expected},
        tests=(*(test for test in first.tests if test.problem not in anew), *then.tests),
        findings=tuple(dict.fromkeys((*then.findings, *kept))),
        warnings=tuple(dict.fromkeys((*first.warnings, *then.warnings))),
        seconds=round(first.seconds + then.seconds, 3),
    )
