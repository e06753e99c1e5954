"""Results that stand for files."""

from pathlib import Path

import torch

from assignment1_basics import loss, nn, optimizer
from grader import wire

nn.softmax = lambda x, dim: wire.Fixture("../snapshots/softmax/answer.json") if x.ndim > 2 else wire.Fixture("/etc/passwd")
nn.silu = lambda x: wire.Scratch(b"100", "/../../../tmp/grader-hostile-marker", True)
loss.cross_entropy = lambda inputs, targets: Path("/dev/zero")
optimizer.get_lr_cosine_schedule = lambda *args, **kwargs: wire.Scratch(b"1e-3", "/../../../../tmp/grader-hostile-marker")
torch.Tensor.tolist = lambda self: [Path("/dev/zero")]
