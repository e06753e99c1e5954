"""A `map` over processes, in order, that makes do with this process where it may not start others.

Built of processes and pipes alone: pools and queues need semaphores, that is a writable /dev/shm, which a
sandbox may not have.
"""

import contextlib
import multiprocessing
import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Worker:
    process: BaseProcess
    connection: Connection


def available_cores() -> int:
    """The processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ordered_map(function: Callable[[Item], Result], items: Iterable[Item], processes: int) -> Iterator[Result]:
    """`map(function, items)`, computed by that many other processes, or by this one if `processes` is 1.

    An item is read when a process is about to be free for it, so memory does not grow with their number.
    Where processes are spawned rather than forked, `function` is pickled. What a process that dies leaves
    undone is done here; so is what raises, and the exception is met here.
    """
    workers = _start(function, processes) if processes > 1 else []
    if not workers:
        yield from map(function, items)
        return

    def result_of(worker: Worker, item: Item) -> Result:
        try:
            result: Result = worker.connection.recv()
        except (EOFError, OSError):
            return function(item)
        return result

    busy: deque[tuple[Worker, Item]] = deque()  # in the order of the items, and so in turn
    try:
        for worker, item in zip(cycle(workers), items, strict=False):
            finished = [result_of(*busy.popleft())] if len(busy) == len(workers) else []
            with contextlib.suppress(OSError):  # a dead worker is noticed when its result is due
                worker.connection.send(item)
            busy.append((worker, item))
            yield from finished
        while busy:
            yield result_of(*busy.popleft())
    finally:
        for worker in workers:
            worker.connection.close()
        for worker in workers:
            worker.process.join()


def _start(function: Callable[[Item], Result], processes: int) -> list[Worker]:
    """As many workers as can be started: none in a daemon, fewer where the system refuses one."""
    workers: list[Worker] = []
    if multiprocessing.current_process().daemon:
        return workers
    for _ in range(processes):
        ours, theirs = multiprocessing.Pipe()
        # A worker that held our ends of the pipes open would keep the others waiting if we were killed.
        held_by_us = [ours, *(worker.connection for worker in workers)]
        process = multiprocessing.Process(target=_serve, args=(function, theirs, held_by_us), daemon=True)
        try:
            with warnings.catch_warnings():
                # Python 3.12 warns of forking beside threads (PyTorch's, say). The child takes none of their
                # locks: it runs `function` and its pipe.
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
        except OSError:
            ours.close()
            break
        finally:
            theirs.close()
        workers.append(Worker(process, ours))
    return workers


def _serve(function: Callable[[Item], Result], connection: Connection, held_by_parent: list[Connection]) -> None:
    for held in held_by_parent:
        held.close()
    # An end of file means that no more items come. Any other exception is met again, and reported, by the
    # parent, which repeats the item.
    with contextlib.suppress(Exception, KeyboardInterrupt):
        while True:
            connection.send(function(connection.recv()))
