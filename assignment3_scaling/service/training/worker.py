"""A process that trains, one run after the other, until its input ends: `python -m assignment3_scaling.service.training.worker`."""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import torch

from assignment3_scaling.service.training.task import ALIVE_SECONDS, AUTO, Event, Task

NOT_WRITTEN = "the torch backend trains the transformer of assignment 1, which must be solved first"


class Teller:
    """Writes events as lines. When nobody reads them any more the process ends: its run is nobody's."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._lock = out, threading.Lock()

    def __call__(self, event: Event) -> None:
        try:
            with self._lock:
                print(json.dumps(event), file=self._out, flush=True)
        except (BrokenPipeError, ValueError):
            os._exit(0)

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Tell every second that the process works, from a thread that only stops with the run, or the process."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(ALIVE_SECONDS):
                self({"event": "alive"})

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def run(task: Task, tell: Callable[[Event], object]) -> Event:
    """Train; the event that ends the run."""
    device = ("cuda" if torch.cuda.is_available() else "cpu") if task.device == AUTO else task.device
    try:
        # Not before: with it comes assignment 1's code, whose printing and whose errors are to be a run's.
        from assignment3_scaling.service.training.learner import learn

        learn(
            task.config, student=task.student, seq_len=task.limits.seq_len, n_val_tokens=task.limits.n_val_tokens,
            evaluations=task.evaluations, device=device, report=lambda loss: tell({"event": "loss", "loss": loss}),
        )  # fmt: skip
    except torch.cuda.OutOfMemoryError as error:
        return {"event": "failed", "reason": "out_of_memory", "text": str(error).splitlines()[0]}
    except NotImplementedError as error:
        return {"event": "failed", "reason": "unexpected", "text": f"{NOT_WRITTEN} ({error or 'NotImplementedError'})"}
    except Exception as error:  # assignment 1's code may raise anything
        return {"event": "failed", "reason": "unexpected", "text": f"{type(error).__name__}: {error}"}
    return {"event": "ended"}


def main() -> None:
    """Answer every line of standard input. What else is printed goes to standard error."""
    tell = Teller(os.fdopen(os.dup(1), "w"))
    os.dup2(2, 1)
    torch.set_num_threads(1)
    if torch.cuda.is_available():
        torch.use_deterministic_algorithms(True, warn_only=True)  # as far as the operators of a student's code allow
    tell({"event": "ready"})
    for line in sys.stdin:
        with tell.alive():
            last = run(Task.read(line), tell)
        tell(last)


if __name__ == "__main__":
    main()
