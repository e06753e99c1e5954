"""A pool of judge processes on this machine: each imports torch once and grades many hand-ins.

A judge that dies (killed for memory, say) costs the hand-ins in work a second try, each alone; a second death is
recorded as our error. Results come as they are ready, and no more than a few are held at a time. Judges end when the
process that started them does.
"""

import concurrent.futures
import contextlib
import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor

from grader import boxes
from grader.outcome import HandinOutcome
from grader.task import Task, lost

HANDINS_A_JUDGE = 250
"""Judges are renewed after about so many each: what they import anew for each is never quite given back."""


def grade_all(tasks: Sequence[Task], jobs: int, alone: bool = False) -> Iterator[tuple[Task, HandinOutcome]]:
    """Grade every task, `jobs` at a time; each comes back once, in the order they are ready.

    `alone`: keep to one core of the machine, judge and sandbox together, where the system can.
    """
    waiting = deque(tasks)
    # A server of boxes begins to import what it needs while the judges do; one that was started elsewhere is on other
    # cores than a judge that keeps to its own, which starts one itself.
    with boxes.offered(() if alone else tasks) as offer:
        while waiting:
            suspects = yield from _until_broken(waiting, jobs, alone, offer)
            for task in suspects:
                again = deque([task])
                if (yield from _until_broken(again, 1, alone, offer)):
                    yield task, lost(task, "the judge process died twice while grading this hand-in")


def _until_broken(
    waiting: deque[Task], jobs: int, alone: bool, offer: boxes.Offer
) -> Generator[tuple[Task, HandinOutcome], None, list[Task]]:
    """Work through `waiting` until a judge dies, and return what was in work then; or until judges are due for renewal."""
    left = jobs * HANDINS_A_JUDGE
    running: dict[concurrent.futures.Future[HandinOutcome], Task] = {}
    with _pool(min(jobs, len(waiting)), alone, offer) as pool:
        while running or (waiting and left):
            while waiting and left and len(running) < 2 * jobs:
                try:
                    running[pool.submit(_grade, waiting[0])] = waiting[0]
                except BrokenProcessPool:
                    break
                waiting.popleft()
                left -= 1
            done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            broken = False
            for future in done:
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    broken = True
                    continue
                except Exception as error:  # a fault of ours while grading one hand-in must not end the others
                    outcome = lost(running[future], f"{type(error).__name__}: {error}")
                yield running.pop(future), outcome
            if broken:
                return list(running.values())
    return []


def _pool(jobs: int, alone: bool, offer: boxes.Offer) -> ProcessPoolExecutor:
    """Judges are forked, where that is safe, from a process that has imported torch and does nothing else."""
    context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    if sys.platform == "linux":
        context.set_forkserver_preload(["grader.grading"])
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(dict(os.environ), alone, offer))


def _begin(environment: dict[str, str], alone: bool, offer: boxes.Offer) -> None:
    """In each judge, before its first hand-in."""
    end_with_parent()
    os.environ.clear()
    os.environ.update(environment)  # what it was forked from may have begun long ago
    boxes.accept(offer)
    import torch  # a judge that was not forked has it from nobody

    # Judges share the machine, and what they compute must not depend on how many cores it has.
    torch.set_num_threads(1)
    if alone and hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def end_with_parent() -> None:
    """End this process when its parent is gone: a killed run must leave no judge, and with it no sandbox, behind."""

    def wait() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _grade(task: Task) -> HandinOutcome:
    from grader.grading import grade  # with torch, which the process that hands tasks out does without

    return grade(task)
