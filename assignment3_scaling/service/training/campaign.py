"""A whole campaign of runs that are really trained: `python -m assignment3_scaling.service.training.campaign`.

Four isoFLOP levels are trained through the training API in process, the laws are fitted, a larger run is planned by them
and its loss is predicted; then that run is trained, and everything is written down beside what is known: the entropy of
the source, and exponents of a wide sweep over the same source.
"""

import json
import math
import os
import resource
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from assignment3_scaling.service.client.in_process import InProcessClient
from assignment3_scaling.service.client.interface import Json, losses_of, reason_of, status_of
from assignment3_scaling.service.schemas import TrainingConfig, parse
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.training.accounts import LIMITS
from assignment3_scaling.service.training.backend import TorchBackend
from assignment3_scaling.service.training.laws import Run, exponent, fitted, optimum
from assignment3_scaling.service.training.report import Report
from assignment3_scaling.service.training.source import Source
from assignment3_scaling.service.training.task import AUTO

LAYERS, BATCH, EVALS = 2, 16, 4
LEVELS: Mapping[float, Sequence[int]] = {
    3e10: (8, 12, 16, 24, 32),
    1e11: (12, 16, 24, 32, 48),
    3e11: (16, 24, 32, 48, 64),
    1e12: (32, 48, 64, 96),
}
"""Widths by training FLOPs; each level's best lies inside."""

FINAL_FLOPS = 4e12


