"""Results that are hard to carry."""

import torch

from assignment1_basics import loss, nn, optimizer

nested = []
for _ in range(100_000):
    nested = [nested]
looped = []
looped.append(looped)

nn.softmax = lambda x, dim: torch.zeros(1).expand(10**12)
nn.swiglu_d_ff = lambda d_model: nested
nn.silu = lambda x: torch.zeros(3).to_sparse()
loss.cross_entropy = lambda inputs, targets: looped
optimizer.get_lr_cosine_schedule = lambda *args, **kwargs: 10**100_000
