"""Seconds of causal attention on a GPU, forward and backward, as a ratio to the course's kernels timed beside it.

Time is the clock's, outside of the entry's process, from the question to the answer. CUDA's events are recorded by whoever runs
the kernels, which is the entry's process, and that says what it likes. A call makes several passes, so that the way in and out
is little of it; each has inputs of its own, drawn on the device from seeds that did not exist before. An answer is what can
only be had of finished tensors: of each the sum of all numbers under random signs, and the numbers at some places. Both are held
against the same passes in float32, made by the verifier. Work that goes on after the answer changes nothing about it; where it
slows the reference, that has become slower than it was alone, and the entry is refused.

On a CPU (a track's `verified_on`) the same is done with processor seconds; the tests do so, at small sizes. It was never run
on a GPU so far.
"""

import os
import statistics

import torch
from torch import Tensor

from grader.errors import ConfigError
from grader.leaderboard.case import Case, Measured, Refused
from grader.leaderboard.track import Device
from grader.testing.draw import Draw
from grader.testing.proxy import Functions
from staff.leaderboards.assignment2_systems import timing

NAMES = ("output", "gradient of q", "gradient of k", "gradient of v")
PLACES = 64
ALONE = 5
"""Calls of the reference before the entry's process exists."""
SLOWED = 1.5
"""So many times as long as alone the reference may take beside the entry."""
TOLERANCE = 0.02
"""Root mean square of the error by that of the value. bfloat16 rounds by 0.002; eight bits would by 0.03 and more."""
SUMMED = 4.0
"""So much larger an error of signed sums may be, of which there is one a pass: chance moves it by more."""


def verify(case: Case) -> Measured:
    """Time the reference alone, then both by turns, and check whatever the entry says."""
    device = "cuda" if case.track.verified_on is Device.GPU else "cpu"
    with case.reference_worker() as theirs, theirs.fresh() as reference_drivers:
        usable(reference_drivers, device)
        reference = timing.Account(theirs, reference_drivers)
        for number in range(timing.WARM_UP + ALONE):
            asked(case, reference, device, case.draw("alone", number))
        alone = statistics.median(_seconds(reference, device)[timing.WARM_UP :])
        reference.took.clear()
        reference.used.clear()
        with case.worker() as mine, mine.fresh() as entry_drivers:
            entry = timing.Account(mine, entry_drivers)
            for number in range(timing.WARM_UP + case.setting("repetitions")):
                both(case, entry, reference, device, case.draw("inputs", number))
            timing.behaved(entry)
    mine_seconds, its_seconds = (_seconds(account, device)[timing.WARM_UP :] for account in (entry, reference))
    undisturbed(statistics.median(its_seconds), alone)
    passes = case.setting("rounds") * len(mine_seconds)
    return Measured(
        score=sum(mine_seconds) / sum(its_seconds),
        spread=timing.left_out(mine_seconds, its_seconds),
        measurements={
            "seconds a pass": sum(mine_seconds) / passes,
            "seconds a pass of the reference": sum(its_seconds) / passes,
            "seconds a pass of the reference, alone": alone / case.setting("rounds"),
            "passes checked": float(case.setting("rounds") * len(entry.took)),
        },
        notes=("times include the drawing of the inputs and of the signs, on the device",),
    )


def usable(drivers: Functions, device: str) -> None:
    """See that this process and a box can use the device.

    Raises:
        ConfigError: one of them cannot; that is ours.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("PyTorch finds no GPU on this machine; verify on a machine with CUDA")
    if said := drivers.device_error(device):
        raise ConfigError(f"{said}, though this machine has one; expected device files and driver to reach into it")


def both(case: Case, entry: timing.Account, reference: timing.Account, device: str, draw: Draw) -> None:
    """One call of each, in an order that is drawn, with the same seeds; the entry's answer is checked."""
    question = drawn(case, draw)
    core = max(os.sched_getaffinity(0))
    if device == "cpu":
        for account in (entry, reference):
            account.worker.pin(core)
    if first := draw.integer(0, 2):
        answer = ask(entry, device, *question)
    ask(reference, device, *question)
    if not first:
        answer = ask(entry, device, *question)
    if device == "cpu":
        timing.stayed(entry.worker, core)
    heads, length, width = question[0]
    checked(answer, expected(device, *question), heads * length * width)


