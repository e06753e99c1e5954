"""Mean regret of a campaign on hidden surfaces.

The surfaces are drawn from the leaderboard's secret seed, and none leaves this process: the entry asks for runs and makes
its bet, as in `assignment3_scaling.tests.campaigns`. Each surface is played in a fresh process, so nothing learnt on one
helps on the next. Budget, runs and bets are the service's own account.
"""

import math
import statistics

from assignment3_scaling.service.simulated.surface import draw
from assignment3_scaling.tests.campaigns import play
from grader.leaderboard.case import Case, Measured, Refused

MOST_WASTE = 0.4
"""Of the budget; where the points of the assignment end."""
LEAST_USE = 0.25
"""Of the budget, by runs that completed: a bet without runs is a guess at the surface, not a campaign."""


def verify(case: Case) -> Measured:
    """Play a campaign on each surface."""
    results = []
    with case.worker() as worker:
        for number in range(case.setting("surfaces")):
            source = case.draw("surface", number)
            surface = draw("-".join(str(source.integer(0, 2**62)) for _ in range(2)))
            with worker.fresh() as drivers:
                results.append(play(drivers, surface))
    waste = statistics.fmean(result.waste for result in results)
    if waste > MOST_WASTE:
        raise Refused(
            f"{waste:.0%} of the budget went to runs that failed or were not waited for; expected at most {MOST_WASTE:.0%}"
        )
    use = statistics.fmean(result.use for result in results)
    if use < LEAST_USE:
        raise Refused(
            f"runs that completed took {use:.0%} of the budget; expected bets that follow from at least {LEAST_USE:.0%}"
        )
    regrets = [result.regret for result in results]
    return Measured(
        score=statistics.fmean(regrets),
        spread=statistics.stdev(regrets) / math.sqrt(len(regrets)) if len(regrets) > 1 else 0.0,
        measurements={
            "regret (nats), worst surface": max(regrets),
            "prediction error (nats), mean": statistics.fmean(result.prediction_error for result in results),
            "budget used": use,
            "budget wasted": waste,
            "surfaces": float(len(results)),
        },
    )
