"""Experiments and budgets as they stand on a terminal."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from assignment3_scaling.service.client.interface import Json, losses_of, reason_of, status_of

COLOURS = {"queued": "blue", "running": "yellow", "completed": "green", "failed": "red"}


def experiments_table(experiments: Sequence[Json]) -> Table:
    """One row an experiment: its state, its model (layers × width), N, its tokens, its last loss, its charge in seconds."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("id", "state", "model", "N", "tokens", "rate", "evals", "loss", "s"):
        table.add_column(name, justify="left" if name == "state" else "right", no_wrap=name != "state")
    for experiment in experiments:
        config, status = experiment["training_config"], experiment["status"]
        model, losses, state = config["architecture_config"], losses_of(experiment), status_of(experiment)
        last = losses[-1] if losses else None
        charged = status.get("used_runtime_seconds")
        told = Text(state, COLOURS.get(state, ""))
        if reason := reason_of(experiment):
            told.append(f"\n{reason}", "default")
        table.add_row(
            str(experiment["experiment_id"]),
            told,
            f"{model['num_hidden_layers']} × {model['hidden_size']}",
            short(12 * model["num_hidden_layers"] * model["hidden_size"] ** 2),
            short(config["total_train_tokens"]),
            f"{config['optimizer_config']['lr_scheduler']['peak_value']:.2g}",
            f"{len(losses)}/{config['n_evals']}",
            "" if last is None else f"{last:.4f}",
            f"≤ {config['max_runtime_seconds']:.0f}" if charged is None else f"{charged:.1f}",
        )
    return table


def short(number: float) -> str:
    """12 500 000 as 12.5M: three digits and a letter, for columns that are compared by eye."""
    rounded = float(f"{number:.3g}")
    for size, letter in ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if rounded >= size:
            return f"{rounded / size:.3g}{letter}"
    return f"{rounded:.3g}"


def budget_line(budget: Json) -> Text:
    """What is spent and what is left, in seconds and as a bar."""
    used, total = budget["used_seconds"], budget["total_budget_seconds"]
    filled = min(40, round(40 * used / total)) if total else 40
    line = Text("█" * filled, "red" if used >= total else "green") + Text("░" * (40 - filled), "dim")
    return line.append(f"  {used:,.1f} of {total:,.0f} s used, {budget['remaining_seconds']:,.1f} s left", "default")
