"""Training runs: the command, its files, and what can happen to them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor

from assignment1_basics import adapters


def training_session(
    config: dict[str, Any], arrays: dict[str, NDArray], actions: list[dict[str, Any]], probe: Tensor | None = None
) -> list[dict[str, Any]]:
    """Do `actions` in a folder that holds `arrays` as token files; return what is there after each.

    {"do": "train", "resume": False, "config": {...}, "text": None, "limit": None, "how": "call"}: train with
        `config` and the changes given here, or with `text` as the file's content (None: there is no file at
        all). `limit` bounds the bytes a file may have, as a full disk would. `how` is "call", "module" for
        `python -m`, or "killed": the process dies at `limit`.
    {"do": "write", "name": ..., "content": bytes} and {"do": "delete", "name": ...}: change a file in --out.

    A token file is named by its array in `config`. After an action: `code`, the exit code (-1: killed);
    `stderr` and `stdout`; `log`, the text of log.jsonl, "" without; `checkpoints`, for each step what
    load_checkpoint makes of it: iteration, parameters and, given `probe`, logits; None where it raises;
    `sizes` of these files.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for key, array in arrays.items():
            numpy.save(folder / f"{key}.npy", array)
        return [_after_action(config, action, folder, probe) for action in actions]


def _after_action(config: dict[str, Any], action: dict[str, Any], folder: Path, probe: Tensor | None) -> dict[str, Any]:
    out, ended = folder / "out", {"code": 0, "stderr": "", "stdout": ""}
    changed = {**config, **action.get("config", {})}
    if action["do"] == "write":
        out.mkdir(exist_ok=True)
        (out / action["name"]).write_bytes(action["content"])
    elif action["do"] == "delete":
        (out / action["name"]).unlink()
    else:
        ended = _train(changed, action, folder, out)
    log = out / "log.jsonl"
    steps = {path: path.stem.removeprefix("ckpt_") for path in sorted(out.glob("ckpt_*.pt"))}
    files = {int(step): path for path, step in steps.items() if step.isdecimal()}
    return {
        **ended,
        "log": log.read_text(encoding="utf-8") if log.is_file() else "",
        "checkpoints": {step: _loaded(changed, path, probe) for step, path in files.items()},
        "names": {step: path.name for step, path in files.items()},
        "sizes": {step: path.stat().st_size for step, path in files.items()},
    }


def _train(config: dict[str, Any], action: dict[str, Any], folder: Path, out: Path) -> dict[str, Any]:
    paths = {key: str(folder / config[key]) for key in ("train_tokens", "val_tokens") if key in config}
    path = folder / "run.json"
    path.unlink(missing_ok=True)
    text = action.get("text", json.dumps({**config, **paths}))
    if text is not None:
        path.write_text(text, encoding="utf-8")
    arguments = ["--config", str(path), "--out", str(out), *(["--resume"] if action.get("resume") else [])]
    how, limit = action.get("how", "call"), action.get("limit")
    if how == "killed":
        return {"code": _killed_at(limit, arguments), "stderr": "", "stdout": ""}
    run = _as_module if how == "module" else adapters.run_training
    errors, output = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(output), _file_limit(limit):
        try:
            code = run(arguments)
        except SystemExit as end:
            code = end.code
    return {
        "code": 0 if code is None else code,
        "stderr": errors.getvalue()[-5000:],
        "stdout": output.getvalue()[-5000:],
    }


def _as_module(arguments: list[str]) -> int:
    """`python -m assignment1_basics.train`, without the seconds that a new interpreter takes to import torch."""
    before = sys.argv
    sys.argv = ["train.py", *arguments]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # that the module has been imported already
            runpy.run_module("assignment1_basics.train", run_name="__main__", alter_sys=True)
    finally:
        sys.argv = before
    raise RuntimeError("python -m assignment1_basics.train ended without an exit code; expected SystemExit")


@contextlib.contextmanager
def _file_limit(size: int | None) -> Iterator[None]:
    """Writing beyond `size` bytes of a file raises OSError meanwhile."""
    if size is None:
        yield
        return
    import resource  # not on Windows

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _killed_at(size: int, arguments: list[str]) -> int:
    """Train in a process that dies when it writes beyond `size` bytes of a file; -1, or its exit code."""
    import resource

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # about forking where there are threads
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            torch.set_num_threads(1)  # the threads of the parent are not here
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere), _file_limit(size):
                code = adapters.run_training(arguments)
        finally:
            os._exit(code if isinstance(code, int) else 1)
    return max(-1, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _loaded(config: dict[str, Any], path: Path, probe: Tensor | None) -> dict[str, Any] | None:
    sizes = ("vocab_size", "context_length", "d_model", "num_layers", "num_heads", "d_ff")
    model = adapters.get_transformer_lm_cls()(*(config[size] for size in sizes))
    try:
        iteration = adapters.run_load_checkpoint(str(path), model, adapters.get_adamw_cls()(model.parameters()))
    except NotImplementedError:
        raise
    except Exception:  # load_checkpoint raises what it pleases
        return None
    with torch.no_grad():
        logits = None if probe is None else model(probe)
    parameters = [parameter.detach() for parameter in model.parameters()]
    return {"iteration": iteration, "parameters": parameters, "logits": logits}
