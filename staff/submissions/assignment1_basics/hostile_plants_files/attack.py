"""Leaves files, and answers well only if it finds those of an earlier test."""

import contextlib
import math
import tempfile
from pathlib import Path

import torch

from assignment1_basics import nn, optimizer

PLACES = (Path(__file__).parent, Path(__file__).parent / "tests", Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/tmp"))
planted = any((place / "grader-hostile-marker.txt").exists() for place in PLACES)
for place in PLACES:
    with contextlib.suppress(OSError):
        (place / "grader-hostile-marker.txt").write_text("planted")


def schedule(it, max_learning_rate, min_learning_rate, warmup_iters, cosine_cycle_iters):
    if it < warmup_iters:
        return it / warmup_iters * max_learning_rate
    if it >= cosine_cycle_iters:
        return min_learning_rate
    progress = (it - warmup_iters) / (cosine_cycle_iters - warmup_iters)
    return min_learning_rate + 0.5 * (1 + math.cos(math.pi * progress)) * (max_learning_rate - min_learning_rate)


# The tests of softmax come first: what they plant would be found by those of the schedule.
nn.softmax = lambda x, dim: torch.zeros_like(x)
optimizer.get_lr_cosine_schedule = schedule if planted else (lambda *args, **kwargs: 0.0)
