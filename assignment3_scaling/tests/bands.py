"""What a band of the campaign asks: a number that stays below a bound on every surface, or in the mean of them."""

import math
from collections.abc import Sequence
from statistics import fmean

from assignment3_scaling.service.simulated.plan import VOCABULARY
from assignment3_scaling.service.simulated.score import USE_FULL, WASTE_FULL, Result
from grader.testing.check import Check, Wrong

POLICY = "run_scaling_campaign"
INTERVAL_BOUND = 0.1


def check_bets(check: Check, results: Sequence[Result]) -> None:
    """Every final configuration learns something: none breaks down on the way."""
    for result in results:
        check.that(
            result.true_loss < math.log(VOCABULARY),
            f"{POLICY}: training by the final configuration breaks down; expected a learning rate at which it does not",
        )


def check_discipline(check: Check, results: Sequence[Result]) -> None:
    """No campaign wastes more than a tenth of its budget, and each turns half of it into losses."""
    for result in results:
        check.that(
            result.waste <= WASTE_FULL,
            f"{POLICY} wasted {result.waste:.0%} of its budget on runs that failed and submissions that the budget "
            f"refused; expected at most {WASTE_FULL:.0%}",
        )
        check.that(
            result.use >= USE_FULL,
            f"{POLICY} used {result.use:.0%} of its budget for runs that completed; expected at least {USE_FULL:.0%}",
        )


def check_regret(check: Check, results: Sequence[Result], bound: float) -> None:
    """The mean regret is at most `bound` nats."""
    mean = fmean(result.regret for result in results)
    check.that(
        mean <= bound,
        f"{POLICY}: the final configurations lose {mean:.3f} nats more than the best of their cost, in the mean of "
        f"{len(results)} surfaces; expected at most {bound:g}",
    )


def check_prediction(check: Check, results: Sequence[Result], bound: float) -> None:
    """The mean distance of predicted from true losses is at most `bound` nats."""
    mean = fmean(result.prediction_error for result in results)
    check.that(
        mean <= bound,
        f"{POLICY}: the predicted losses are off by {mean:.3f} nats, in the mean of {len(results)} surfaces; "
        f"expected at most {bound:g}",
    )


def check_interval(check: Check, results: Sequence[Result], bound: float) -> None:
    """Every bet has an interval, and their mean score is at most `bound` nats."""
    scores = [result.interval_score for result in results]
    if None in scores:
        raise Wrong(f"{POLICY} made a bet without a prediction_interval; expected (low, high)")
    mean = fmean(score for score in scores if score is not None)
    check.that(
        mean <= bound,
        f"{POLICY}: the prediction intervals score {mean:.3f} nats, width and ten times what they miss by, in the mean "
        f"of {len(results)} surfaces; expected at most {bound:g}",
    )
