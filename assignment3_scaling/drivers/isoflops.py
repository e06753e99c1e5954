"""What a prediction holds, as plain data: a dict whose keys are floats cannot travel."""

from typing import Any

from assignment3_scaling import adapters


def predictions(runs: list[dict[str, Any]], budgets: list[float]) -> list[tuple[Any, Any]]:
    """`run_predict_compute_optimal`'s dict as a list of its keys and values, in the order of the dict.

    Raises:
        TypeError: it is not a dict; the message says what it is.
    """
    found = adapters.run_predict_compute_optimal(runs, budgets)
    if not isinstance(found, dict):
        raise TypeError(f"run_predict_compute_optimal returned {type(found).__name__}; expected a dict")
    return [(budget, optimum) for budget, optimum in found.items()]
