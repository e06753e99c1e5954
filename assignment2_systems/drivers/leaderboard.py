"""What the leaderboard times: attention from inputs to output and gradients, and a step of training.

Attention on a GPU draws its inputs there, from seeds: over the wire they would take longer than the passes. What the verifier
draws from the same seeds is the same.
"""

import torch
from jaxtyping import Int
from torch import Tensor

from assignment2_systems.drivers.attention import _apply, _gradients, _leaves, _sum, within_tensors


@within_tensors
def attention_and_gradients(
    kind: str, q: Tensor, k: Tensor, v: Tensor, is_causal: bool, cotangent: Tensor
) -> tuple[Tensor, Tensor | None, Tensor | None, Tensor | None]:
    """The output, and the gradients of sum(output * cotangent) by q, k and v."""
    leaves = _leaves(kind, [q, k, v])
    output = _apply(kind, *leaves, is_causal)
    _sum(output, cotangent).backward()
    return (output.detach().cpu(), *_gradients(leaves))


def device_error(device: str) -> str:
    """Why the device cannot be used in this process; empty where it can."""
    if device == "cuda" and not torch.cuda.is_available():
        return "PyTorch finds no GPU in the sandbox"
    return ""


def attention_rounds(
    kind: str, device: str, shape: list[int], seeds: list[int], places: list[int]
) -> tuple[Tensor, Tensor]:
    """For each seed a causal pass and its gradients, of bfloat16 inputs that are drawn from it on the device.

    First [rounds, 4]: output and gradients of q, k and v, each as the sum of all its numbers, every one with a sign that is
    drawn after the inputs. Then [rounds, 4, places]: their numbers at these places, counted over the whole tensor.
    """
    sums, chosen = [], []
    generator = torch.Generator(device)
    for seed in seeds:
        generator.manual_seed(seed)
        q, k, v, cotangent = (
            torch.randn(shape, generator=generator, device=device).bfloat16().requires_grad_(number < 3)
            for number in range(4)
        )
        output = _apply(kind, q, k, v, True)
        # Not by `backward`, which would count the cotangent's product as the entry's.
        found = (output.detach(), *torch.autograd.grad(output, (q, k, v), cotangent))
        flat = torch.stack([tensor.float().reshape(-1) for tensor in found])
        signs = torch.randint(0, 2, flat.shape, generator=generator, device=device, dtype=torch.int8)
        sums.append((flat * (2 * signs - 1)).double().sum(-1))
        chosen.append(flat[:, places])
    return torch.stack(sums).cpu(), torch.stack(chosen).cpu()


def timed_training_step(
    shape: dict[str, int],
    parameters: dict[str, Tensor],
    first_moments: dict[str, Tensor],
    second_moments: dict[str, Tensor],
    number: int,
    tokens: Int[Tensor, "batch time"],
    targets: Int[Tensor, "batch time"],
) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]:
    """The loss of the batch, and parameters and moments after the step."""
    # Here, so that an entry's mistake is told to those who send one, and not in every homework.
    from assignment2_systems.training_step import Shape, State, training_step

    loss, after = training_step(
        Shape(**shape), State(parameters, first_moments, second_moments, number), tokens, targets
    )
    return loss, dict(after.parameters), dict(after.first_moments), dict(after.second_moments)
