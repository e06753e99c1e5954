"""Fully sharded data parallelism with storages that are emptied after use."""

import torch
import torch.distributed as dist
from torch import nn

from assignment1_basics.nn import Embedding, Linear


class FlatWeight:
    def __init__(self, weight, compute_dtype):
        self.ranks, self.rank = dist.get_world_size(), dist.get_rank()
        self.shape, self.size = weight.shape, weight.numel()
        self.dtype = weight.dtype
        self.length = (self.size + self.ranks - 1) // self.ranks
        padded = torch.zeros(self.length * self.ranks, dtype=weight.dtype)
        padded[: self.size] = weight.detach().reshape(-1)
        own = padded[self.rank * self.length : (self.rank + 1) * self.length].clone()
        self.shard = nn.Parameter(own, requires_grad=weight.requires_grad)
        self.buffer = torch.zeros(self.length * self.ranks, dtype=compute_dtype or weight.dtype)
        self.whole = self.buffer[: self.size].view(self.shape).detach().requires_grad_(weight.requires_grad)
        self.uses = 0
        self.free()
        if weight.requires_grad:
            self.whole.register_post_accumulate_grad_hook(self.after_gradient)

    def fill(self):
        storage = self.buffer.untyped_storage()
        if storage.nbytes() == 0:
            storage.resize_(self.length * self.ranks * self.buffer.itemsize)
            dist.all_gather_into_tensor(self.buffer.data, self.shard.detach().to(self.buffer.dtype))

    def free(self):
        self.buffer.untyped_storage().resize_(0)

    def after_gradient(self, whole):
        full = torch.zeros(self.length * self.ranks, dtype=self.dtype)
        full[: self.size] = whole.grad.reshape(-1).to(self.dtype)
        whole.grad = None
        self.free()
        own = torch.empty_like(self.shard)
        dist.reduce_scatter_tensor(own, full)
        own /= self.ranks
        if self.shard.grad is None:
            self.shard.grad = own
        else:
            self.shard.grad += own


class Before(torch.autograd.Function):
    """Behind a layer on the way forth, before it on the way back."""

    @staticmethod
    def forward(ctx, y, weight):
        ctx.weight = weight
        return y.view_as(y)

    @staticmethod
    def backward(ctx, gradient):
        ctx.weight.fill()
        return gradient, None


class After(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.weight = weight
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        if not ctx.weight.whole.requires_grad:
            ctx.weight.free()
        return gradient, None


class FullyShardedDataParallel(nn.Module):
    def __init__(self, module, compute_dtype=None):
        super().__init__()
        self.module = module
        for parameter in module.parameters():
            dist.broadcast(parameter.data, src=0)
        for buffer in module.buffers():
            dist.broadcast(buffer, src=0)
        self.flats = []
        known = {}
        for layer in module.modules():
            if not isinstance(layer, (Linear, Embedding, nn.Linear, nn.Embedding)):
                continue
            original = layer.weight
            if original not in known:
                known[original] = FlatWeight(original, compute_dtype)
                self.flats.append(known[original])
            flat = known[original]
            layer.weight = flat.shard
            layer.register_forward_pre_hook(self.before_forward(flat))
            layer.register_forward_hook(self.after_forward(flat))

    @staticmethod
    def before_forward(flat):
        def hook(layer, inputs):
            flat.fill()
            layer._parameters["weight"] = flat.whole
            (x,) = inputs
            if x.is_floating_point():
                x = After.apply(x.to(flat.buffer.dtype), flat)
            return (x,)

        return hook

    @staticmethod
    def after_forward(flat):
        def hook(layer, inputs, output):
            layer._parameters["weight"] = flat.shard
            flat.free()
            return Before.apply(output, flat)

        return hook

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)

    def finish_gradient_synchronization(self):
        shards = {id(flat.shard) for flat in self.flats}
        for parameter in self.parameters():
            if id(parameter) not in shards and parameter.grad is not None:
                dist.all_reduce(parameter.grad)
                parameter.grad /= dist.get_world_size()

    def gather_full_params(self):
        by_shard = {id(flat.shard): flat for flat in self.flats}
        found = {}
        for name, parameter in self.module.named_parameters():
            flat = by_shard.get(id(parameter))
            if flat is None:
                found[name] = parameter.detach().clone()
            else:
                parts = [torch.empty_like(flat.shard) for _ in range(flat.ranks)]
                dist.all_gather(parts, flat.shard.detach())
                found[name] = torch.cat(parts)[: flat.size].view(flat.shape)
        return found
