"""Optima at equal compute, with a parabola through the lowest run and its neighbours."""

from collections import defaultdict

import numpy as np


def by_budget(runs):
    found = defaultdict(dict)
    for run in runs:
        if run["final_loss"] is not None:
            found[float(run["compute_budget"])][run["parameters"]] = run["final_loss"]
    return found


def isoflop_optima(runs):
    rows = []
    for C, losses in by_budget(runs).items():
        N = min(sorted(losses), key=losses.get)
        rows.append((C, float(N), C / 6.0 / N, losses[N]))
    rows.sort(key=lambda row: row[0])
    return rows


def bottom(losses):
    sizes = sorted(losses)
    place = min(range(len(sizes)), key=lambda at: losses[sizes[at]])
    if len(sizes) < 3:
        return np.log(sizes[place])
    place = min(max(place, 1), len(sizes) - 2)
    near = sizes[place - 1 : place + 2]
    x, y = np.log(near), np.array([losses[size] for size in near])
    left, right = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
    curvature = (right - left) / (x[2] - x[0])
    return (x[0] + x[1]) / 2 - left / (2 * curvature) if curvature > 0 else x[1]


def predict_compute_optimal(runs, budgets):
    found = by_budget(runs)
    C = np.array(sorted(found))
    slope, offset = np.polyfit(np.log(C), [bottom(found[each]) for each in C], 1)
    answer = {}
    for budget in budgets:
        N = np.exp(offset + slope * np.log(budget))
        answer[budget] = (N, budget / 6 / N)
    return answer
