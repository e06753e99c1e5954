"""Runs your filter pipeline over many WET files. Killed at any moment and begun again, it goes on where it was."""

import argparse
import fcntl
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assignment4_data.scale import engines, merging, reports
from assignment4_data.scale.parts import Part, planned


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 fine, 1 where the pipeline failed on a file, 2 where the run could not be made."""
    parser = argparse.ArgumentParser(prog="python -m assignment4_data.scale", description=__doc__)
    parser.add_argument("wets", nargs="+", type=Path, metavar="WET", help="WET files; of copies the first is kept")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the run")
    parser.add_argument("--jobs", type=int, default=1, help="files that are filtered at a time (default: 1)")
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="a Ray cluster that sees the same files; `local` starts one here"
    )
    given = parser.parse_args(arguments)
    if given.jobs < 1:
        parser.error("--jobs must be at least 1")
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        with _alone(given.out):
            return _run(planned(given.wets, given.out), given.out, given.jobs, given.cluster)
    except (OSError, ValueError, ConnectionError) as error:
        print(f"python -m assignment4_data.scale: {error}", file=sys.stderr)
        return 2


def _run(parts: list[Part], out: Path, jobs: int, cluster: str | None) -> int:
    shutil.rmtree(out / "work", ignore_errors=True)  # what a killed run left half-made
    for name in ("work", "parts"):
        (out / name).mkdir(exist_ok=True)
    left = [part for part in parts if not part.counts.exists()]
    began = time.monotonic()
    failed: dict[str, str] = {}
    console = Console(stderr=True)
    columns = (TextColumn("filtering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("filtering", total=len(parts), completed=len(parts) - len(left))
        if left:
            ended = engines.by_ray(left, jobs, cluster) if cluster else engines.by_processes(left, jobs)
            for part, error in ended:
                bar.advance(task)
                if error is not None:
                    failed[part.wet.name] = error
                    console.print(f"{part.wet.name}: {error}", markup=False, highlight=False, style="red")
    seconds = time.monotonic() - began
    whole = [part for part in parts if part.wet.name not in failed]
    counts = merging.merge(whole, out)
    report = reports.Report(len(parts), counts, dict(sorted(failed.items())), merging.digest(out))
    reports.write(report, out, len(left) - len(failed), seconds)
    shutil.rmtree(out / "work")
    print(f"{len(whole)} of {len(parts)} files are in {out / 'documents'}; what was dropped is in {out / 'report.md'}")
    return 1 if failed else 0


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """One run in a folder at a time; the lock goes with the process, however that ends.

    Raises:
        OSError: another run is going on.
    """
    with (out / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(f"another run is going on in {out}") from None
        yield


if __name__ == "__main__":
    sys.exit(main())
