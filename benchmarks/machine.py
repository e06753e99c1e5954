"""The machine and the moment of a measurement, as far as they bear on it."""

import datetime
import os
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = ("torch", "numpy", "regex", "pytest", "tokenizers", "tiktoken")
BUSY = 0.3  # other programs' load, per core, from which a page says that times may be off


def facts(load: float) -> dict[str, str]:
    """By name; `load` is the load average before the run began."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": processor(),
        "cores": str(cores()),
        "system": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "packages": versions,
        "load average before": f"{load:.2f}" + (" (busy: other programs took part of the time)" if busy(load) else ""),
    }


def busy(load: float) -> bool:
    """Whether other programs kept so much of the machine that times may be off."""
    return load > BUSY * cores()


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """The processor's name, as the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
