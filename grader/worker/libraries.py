"""What every test needs and no hand-in decides: libraries imported once, random numbers that begin alike, cheap forks."""

import ctypes
import gc
import importlib
import importlib.util
import random
import sys
from collections.abc import Sequence
from pathlib import Path

MADV_COLLAPSE, HUGE_PAGE = 25, 2**21


def prepare(preload: Sequence[str]) -> None:
    """Import what the staff allows, and make this process cheap to fork. Nothing of a hand-in is needed for it."""
    for name in ("torch", "jaxtyping"):  # what every adapters.py imports
        importlib.import_module(name)
    for name in preload:
        if importlib.util.find_spec(name.partition(".")[0]) is not None:  # Triton is not made for every platform
            importlib.import_module(name)
    sys.modules["torch"].set_num_threads(1)
    # Its first use looks whether JAX is there, which the guard would lay to the hand-in.
    sys.modules["jaxtyping"].jaxtyped(typechecker=None)(lambda: None)()
    seed()  # every child inherits the state, and nothing draws from it before
    spare_the_compiler()
    gc.collect()
    gc.freeze()  # keeps a child's garbage collection from copying every page
    use_huge_pages()


def seed() -> None:
    """Begin every generator of random numbers anew, the same in each test."""
    random.seed(0)
    if "numpy" in sys.modules:
        importlib.import_module("numpy.random").seed(0)
    sys.modules["torch"].manual_seed(0)


def spare_the_compiler() -> None:
    """Keep optimizers from importing `torch._dynamo`: it is off in a worker, and would cost each test a second.

    They ask it to leave their methods alone, and keep its answer beside the method. Where torch keeps it elsewhere
    some day, tests are slower, nothing else.
    """
    for method in vars(sys.modules["torch"].optim.Optimizer).values():
        undecorated = getattr(method, "__wrapped__", None)
        if undecorated is not None:
            undecorated.__dynamo_disable = undecorated


def use_huge_pages() -> None:
    """Gather this process's memory in huge pages, so that a fork copies hundreds of entries, not tens of thousands.

    Linux 6.1 and newer do as they are asked; elsewhere a fork takes a few milliseconds longer.
    """
    if sys.platform != "linux":
        return
    madvise = ctypes.CDLL(None).madvise
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, mode, _, _, inode, *_ = line.split()
        start, end = (int(address, 16) for address in span.split("-"))
        if mode == "rw-p" and inode == "0" and end - start >= HUGE_PAGE:
            madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_COLLAPSE)
