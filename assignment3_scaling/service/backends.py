"""The backends by name, imported when they are asked for: one of them needs torch, and one Ray."""

import os
from collections.abc import Callable

from assignment3_scaling.service.backend import Backend


class NoBackend(Exception):
    """There is no such backend, or what it needs is not installed."""


def _simulated(slots: int) -> Backend:
    from assignment3_scaling.service.simulated.backend import SimulatedBackend

    return SimulatedBackend()


def _torch(slots: int) -> Backend:
    from assignment3_scaling.service.training.backend import TorchBackend

    return TorchBackend(slots)


def _ray(slots: int) -> Backend:
    from assignment3_scaling.service.training.cluster import LOCAL, RayBackend

    return RayBackend(os.environ.get("RAY_ADDRESS", LOCAL))


MAKERS: dict[str, Callable[[int], Backend]] = {"simulated": _simulated, "torch": _torch, "ray": _ray}


def make_backend(name: str, slots: int) -> Backend:
    """The backend of this name, for so many runs at a time.

    Raises:
        NoBackend: there is none, or a package that it needs is missing.
    """
    if name not in MAKERS:
        raise NoBackend(f"there is no backend {name}; there are {', '.join(MAKERS)}")
    try:
        return MAKERS[name](slots)
    except ModuleNotFoundError as error:
        raise NoBackend(f"the backend {name} needs the package {error.name}: pip install '.[scaling,ray]'") from None
