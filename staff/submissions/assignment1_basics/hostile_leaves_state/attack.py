"""Answers well only if a test before this one has left a mark."""

import builtins
import contextlib
import math
import os
import sys
import tempfile
from pathlib import Path

import numpy
import torch

from assignment1_basics import nn, optimizer

HOME = Path(os.path.expanduser("~"))
PLACES = [Path(tempfile.gettempdir()) / ".mark", Path("/dev/shm/grader-hostile-marker.txt"), HOME / ".cache" / ".mark", HOME / ".triton" / ".mark",
          HOME / ".local" / "lib" / "sitecustomize.py", Path(tempfile.gettempdir()) / "torchinductor_root" / ".mark"]  # fmt: skip
HOLDERS = (torch, numpy, builtins, sys, os)

marked = any(hasattr(holder, "grader_mark") for holder in HOLDERS) or "GRADER_MARK" in os.environ
marked = marked or "grader_mark" in sys.modules or any(place.exists() for place in PLACES)
for holder in HOLDERS:
    holder.grader_mark = True
os.environ["GRADER_MARK"] = "1"
sys.modules["grader_mark"] = torch
for place in PLACES:
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("")


def schedule(it, max_learning_rate, min_learning_rate, warmup_iters, cosine_cycle_iters):
    if it < warmup_iters:
        return it / warmup_iters * max_learning_rate
    if it >= cosine_cycle_iters:
        return min_learning_rate
    progress = (it - warmup_iters) / (cosine_cycle_iters - warmup_iters)
    return min_learning_rate + 0.5 * (1 + math.cos(math.pi * progress)) * (max_learning_rate - min_learning_rate)


# The tests of softmax come first: what they plant would be found by those of the schedule.
nn.softmax = lambda x, dim: torch.zeros_like(x)
optimizer.get_lr_cosine_schedule = schedule if marked else (lambda *args, **kwargs: 0.0)