def config(width: int, tokens: int, seconds: float = LIMITS.max_runtime_seconds, seed: int = 0) -> Json:
    """A two-layer model with a feed-forward part of 8/3 of its width, a head for each 32 of it, and a rate that fits its
    size: the best of some for widths of 8 to 64, tried on another source."""
    heads = max(count for count in range(1, max(1, width // 32) + 1) if width % (2 * count) == 0)
    step = LIMITS.seq_len * BATCH * EVALS
    return {
        "architecture_config": {
            "attention_bias": False, "head_dim": width // heads, "hidden_size": width,
            "intermediate_size": 8 * math.ceil(width / 3), "num_attention_heads": heads,
            "num_hidden_layers": LAYERS, "num_key_value_heads": heads, "rms_norm_eps": 1e-5,
            "rope_theta": 10_000, "tie_word_embeddings": False, "dtype": "float32", "vocab_size": LIMITS.min_vocab_size,
        },
        "optimizer_config": {
            "weight_decay": 0.0, "lr_scheduler": {"peak_value": 0.02 * min(1.0, (32 / width) ** 0.7)},
        },
        "train_batch_size": BATCH, "val_batch_size": 64, "n_evals": EVALS, "model_seed": seed,
        "total_train_tokens": max(1, round(tokens / step)) * step, "max_runtime_seconds": seconds,
    }  # fmt: skip


def weights(width: int) -> int:
    """N = 12 · layers · width²."""
    return 12 * LAYERS * width**2


class Lab:
    """The service in this process with a student in it, and a thread for each run that is trained at a time."""

    def __init__(self, backend: TorchBackend, student: int, workers: int) -> None:
        self._service, self._backend, self._student = Service.in_memory(backend), backend, student
        self._workers = workers
        self.client = InProcessClient(self._service, self._service.add_student("campaign", seed=student).id)

    def train(self, configs: Sequence[Json], tell: Callable[[str], object]) -> list[Run]:
        """Submit all, run all, and give the completed runs in their order.

        Raises:
            RuntimeError: a run has failed.
        """
        numbers = [self.client.submit(each)["experiment_id"] for each in configs]
        threads = [threading.Thread(target=self._service.run_queued) for _ in range(self._workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [self._run(self.client.wait(number), tell) for number in numbers]

    def train_final(self, training_config: Json, predicted_loss: float) -> Run:
        """Hand the bet in, and train it as the staff would: outside of the budget.

        Raises:
            RuntimeError: the run has failed.
        """
        self.client.submit_final(training_config, predicted_loss)
        trained = parse(TrainingConfig, training_config, LIMITS, final=True)
        outcome = self._backend.train(trained, student=self._student, report=lambda loss: None)
        if outcome.failure is not None or outcome.val_losses[-1] is None:
            raise RuntimeError(f"the final run has failed: {outcome.failure}")
        return Run(weights(trained.architecture_config.hidden_size), trained.total_train_tokens, outcome.val_losses[-1])

    def close(self) -> None:
        """Let go of the service's database."""
        self._service.close()

    def _run(self, experiment: Json, tell: Callable[[str], object]) -> Run:
        trained, loss = experiment["training_config"], losses_of(experiment)[-1:]
        if status_of(experiment) != "completed" or loss[0] is None:
            raise RuntimeError(f"run {experiment['experiment_id']} has failed: {reason_of(experiment)}")
        run = Run(weights(trained["architecture_config"]["hidden_size"]), trained["total_train_tokens"], loss[0])
        charged = experiment["status"]["used_runtime_seconds"]
        tell(f"N {run.weights:>7,}  D {run.tokens:>9,}  loss {run.loss:.4f}  charged {charged:.1f} s")
        return run


def play(student: int, workers: int, device: str, tell: Callable[[str], object]) -> Report:
    """The campaign.

    Raises:
        RuntimeError, ValueError: a run failed, or a level did not enclose its best size.
    """
    began, spent = time.perf_counter(), _processor_seconds()
    floor = Source.drawn(student).floor(LIMITS.seq_len)
    backend = TorchBackend(workers, device=device)
    lab = Lab(backend, student, workers)
    try:
        levels: dict[float, tuple[Run, ...]] = {}
        optima: dict[float, float] = {}
        for compute, widths in LEVELS.items():
            tell(f"level of {compute:.0e} FLOPs")
            level = lab.train([config(w, round(compute / (6 * weights(w))), seconds=100) for w in widths], tell)
            optima[compute] = optimum(level)
            levels[compute] = tuple(level)
        k, a = exponent(list(optima), list(optima.values()))
        runs = [run for level in levels.values() for run in level]
        law = fitted(runs, floor)
        width = 8 * max(1, round(math.sqrt(k * FINAL_FLOPS**a / (12 * LAYERS)) / 8))
        bet = config(width, round(FINAL_FLOPS / (6 * weights(width))), seconds=400)
        predicted = law.loss(weights(width), bet["total_train_tokens"])
        tell(f"the bet: width {width}, {bet['total_train_tokens']:,} tokens, loss {predicted:.4f}")
        final = lab.train_final(bet, predicted)
        tell(f"it ended at {final.loss:.4f}")
        charged = lab.client.budget()["used_seconds"]
    finally:
        lab.close()
        backend.close()
    return Report(
        student, floor, levels, optima, a, law, fitted(runs), final, predicted, charged,
        wall_seconds=time.perf_counter() - began, processor_seconds=_processor_seconds() - spent,
    )  # fmt: skip


def _processor_seconds() -> float:
    """What the processes that have ended took of processors."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(
    student: Annotated[int, typer.Option(help="Whose source: the seed it is drawn from.")] = 1,
    workers: Annotated[int, typer.Option(help="Runs at a time; 0 for one a core.")] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto: a GPU where there is one.")] = AUTO,
    page: Annotated[Path | None, typer.Option(help="Write the report there as Markdown, too.")] = None,
    data: Annotated[Path | None, typer.Option(help="And its numbers there as JSON.")] = None,
) -> None:
    """Train four isoFLOP levels, fit the laws, bet on a larger run, and train it. 1 if a number is out of its band."""
    console = Console()
    report = play(student, workers or os.cpu_count() or 1, device, lambda line: console.print(line, highlight=False))
    for name, value, expected, holds in report.checks():
        console.print(f"{name}: {value}, expected {expected}", style="" if holds else "red", highlight=False)
    console.print(
        f"charged {report.charged_seconds:.0f} s; took {report.wall_seconds:.0f} s, "
        f"{report.processor_seconds:.0f} s of processors",
        highlight=False,
    )
    if page is not None:
        page.write_text(report.page(), encoding="utf-8")
    if data is not None:
        data.write_text(json.dumps(asdict(report), indent=1) + "\n", encoding="utf-8")
    if not all(holds for *_, holds in report.checks()):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
