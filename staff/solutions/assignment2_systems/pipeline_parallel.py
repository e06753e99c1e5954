"""Pipeline parallelism: each rank has some layers, and micro-batches pass from rank to rank and back.

The schedule 1F1B (Narayanan et al. 2021, section 2.2): a rank runs ahead by as many micro-batches as there are ranks
behind it, then takes one backward pass after each forward pass, and at the end the backward passes that are left.
"""

from collections import deque
from collections.abc import Callable

import torch
import torch.distributed as dist
from torch import Tensor, nn


def pipeline_step(
    stage: nn.Module,
    inputs: list[Tensor] | None,
    micro_batches: int,
    loss: Callable[[Tensor, int], Tensor] | None,
    like: Tensor,
) -> list[float]:
    """All forward and backward passes of a step. Receiving waits, sending does not, so nobody waits in a circle."""
    rank, last = dist.get_rank(), dist.get_world_size() - 1
    in_flight: deque[tuple[Tensor, Tensor]] = deque()  # what came in, and what was made of it
    sending: list[dist.Work] = []
    losses: list[float] = []

    def forward(number: int) -> None:
        x = inputs[number] if rank == 0 else received(like, rank - 1).requires_grad_()
        y = stage(x)
        if rank == last:
            y = loss(y, number)
            losses.append(y.item())
        else:
            sending.append(dist.isend(y.detach().contiguous(), rank + 1))
        in_flight.append((x, y))

    def backward() -> None:
        x, y = in_flight.popleft()
        y.backward(None if rank == last else received(y, rank + 1))
        if rank > 0:
            sending.append(dist.isend(x.grad.contiguous(), rank - 1))

    ahead = min(last - rank, micro_batches)
    for number in range(ahead):
        forward(number)
    for number in range(ahead, micro_batches):
        forward(number)
        backward()
    while in_flight:
        backward()
    for work in sending:
        work.wait()
    return losses


def received(like: Tensor, rank: int) -> Tensor:
    """The next tensor that `rank` sends here, shaped and typed as `like`."""
    tensor = torch.empty_like(like, memory_format=torch.contiguous_format, requires_grad=False)
    dist.recv(tensor, rank)
    return tensor
