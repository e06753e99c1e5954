"""A function whose value is right and whose gradient is a constant."""

import torch


class Faked(torch.autograd.Function):
    @staticmethod
    def forward(context, inputs, value):
        context.save_for_backward(inputs)
        return value.detach().clone()

    @staticmethod
    def backward(context, gradient):
        (inputs,) = context.saved_tensors
        return torch.zeros_like(inputs) + gradient * 1e-3, None
