"""Waiting for several runs at once, with a bar for each on a terminal."""

import time
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from assignment3_scaling.service.client.interface import Client, Json, is_over, losses_of, reason_of, status_of


def watch(
    client: Client,
    experiment_ids: Iterable[int],
    console: Console,
    *,
    poll_seconds: float = 1.0,
    sleep: Callable[[float], object] = time.sleep,
) -> list[Json]:
    """The experiments once all of them have completed or failed, in the order given.

    Raises:
        NotFound: one of them is not there.
    """
    waiting = list(dict.fromkeys(experiment_ids))
    found = {number: client.experiment(number) for number in waiting}
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(), console=console,
    ) as progress:  # fmt: skip
        bars = {
            number: progress.add_task(f"run {number}", total=one["training_config"]["n_evals"], told="")
            for number, one in found.items()
        }
        while True:
            for number, one in found.items():
                losses = losses_of(one)
                told = (
                    status_of(one) if not losses or losses[-1] is None else f"{status_of(one)}, loss {losses[-1]:.4f}"
                )
                told += f" ({reason})" if (reason := reason_of(one)) else ""
                progress.update(bars[number], completed=len(losses), told=told)
                if is_over(one):
                    progress.stop_task(bars[number])
            if all(map(is_over, found.values())):
                return list(found.values())
            sleep(poll_seconds)
            found |= {number: client.experiment(number) for number, one in found.items() if not is_over(one)}