def asked(case: Case, account: timing.Account, device: str, draw: Draw) -> None:
    """One call of the reference, whose answer nobody doubts."""
    if device == "cpu":
        account.worker.pin(max(os.sched_getaffinity(0)))
    ask(account, device, *drawn(case, draw))


def drawn(case: Case, draw: Draw) -> tuple[list[int], list[int], list[int]]:
    """The shape [heads, length, width], a seed a pass, and the places to be shown."""
    shape = [case.setting("heads"), case.setting("length"), case.setting("width")]
    seeds = [draw.integer(0, 2**62) for _ in range(case.setting("rounds"))]
    return shape, seeds, draw.integers(0, shape[0] * shape[1] * shape[2], PLACES).tolist()


def ask(account: timing.Account, device: str, shape: list[int], seeds: list[int], places: list[int]) -> list[Tensor]:
    """A timed call: signed sums [rounds, 4] and the numbers at the places [rounds, 4, places]."""
    return list(account.call("attention_rounds", "triton", device, shape, seeds, places))


def expected(device: str, shape: list[int], seeds: list[int], places: list[int]) -> tuple[Tensor, Tensor, Tensor]:
    """What `attention_rounds` gives of passes in float32, and the root mean square of each tensor's numbers [rounds, 4]."""
    sums, chosen, sizes = [], [], []
    generator = torch.Generator(device)
    for seed in seeds:
        generator.manual_seed(seed)
        q, k, v, cotangent = (
            torch.randn(shape, generator=generator, device=device).bfloat16().float() for _ in range(4)
        )
        # A head at a time: all scores of a long sequence at once are gigabytes.
        heads = [_pass(*(tensor[head] for tensor in (q, k, v, cotangent))) for head in range(shape[0])]
        flat = torch.stack([torch.stack(parts).reshape(-1) for parts in zip(*heads, strict=True)])
        signs = torch.randint(0, 2, flat.shape, generator=generator, device=device, dtype=torch.int8)
        sums.append((flat * (2 * signs - 1)).double().sum(-1))
        chosen.append(flat[:, places])
        sizes.append(flat.square().mean(-1).sqrt())
    return torch.stack(sums).cpu(), torch.stack(chosen).cpu(), torch.stack(sizes).cpu()


def _pass(q: Tensor, k: Tensor, v: Tensor, cotangent: Tensor) -> tuple[Tensor, ...]:
    leaves = [tensor.clone().requires_grad_() for tensor in (q, k, v)]
    scores = leaves[0] @ leaves[1].mT / q.shape[-1] ** 0.5
    future = torch.ones(scores.shape, dtype=torch.bool, device=q.device).triu(1)
    output = scores.masked_fill(future, float("-inf")).softmax(-1) @ leaves[2]
    return (output.detach(), *torch.autograd.grad(output, leaves, cotangent))


def checked(answer: list[Tensor], wanted: tuple[Tensor, Tensor, Tensor], count: int) -> None:
    """Refuse an entry whose answer is not what the passes give, in bfloat16. `count` is how many numbers a tensor has."""
    *right, sizes = wanted
    for what, actual, value in zip(("signed sums", "numbers"), answer, right, strict=True):
        if actual.shape != value.shape:
            raise Refused(f"the {what} of a timed call are {tuple(actual.shape)}; expected {tuple(value.shape)}")
    size = sizes.square().mean(0).sqrt()
    # Independent errors add up under the signs as the numbers themselves do: to the square root of how many there are.
    summed = (answer[0] - right[0]).square().mean(0).sqrt() / size / count**0.5 / SUMMED
    shown = (answer[1] - right[1]).square().mean((0, 2)).sqrt() / size
    for name, error in zip(NAMES, torch.maximum(summed, shown).tolist(), strict=True):
        if not error <= TOLERANCE:
            raise Refused(
                f"the {name} of a timed call is off by {error:.1g} of its size; expected at most {TOLERANCE:g}"
            )


def undisturbed(beside: float, alone: float) -> None:
    """Refuse an entry beside which the reference became slow: something of it went on after its answers."""
    if beside > SLOWED * alone:
        raise Refused(
            f"beside it the reference took {beside / alone:.1f} times as long as alone; expected at most {SLOWED:g}: "
            "what slows the reference is no speed"
        )


def _seconds(account: timing.Account, device: str) -> list[float]:
    """What counts: the clock of whoever waits for a GPU, the processor's account otherwise."""
    return account.took if device == "cuda" else account.used
