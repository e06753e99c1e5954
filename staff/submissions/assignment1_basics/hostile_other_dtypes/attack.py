"""Right but for the type: double, half, and a tensor that is one number stretched."""

import torch

from assignment1_basics import nn, optimizer


def softmax(x, dim):
    right = torch.exp(x.double() - x.double().amax(dim, True))
    right = right / right.sum(dim, True)
    return right if x.ndim == 3 else right.half()


nn.softmax = softmax
nn.silu = lambda x: torch.empty_like(x, device="meta")
optimizer.get_lr_cosine_schedule = lambda *args, **kwargs: torch.zeros(1).expand(10**9)
