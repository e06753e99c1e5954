"""Loss, optimizer, schedule, clipping, batches and checkpoints as many people write them."""

import math

import numpy as np
import torch


def cross_entropy(logits, targets):
    logits = logits - logits.max(dim=-1, keepdim=True).values
    log_z = torch.log(torch.exp(logits).sum(dim=-1))
    picked = logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    return (log_z - picked).mean()


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def step(self, closure=None):
        loss = None if closure is None else closure()
        for group in self.param_groups:
            lr, (b1, b2), eps, wd = group["lr"], group["betas"], group["eps"], group["weight_decay"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                g = p.grad.data
                t = state.get("t", 0) + 1
                m = state.get("m", torch.zeros_like(p))
                v = state.get("v", torch.zeros_like(p))
                m = b1 * m + (1 - b1) * g
                v = b2 * v + (1 - b2) * g * g
                lr_t = lr * math.sqrt(1 - b2**t) / (1 - b1**t)
                p.data -= lr_t * m / (torch.sqrt(v) + eps)
                p.data -= lr * wd * p.data
                state["t"], state["m"], state["v"] = t, m, v
        return loss


def get_lr(it, a_max, a_min, warmup, cycle):
    if it < warmup:
        return it / warmup * a_max
    if it > cycle:
        return a_min
    return a_min + 0.5 * (1 + math.cos((it - warmup) / (cycle - warmup) * math.pi)) * (a_max - a_min)


def clip(parameters, max_norm, eps=1e-6):
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / (norm + eps))


def get_batch(x, batch_size, context_length, device):
    starts = np.random.randint(0, len(x) - context_length, size=batch_size)
    a = np.stack([x[i : i + context_length] for i in starts])
    b = np.stack([x[i + 1 : i + 1 + context_length] for i in starts])
    return torch.tensor(a, dtype=torch.long, device=device), torch.tensor(b, dtype=torch.long, device=device)


def save(model, optimizer, iteration, out):
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "iteration": iteration}, out)


def load(src, model, optimizer):
    ckpt = torch.load(src)
    model.load_state_dict(ckpt["model"])
    optimizer.load_state_dict(ckpt["optimizer"])
    return ckpt["iteration"]
