"""Predictions held against bounds: what any reasonable method finds lies within them."""

PREDICT = "run_predict_compute_optimal"
FLOPS = 0.03


def check_predictions(check, found, bounds, hint=""):
    """A pair for each budget that was asked for, N within its bounds, and tokens that use the compute up."""
    keys = [key for key, _ in found]
    check.that(
        all(type(key) in (float, int) for key in keys) and sorted(map(float, keys)) == sorted(bounds),
        f"{PREDICT} returned a dict with the keys {str(keys)[:100]}; expected the budgets that it was given, as numbers",
    )
    for budget, optimum in found:
        check.that(
            type(optimum) is tuple and len(optimum) == 2 and all(type(part) in (float, int) for part in optimum),
            f"{PREDICT} returned {str(optimum)[:60]} for C = {budget:g}; expected a tuple (N, D) of numbers",
        )
        N, D = optimum
        low, high = bounds[float(budget)]
        side = "too small" if low > N else "too large"
        check.that(
            low <= N <= high,
            f"{PREDICT}: N = {N:.4g} is {side} for C = {budget:g}, beyond what any good method says"
            + f". {hint}" * bool(hint),
        )
        check.that(
            abs(6 * N * D / budget - 1) <= FLOPS,
            f"{PREDICT}: 6 N D is {6 * N * D / budget:.3g} times C = {budget:g}; expected N and D to use C up, to 3 %",
        )
