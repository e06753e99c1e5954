"""A thousand hand-ins in one batch, one in twenty hostile, killed twice along the way: `python -m benchmarks.thousand`.

Checks that every score is right, that nothing finished before a kill was graded again, and what memory the grader's
processes took early and late; writes `benchmarks/thousand.md`. Ends with 1 where something is not as it should be.
"""

import argparse
import contextlib
import datetime
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machine, tree
from grader import assignment as assignments
from grader import golden
from grader.gradebook import Gradebook
from grader.sandbox import memory

NAME = "assignment1_basics"
PROBLEMS = ("softmax", "learning_rate_schedule", "unicode1")
QUICK_ATTACKS = (
    "hostile_leaves_at_import", "hostile_tensor_subclass", "hostile_patches_comparisons", "hostile_returns_monsters",
    "hostile_raises_what_ends_programs", "hostile_walks_frames_and_heap", "hostile_seeds_the_generators",
    "hostile_sends_malformed_replies", "hostile_writes_into_the_report",
)  # fmt: skip
"""Attacks that do not spend a time limit: of a thousand, fifty would make the batch a wait for clocks."""
TOLD = 50
"""After how many hand-ins a line tells how far it has come."""


@dataclass(frozen=True)
class Made:
    """The batch on the disk, and the score that each hand-in must get."""

    folder: Path
    due: dict[str, float]
    kinds: Counter[str]


def make(course: assignments.Assignment, folder: Path, count: int) -> Made:
    """Write the hand-ins; no two have the same content."""
    known = {each.name: each for each in golden.load_all(course)}
    wrong = [each for each in known.values() if each.kind == "wrong" and each.lost[0] in PROBLEMS]
    attacks = [known[name] for name in QUICK_ATTACKS if name in known]
    points = {problem: course.problems[problem].points for problem in PROBLEMS}
    chance, due, kinds = random.Random(336), {}, Counter[str]()
    for number in range(count):
        name = f"h{number:04}"
        each = chance.choice(attacks) if number % 20 == 7 else chance.choice(wrong) if number % 3 == 0 else None
        if each is not None:
            handin = golden.materialise(each, course, folder / name)
        else:
            handin = shutil.copytree(course.solution, folder / name)
        (handin / "number.py").write_text(f"NUMBER = {number}\n")
        kinds[each.kind if each else "correct"] += 1
        due[name] = sum(worth for problem, worth in points.items() if each is None or problem not in each.lost)
    return Made(folder, due, kinds)


class Run:
    """One start of `grader grade` over the batch."""

    def __init__(self, made: Made, out: Path) -> None:
        command = [
            sys.executable,
            "-m",
            "grader",
            "grade",
            NAME,
            str(made.folder),
            "--out",
            str(out),
            "--jobs",
            "2",
            "--json",
        ]
        for problem in PROBLEMS:
            command += ["--problem", problem]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 — read when the run has ended
        self.process = subprocess.Popen(command, cwd=tree.ROOT, stdout=self._said, stderr=subprocess.DEVNULL)
        self.memory: list[tuple[int, float]] = []

    def until(self, out: Path, finished: int | None) -> None:
        """Watch until so many hand-ins are in the gradebook, or the run ends."""
        while self.process.poll() is None:
            done = len(recorded(out))
            if done // TOLD != (self.memory[-1][0] if self.memory else 0) // TOLD:
                print(f"{done} hand-ins graded", file=sys.stderr, flush=True)
            self.memory.append((done, _megabytes(self.process.pid)))
            if finished is not None and done >= finished:
                return
            time.sleep(1)

    def held(self) -> tuple[tuple[int, float], tuple[int, float]]:
        """Finished hand-ins and MiB: the second quarter of the run, and the last but its end, when judges go."""
        samples = [sample for sample in self.memory if sample[0] < self.memory[-1][0] - 2]
        quarter = max(len(samples) // 4, 1)
        return tuple(  # type: ignore[return-value]
            (part[0][0], statistics.median(megabytes for _, megabytes in part))
            for part in (samples[quarter : 2 * quarter], samples[-quarter:])
        )

    def scores(self) -> dict[str, float]:
        """What the run printed in the end."""
        self._said.seek(0)
        return {row["submission"]: row["score"] for row in json.load(self._said)["handins"]}


def recorded(out: Path) -> dict[str, str]:
    """When each outcome entered the gradebook."""
    if not (out / "gradebook.sqlite").exists():
        return {}
    with contextlib.closing(Gradebook.in_folder(out)) as book, book._engine.connect() as connection:
        return dict(connection.exec_driver_sql("select key, recorded from runs").fetchall())


def _megabytes(pid: int) -> float:
    """Memory of the grader's own processes, without fork servers and boxes, which are replaced."""
    judges = [child for child in memory.tree(pid) if b"multiprocessing" in _command(child) or child == pid]
    return sum(memory._kilobytes(each, "status", ("RssAnon:",)) or 0 for each in judges) / 1024


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def main() -> int:
    """Make the batch, run and kill it, check, and write the page."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--count", type=int, default=1000)
    count = options.parse_args().count
    course = assignments.load(tree.ROOT, NAME)
    begun = time.perf_counter()
    faults = []
    with tempfile.TemporaryDirectory(prefix="thousand-") as place:
        made, out = make(course, Path(place) / "batch", count), Path(place) / "out"
        seen: dict[str, str] = {}
        for finished in (3 * count // 10, 7 * count // 10):
            run = Run(made, out)
            run.until(out, finished)
            run.process.send_signal(signal.SIGKILL)
            run.process.wait()
            now = recorded(out)
            if not now.items() >= seen.items():
                faults.append("a finished hand-in was graded again")
            seen = now
        run = Run(made, out)
        run.until(out, None)
        scores, final = run.scores(), recorded(out)
    wrong = {name: (scores.get(name), due) for name, due in made.due.items() if scores.get(name) != due}
    faults += [f"{name} scored {found}; expected {due}" for name, (found, due) in sorted(wrong.items())]
    if not final.items() >= seen.items():
        faults.append("a finished hand-in was graded again")
    if len(final) != count:
        faults.append(f"{len(final)} outcomes are in the gradebook; expected {count}")
    text = _page(made, run, time.perf_counter() - begun, faults)
    (tree.ROOT / "benchmarks" / "thousand.md").write_text(text, encoding="utf-8")
    print(text)
    return int(bool(faults))


def _page(made: Made, run: Run, seconds: float, faults: list[str]) -> str:
    early, late = run.held()
    facts = machine.facts(os.getloadavg()[0])
    kinds = ", ".join(f"{count} {kind}" for kind, count in made.kinds.most_common())
    lines = [
        "# A thousand hand-ins, killed twice",
        "",
        f"Written by `python -m benchmarks.thousand` on {datetime.date.today()}, on {facts['processor']}, {facts['cores']} cores.",
        "",
        f"{len(made.due)} hand-ins of {NAME} ({kinds}), problems {', '.join(PROBLEMS)}, two jobs; `kill -9` after three and after",
        f"seven tenths. {seconds:.0f} s in all, starts included.",
        "",
        f"- Scores: {len(made.due) - sum('scored' in fault for fault in faults)} of {len(made.due)} right.",
        f"- Graded again after a kill though finished: {'some' if any('again' in fault for fault in faults) else 'none'}.",
        f"- Memory of the grader's own processes in the last run (medians over a quarter of it): {early[1]:.0f} MiB "
        f"from {early[0]} finished hand-ins on, {late[1]:.0f} MiB from {late[0]} on.",
        *(f"- fault: {fault}" for fault in faults[:20]),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
