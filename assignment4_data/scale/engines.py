"""Where parts are made. An engine yields each part as it ends, with its error where it failed, and never stops for one.

Only a few parts more than there are workers are under way at a time, so a million files need no more memory than ten.
"""

import itertools
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from multiprocessing import get_context
from typing import Any

from assignment4_data.scale.parts import PACKAGE, Part, make

Ended = tuple[Part, str | None]
TRIES = 2
"""How often a part is begun whose worker died: any worker may be killed for want of memory, by another part's doing."""


def by_processes(parts: Iterable[Part], jobs: int) -> Iterator[Ended]:
    """Make parts in `jobs` processes of this machine."""
    waiting = iter([(part, 1) for part in parts])
    while True:
        lost: list[tuple[Part, int]] = []
        with ExitStack() as stack:
            # Not forked: what libraries hold in threads and locks here has no business in the workers.
            pool = stack.enter_context(ProcessPoolExecutor(jobs, mp_context=get_context("spawn")))
            running: dict[Future[Any], tuple[Part, int]] = {}
            while not lost:
                for part, tries in itertools.islice(waiting, jobs + 2 - len(running)):
                    running[pool.submit(make, part)] = (part, tries)
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    part, tries = running.pop(future)
                    if not isinstance(future.exception(), BrokenProcessPool):
                        yield part, _said(future.exception())
                    else:
                        lost.append((part, tries))
            lost += running.values()
        again = []
        for part, tries in lost:
            if tries == TRIES:
                yield part, f"its worker died {TRIES} times"
            else:
                again.append((part, tries + 1))
        waiting = itertools.chain(again, waiting)


def by_ray(parts: Iterable[Part], jobs: int, address: str) -> Iterator[Ended]:
    """Make parts on a Ray cluster: `local` starts one here with `jobs` processors, anything else is its address."""
    import ray

    where: dict[str, Any] = (
        {"num_cpus": jobs, "include_dashboard": False} if address == "local" else {"address": address}
    )
    root = str(PACKAGE.parent)
    ray.init(**where, log_to_driver=False, runtime_env={"env_vars": {"PYTHONPATH": root}})
    try:
        remote = ray.remote(max_retries=TRIES - 1)(make)
        slots = max(jobs, int(ray.cluster_resources().get("CPU", 1)))
        waiting = iter(parts)
        running: dict[Any, Part] = {}
        while True:
            for part in itertools.islice(waiting, slots + 2 - len(running)):
                running[remote.remote(part)] = part
            if not running:
                return
            done, _ = ray.wait(list(running))
            for reference in done:
                part = running.pop(reference)
                try:
                    ray.get(reference)
                except ray.exceptions.RayTaskError as error:
                    yield part, _said(error.cause)
                except ray.exceptions.RayError as error:
                    yield part, _said(error)
                else:
                    yield part, None
    finally:
        ray.shutdown()


def _said(error: BaseException | None) -> str | None:
    """An error as one line of a report."""
    if error is None:
        return None
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first[:200]}"
