"""What a test leaves behind, processes and files, and its removal; and whether a process holds more than memory."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")


def groups(spare: int = 0) -> list[int]:
    """The process groups of the living processes of the box but this one and `spare`.

    Where there is no PID namespace: of those below this one and `spare`.
    """
    if os.getpid() == 1:
        found = [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]
    else:
        found = [*children(), *(children(spare) if spare else ())]
    living = []
    for pid in found:
        with contextlib.suppress(OSError, ValueError, IndexError):
            state, _, group, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if state not in "ZX" and pid != spare:
                living.append(int(group))
    return living


def children(of: int | str = "self") -> list[int]:
    """The processes below one, orphans of which it takes care among them; none where the system does not tell."""
    found: list[str] = []
    with contextlib.suppress(OSError):
        for path in Path(f"/proc/{of}/task").glob("*/children"):
            found += path.read_text().split()
    return [int(child) for child in found]


def only_memory(pid: int, tmp: Path) -> bool:
    """Whether all that `pid` holds beyond what it was forked with is memory of its own, and no other process is there.

    Forks of such a process differ from it in nothing that a test could see; forks of one that has a second thread, an
    open file, memory that is shared or files in the temporary folder would lack the thread, or share the rest.
    """
    mine, its = Path("/proc/self"), Path(f"/proc/{pid}")
    try:
        return (
            len(os.listdir(its / "task")) == 1
            and len(os.listdir(its / "fd")) < len(os.listdir(mine / "fd"))  # looking at one's own opens one more
            and _shared(its) <= _shared(mine)
            and not groups(spare=pid)
            and not any(next(os.scandir(folder), None) for folder in _folders(tmp))
        )
    except OSError:
        return False  # the system does not tell


def _shared(process: Path) -> int:
    """How many stretches of its memory are written for others to see."""
    modes = [line.split(maxsplit=2)[1] for line in (process / "maps").read_text(errors="replace").splitlines()]
    return sum("w" in mode and "s" in mode for mode in modes)


def _folders(tmp: Path) -> tuple[Path, ...]:
    return (tmp, SHARED_MEMORY) if os.getpid() == 1 else (tmp,)


def ended(pid: int, *, patiently: bool) -> int | None:
    """Bury orphans that have ended; the exit code of `pid` once it has, None while it has not.

    `patiently` is to wait for it.
    """
    while True:
        found, status = os.waitpid(-1, 0 if patiently else os.WNOHANG)
        if found in (0, pid):
            return os.waitstatus_to_exitcode(status) if found else None


def how(code: int) -> str:
    """An exit code in words."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def end_all(group: int) -> None:
    """End every other process of the box, or all below this one and in `group`, and bury them."""
    kill_others(group)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def kill_others(pid: int) -> None:
    """End all that is left of a test: the whole PID namespace, or the descendants where there is none."""
    if os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for _ in range(20):
        left = children()
        for child in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        if not left:
            return
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


def clean(tmp: Path) -> bool:
    """Empty the private temporary folders; False when something could not be removed (the judge then starts anew)."""
    for folder in _folders(tmp):
        for entry in list(os.scandir(folder)):
            if not entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
        leftovers = list(folder.iterdir())
        if leftovers:
            # A hand-in may have made what `shutil` stumbles over: a thousand levels, folders without permissions.
            subprocess.run(["/bin/chmod", "-R", "u+rwX", *map(str, leftovers)], check=False, capture_output=True)
            subprocess.run(["/bin/rm", "-rf", *map(str, leftovers)], check=False, capture_output=True)
        if any(folder.iterdir()):
            return False
    return True
