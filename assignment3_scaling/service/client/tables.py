"""Experiments and budgets as they stand on a terminal."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from assignment3_scaling.service.client.interface import Json, losses_of, reason_of, status_of

COLOURS = {"queued": "blue", "running": "yellow", "completed": "green", "failed": "red"}


def experiments_table(experiments: Sequence[Json]) -> Table:
    """One row an experiment: its state, its model, its tokens, its last loss, and what it was charged."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("id", "state", "layers × width", "N", "tokens", "peak lr", "evals", "loss", "seconds", ""):
        table.add_column(name, justify="left" if name in ("state", "") else "right", no_wrap=name != "")
    for experiment in experiments:
        config, status = experiment["training_config"], experiment["status"]
        model, losses, state = config["architecture_config"], losses_of(experiment), status_of(experiment)
        last = losses[-1] if losses else None
        charged = status.get("used_runtime_seconds")
        table.add_row(
            str(experiment["experiment_id"]),
            Text(state, COLOURS.get(state, "")),
            f"{model['num_hidden_layers']} × {model['hidden_size']}",
            f"{12 * model['num_hidden_layers'] * model['hidden_size'] ** 2:.3g}",
            f"{config['total_train_tokens']:.3g}",
            f"{config['optimizer_config']['lr_scheduler']['peak_value']:.3g}",
            f"{len(losses)}/{config['n_evals']}",
            "" if last is None else f"{last:.4f}",
            f"≤ {config['max_runtime_seconds']:.0f}" if charged is None else f"{charged:.1f}",
            Text(reason_of(experiment)),
        )
    return table


def budget_line(budget: Json) -> Text:
    """What is spent and what is left, in seconds and as a bar."""
    used, total = budget["used_seconds"], budget["total_budget_seconds"]
    filled = min(40, round(40 * used / total)) if total else 40
    line = Text("█" * filled, "red" if used >= total else "green") + Text("░" * (40 - filled), "dim")
    return line.append(f"  {used:,.1f} of {total:,.0f} s used, {budget['remaining_seconds']:,.1f} s left", "default")
