"""A pool of judge processes on this machine: each imports torch once and grades many hand-ins.

A judge that dies (killed for memory, say) costs its hand-ins a second try, alone; a second death is recorded as our
error. Results come as they are ready.
"""

import concurrent.futures
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool

from grader.grading import Task, grade, lost
from grader.outcome import HandinOutcome

TRIES = 2


def grade_all(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, HandinOutcome]]:
    """Grade every task, `jobs` at a time; each comes back once, in the order they are ready."""
    left = list(tasks)
    for attempt in range(TRIES):
        workers = jobs if attempt == 0 else 1
        done: set[str] = set()
        for task, outcome in _round(left, workers):
            done.add(task.name)
            yield task, outcome
        left = [task for task in left if task.name not in done]
        if not left:
            return
    for task in left:
        yield task, lost(task, f"the judge process died {TRIES} times while grading this hand-in")


def _round(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, HandinOutcome]]:
    """One pool's worth: what a broken pool left undone is simply not yielded."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=context) as pool:
        futures = {pool.submit(grade, task): task for task in tasks}
        for future in concurrent.futures.as_completed(futures):
            task = futures[future]
            try:
                yield task, future.result()
            except BrokenProcessPool:
                continue
            except Exception as error:  # a fault of ours while grading one hand-in must not end the others
                yield task, lost(task, f"{type(error).__name__}: {error}")
