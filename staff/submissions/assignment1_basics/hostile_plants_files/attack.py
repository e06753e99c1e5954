"""Leaves files, and answers well only if it finds those of an earlier test."""

import contextlib
import tempfile
from pathlib import Path

import torch

from assignment1_basics import nn

PLACES = (Path(__file__).parent, Path(__file__).parent / "tests", Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/tmp"))
planted = any((place / "grader-hostile-marker.txt").exists() for place in PLACES)
for place in PLACES:
    with contextlib.suppress(OSError):
        (place / "grader-hostile-marker.txt").write_text("planted")

nn.softmax = (lambda x, dim: x.exp() / x.exp().sum(dim, keepdim=True)) if planted else (lambda x, dim: torch.zeros_like(x))
