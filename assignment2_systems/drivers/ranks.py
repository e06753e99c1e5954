"""Ranks: the processes of one process group, each with its part of a driver's work.

They meet over a file and talk over the loopback: no port, so that nothing collides. A rank that raises ends them all
and the error arrives with the rank's traceback; ranks that wait for each other for ever are ended, and the error
says what each of them began last.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import inspect
import multiprocessing
import os
import pickle
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection, wait
from typing import Any

import torch
import torch.distributed as dist

from assignment2_systems.drivers.pretended_gpu import nothing_to_wait_for
from assignment2_systems.drivers.recorder import recording

SECONDS = 15
"""How long the ranks may take together. Each does some milliseconds of arithmetic."""
GRACE = 1.0
"""How long the others may go on once one rank has failed: theirs may be the first error."""
LAST = 120
"""Characters kept of what a rank began last."""


class RankTraceback(Exception):
    """The traceback of an error in another process, as its cause."""

    def __str__(self) -> str:
        return "\n" + "".join(self.args)


def run(world_size: int, body: Callable[..., Any], *arguments: Any) -> list[Any]:
    """`body(rank, recorder, *arguments)` in each rank of a new process group; what it returns, by rank.

    `body` is a function of a module, and takes and returns what can be pickled. Each rank gets copies.

    Raises:
        NotImplementedError: a rank met a stub.
        RuntimeError: a rank raised, ended, or the ranks waited for each other too long.
    """
    # A process of one thread can be forked; one with a pool of threads only by a server that has none yet.
    context = multiprocessing.get_context("fork" if torch.get_num_threads() == 1 else "forkserver")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(["torch", "torch.distributed"])
    boards = [context.RawArray(ctypes.c_char, LAST) for _ in range(world_size)]
    pipes, processes = [], []
    with tempfile.TemporaryDirectory(prefix="ranks-") as folder:
        for rank in range(world_size):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve, args=(rank, world_size, folder, theirs, boards[rank], body, arguments), daemon=True
            )
            process.start()
            theirs.close()
            pipes.append(ours)
            processes.append(process)
        try:
            return _collect(pipes, boards)
        finally:
            for pipe in pipes:
                pipe.close()
            for process in processes:
                process.kill()
                process.join()


def _collect(pipes: list[Connection], boards: list[Any]) -> list[Any]:
    """Each rank's result; all have begun to wait for the end by then, so that none hangs up on another."""
    results: dict[int, Any] = {}
    errors: dict[int, BaseException] = {}
    waiting = dict(zip(pipes, range(len(pipes)), strict=True))
    deadline = time.monotonic() + SECONDS
    while waiting:
        ready = wait(list(waiting), max(0.0, deadline - time.monotonic()))
        if not ready:
            break
        for pipe in ready:
            rank = waiting.pop(pipe)  # type: ignore[index]
            try:
                kind, value = pickle.loads(pipe.recv_bytes())  # type: ignore[union-attr] # noqa: S301 (of a rank, as untrusted as we are)
            except (EOFError, OSError):
                last = boards[rank].value.decode(errors="replace") or "no collective"
                said = f"rank {rank} ended by itself, it last began {last}; collectives that do not match end a rank so"
                kind, value = "error", ("RuntimeError", said, "")
            if kind == "value":
                results[rank] = value
            else:
                errors[rank] = _error(*value)
        if errors:
            deadline = min(deadline, time.monotonic() + GRACE)
    if errors:
        raise min(errors.values(), key=_consequence)
    if waiting:
        raise RuntimeError(f"the ranks did not finish within {SECONDS} s: {_positions(len(pipes), results, boards)}")
    return [results[rank] for rank in range(len(pipes))]


def _consequence(error: BaseException) -> int:
    """The first cause comes first: a rank whose peer has gone says only that the connection closed."""
    if isinstance(error, NotImplementedError):
        return 0
    return 2 if "gloo/transport" in str(error) else 1


def _positions(world_size: int, results: dict[int, Any], boards: list[Any]) -> str:
    said = []
    for rank in range(world_size):
        last = boards[rank].value.decode(errors="replace") or "no collective"
        said.append(f"rank {rank} {'is done' if rank in results else 'is not done'}, it last began {last}")
    return "; ".join(said)


def _serve(
    rank: int,
    world_size: int,
    folder: str,
    pipe: Connection,
    board: Any,
    body: Callable[..., Any],
    arguments: tuple[Any, ...],
) -> None:
    """A rank's whole life. Never returns: what the student's code registered for the exit is not run."""
    try:
        message = ("value", _work(rank, world_size, folder, board, body, arguments))
        content = pickle.dumps(message)
    except BaseException as error:
        content = pickle.dumps(("error", _described(error, rank)))
    with contextlib.suppress(OSError, EOFError):
        pipe.send_bytes(content)
        sys.stdout.flush()
        sys.stderr.flush()
        pipe.recv_bytes()  # the other side hangs up when all are done
    os._exit(0)


def _work(
    rank: int, world_size: int, folder: str, board: Any, body: Callable[..., Any], arguments: tuple[Any, ...]
) -> Any:
    torch.set_num_threads(1)
    _spare_the_compiler()
    if not torch.cuda.is_available():
        torch.cuda.synchronize = nothing_to_wait_for  # around collectives, right on a GPU
    os.environ["GLOO_SOCKET_IFNAME"] = "lo0" if sys.platform == "darwin" else "lo"
    store = dist.FileStore(os.path.join(folder, "store"), world_size)
    dist.init_process_group(
        "gloo", store=store, rank=rank, world_size=world_size, timeout=timedelta(seconds=2 * SECONDS)
    )

    def tell(last: str) -> None:
        board.value = last.encode()[: LAST - 1]

    with recording(tell) as recorder:
        return body(rank, recorder, *arguments)


def _spare_the_compiler() -> None:
    """Keep the optimizers of PyTorch from importing its compiler, which takes seconds.

    They would do so only to ask it to leave their methods alone, and in a rank nothing is compiled. The answer is
    kept beside the method, where they look for it first.
    """
    if "torch._dynamo" in sys.modules:
        return
    for method in vars(torch.optim.Optimizer).values():
        undecorated = getattr(method, "__wrapped__", None)
        if undecorated is not None:
            undecorated.__dynamo_disable = undecorated
    for kind in vars(torch.optim).values():
        step = vars(kind).get("step") if isinstance(kind, type) and issubclass(kind, torch.optim.Optimizer) else None
        if hasattr(step, "__wrapped__"):
            kind.step = torch.no_grad()(inspect.unwrap(step))


def _described(error: BaseException, rank: int) -> tuple[str, str, str]:
    """The error as text: its type where that is built in, what it says, and its traceback."""
    name = type(error).__name__
    said, built_in = str(error), getattr(builtins, name, None) is type(error)
    if not isinstance(error, NotImplementedError):
        said = f"rank {rank}: {said}" if built_in else f"rank {rank}: {name}: {said}"
    return (name if built_in else "RuntimeError"), said, "".join(traceback.format_exception(error, limit=-12))


def _error(name: str, said: str, frames: str) -> BaseException:
    try:
        made: BaseException = getattr(builtins, name)(said)
    except TypeError:  # UnicodeDecodeError and its like take more
        made = RuntimeError(f"{name}: {said}")
    made.__cause__ = RankTraceback(frames)
    return made
