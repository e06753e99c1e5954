"""The engine `plain`: resource limits and a scrubbed environment, no isolation; for machines that give nothing better."""

import functools
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.box import Box, Job, spawn
from grader.sandbox.interpreter import ENTER, FLAGS, interpreter


class Plain:
    """See the table in `grader.sandbox`."""

    name = "plain"
    isolating = False

    def missing(self) -> str | None:
        return None if os.name == "posix" else "needs a Unix system"

    def inside(self, path: Path, target: str) -> str:
        return str(path)

    def start(self, job: Job) -> Box:
        folder = tempfile.mkdtemp(prefix="grader-box-")
        limits = {
            "memory_mb": job.memory_mb, "tmp_mb": job.tmp_mb, "open_files": job.open_files, "user": 0,
            "processes": 0,  # counted per user, so a limit here would count the user's own programs
        }  # fmt: skip
        environment = {
            key: value.replace("/tmp", folder) if value.startswith("/tmp") else value
            for key, value in job.environment.items()
        }
        program = [interpreter(), *FLAGS, "-c", job.source, *job.arguments]
        try:
            started = spawn([interpreter(), *FLAGS, str(ENTER), json.dumps(limits), *program], environment, folder)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise SandboxError(f"the worker could not be started: {error}") from None
        return Box(*started, clean_up=functools.partial(_remove, folder))


def _remove(folder: str) -> None:
    """Delete a box's folder, however deep it was nested and whatever permissions were taken away."""
    subprocess.run(["chmod", "-R", "u+rwX", folder], check=False, capture_output=True)
    subprocess.run(["rm", "-rf", folder], check=False, capture_output=True)
