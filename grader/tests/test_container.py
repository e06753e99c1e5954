"""The container engine as far as it goes without Docker: its command line, and a box of a stand-in for the command."""

import itertools
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from grader import sandbox
from grader.errors import SandboxError
from grader.sandbox import container
from grader.sandbox.box import Job
from grader.sandbox.container import Container

# Runs what it is asked to run on this machine, with the channel's folder where it lies; notes how it was called.
STAND_IN = """#!{python}
import json, os, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] != "run":
    sys.exit(0)
binds = [text.split(",")[1:3] for text in sys.argv if text.startswith("type=bind")]
mounts = {{target.split("=", 1)[1]: source.split("=", 1)[1] for source, target in binds}}
program = sys.argv[sys.argv.index("python3") + 1:]
program[program.index("-c") + 1] = program[program.index("-c") + 1].replace("/channel", mounts["/channel"])
os.execv({python!r}, [{python!r}, *program])
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Puts a stand-in for Docker on the path; gives the calls that it noted."""
    log = tmp_path / "log"
    log.touch()
    command = tmp_path / "bin" / "docker"
    command.parent.mkdir()
    command.write_text(STAND_IN.format(python=sys.executable, log=str(log)))
    command.chmod(command.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    container._missing.cache_clear()
    yield lambda: [json.loads(line) for line in log.read_text().splitlines()]
    container._missing.cache_clear()


def job(source: str, **more) -> Job:
    return Job(source, {"TMPDIR": "/tmp", "PYTHONHASHSEED": "0"}, 512, 16, 32, 64, **more)


def test_the_command_takes_every_wall_and_limit(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_IMAGE", "course/python:1")
    made = job(
        "print(1)",
        arguments=("a b", "--c"),
        own={Path("/t"): "/course"},
        shared={Path("/s"): "/site0"},
        hidden=("/site0/staff",),
    )
    command = container.run_command("docker", "box", made, tmp_path)
    pairs = set(itertools.pairwise(command))
    for pair in {
        ("--network", "none"), ("--cap-drop", "ALL"), ("--security-opt", "no-new-privileges"), ("--ipc", "private"),
        ("--memory", "512m"), ("--memory-swap", "512m"), ("--pids-limit", "16"), ("--ulimit", "nofile=64:64"),
        ("--mount", "type=bind,source=/t,target=/course,readonly"), ("--tmpfs", "/site0/staff:ro,size=4k"),
        ("--mount", "type=bind,source=/s,target=/site0,readonly"), ("--tmpfs", "/tmp:size=32m,mode=1777,exec"),
        ("--env", "PYTHONHASHSEED=0"), ("--name", "box"),
    }:  # fmt: skip
        assert pair in pairs, pair
    assert {"--read-only", "--rm"} <= set(command)
    user = command[command.index("--user") + 1]
    assert user.split(":")[0] != "0" or os.geteuid() != 0
    assert command[command.index("course/python:1") + 1] == "python3"
    assert command[-2:] == ["a b", "--c"]
    assert not any("volume" in part or part.strip("-") == "privileged" for part in command)


def test_the_image_is_of_this_python_unless_named(monkeypatch):
    monkeypatch.delenv("GRADER_IMAGE", raising=False)
    assert container.image() == f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"


def test_a_box_is_spoken_to_through_its_channel_and_removed(stand_in):
    engine = Container()
    assert engine.missing() is None
    box = engine.start(
        job(
            "import os, sys\nwhile True:\n    text = os.read(0, 100)\n    os.write(0, text.upper()) if text else sys.exit(5)"
        )
    )
    box.channel.sendall(b"heron")
    assert box.channel.recv(100) == b"HERON"
    box.channel.shutdown(1)
    assert box.wait(20) == "exit code 5"
    box.kill()
    calls = stand_in()
    assert [call[0] for call in calls] == ["info", "run", "rm"]
    name = calls[1][calls[1].index("--name") + 1]
    assert calls[2] == ["rm", "--force", name]


def test_a_container_that_says_nothing_is_one_clear_error(stand_in, monkeypatch):
    monkeypatch.setattr(container, "START_SECONDS", 1)
    monkeypatch.setattr(container, "CONNECT", "print('no such image')\n")
    with pytest.raises(SandboxError, match="no answer from it within 1 s: no such image"):
        Container().start(job("import time; time.sleep(30)"))


def test_without_an_engine_it_says_what_is_missing(tmp_path, monkeypatch):
    container._missing.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Container().missing() == "neither docker nor podman is installed"
    container._missing.cache_clear()
    broken = tmp_path / "docker"
    broken.write_text("#!/bin/sh\necho 'Cannot connect to the daemon' >&2\nexit 1\n")
    broken.chmod(0o755)
    assert Container().missing() == "no engine answers docker: Cannot connect to the daemon"
    container._missing.cache_clear()


def test_it_comes_after_the_engines_that_are_tested_whole():
    assert list(sandbox.ENGINES) == ["forkserver", "bubblewrap", "container", "plain"]
