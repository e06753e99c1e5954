"""`python -m assignment4_data.scale`: the same documents however many workers, killed or not, and memory that stays flat.

The pipeline is a small one of the test's own, so that files can be made to wait, to fail and to end their process.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader import assignment as assignments
from grader import overlay

ROOT = Path(__file__).parents[2]
PACKAGE = "assignment4_data"

ADAPTERS = '''
import json, os, time
from pathlib import Path

def run_filter_pipeline(wet_paths, output_directory):
    """Lines are documents; those with "keep" in them are kept once. Told by a file's content, it waits, fails or dies."""
    counts = {"words": {"in": 0, "out": 0}, "duplicates": {"in": 0, "out": 0}}
    seen = set()
    for path in map(Path, wet_paths):
        with (path.parent / "log").open("a") as log:
            log.write(path.name + "\\n")
        with (Path(output_directory) / f"{path.name}.jsonl").open("w") as file, path.open() as lines:
            for number, line in enumerate(lines):
                word, text = line.split(" ", 1)
                while word == "wait" and not (path.parent / "gate").exists():
                    file.flush()
                    time.sleep(0.02)
                if word == "fail" and not (path.parent / "mended").exists():
                    raise ValueError("a line that nobody can read\\nand more")
                if word == "die":
                    os._exit(9)
                counts["words"]["in"] += 1
                if word == "drop":
                    continue
                counts["words"]["out"] += 1
                counts["duplicates"]["in"] += 1
                if text in seen:
                    continue
                seen.add(text)
                counts["duplicates"]["out"] += 1
                file.write(json.dumps({"uri": f"{path.name}#{number}", "text": text}) + "\\n")
    return counts
'''


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A course of one assignment, whose hand-in is the small pipeline."""
    root = tmp_path_factory.mktemp("scale")
    shutil.copytree(ROOT / PACKAGE / "scale", root / PACKAGE / "scale")
    (root / PACKAGE / "__init__.py").touch()
    (root / PACKAGE / "adapters.py").write_text(ADAPTERS)
    return root


def command(out: Path, wets: list[Path], *options: str) -> list[str]:
    return [sys.executable, "-m", f"{PACKAGE}.scale", *map(str, wets), "--out", str(out), *options]


def run(tree: Path, out: Path, wets: list[Path], *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(command(out, wets, *options), cwd=tree, capture_output=True, text=True, timeout=240)


def written(folder: Path, files: dict[str, list[str]]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    return [folder / name for name in files]


def some_files(count: int, first_word: str = "keep") -> dict[str, list[str]]:
    """Files with lines of their own, lines that are in every file, and lines that are dropped."""
    return {
        f"part-{number}.wet": [
            f"{first_word} the beginning of {number}",
            "keep a line that all files have",
            f"drop number {number}",
            f"keep what {number // 2} and its neighbour have",
            "keep a line that all files have",
        ]
        for number in range(count)
    }


def kept(out: Path) -> dict[str, list[str]]:
    """The texts in each file of a run's documents."""
    return {
        path.name: [json.loads(line)["text"].strip() for line in path.read_text().splitlines()]
        for path in sorted((out / "documents").iterdir())
    }


def expected(files: dict[str, list[str]]) -> dict[str, list[str]]:
    """What one pass over all files would keep."""
    seen: set[str] = set()
    found: dict[str, list[str]] = {}
    for name, lines in files.items():
        texts = [line.partition(" ")[2] for line in lines if not line.startswith("drop")]
        found[f"{name}.jsonl"] = [text for text in texts if not (text in seen or seen.add(text))]
    return dict(sorted(found.items()))


def filtered(folder: Path) -> list[str]:
    """The names of the files that the pipeline began, once for each time."""
    return sorted((folder / "log").read_text().split())


def everything(out: Path) -> dict[str, bytes]:
    """All files that do not tell of this run's time."""
    names = [out / "report.json", out / "funnel.svg", *(out / "documents").iterdir()]
    return {path.name: path.read_bytes() for path in names}


@pytest.fixture(scope="module")
def once(tree, tmp_path_factory) -> tuple[list[Path], dict[str, list[str]], Path]:
    """Files, and a run over them with one worker."""
    folder = tmp_path_factory.mktemp("once")
    files = some_files(7)
    wets = written(folder / "in", files)
    done = run(tree, folder / "out", wets)
    assert (done.returncode, done.stderr) == (0, "")
    return wets, files, folder / "out"


def test_copies_in_other_files_are_left_out(once):
    _, files, out = once
    assert kept(out) == expected(files)
    report = json.loads((out / "report.json").read_text())
    assert report["counts"] == {
        "words": {"in": 35, "out": 28},
        "duplicates": {"in": 28, "out": sum(map(len, expected(files).values()))},
    }
    assert (report["files"], report["failed"]) == (7, {})
    assert not (out / "work").exists()


def test_any_number_of_workers_keeps_the_same(tree, once, tmp_path):
    wets, _, out = once
    assert run(tree, tmp_path / "out", wets, "--jobs", "3").returncode == 0
    assert everything(tmp_path / "out") == everything(out)


def test_a_ray_cluster_keeps_the_same(tree, once, tmp_path):
    wets, _, out = once
    done = run(tree, tmp_path / "out", wets, "--jobs", "2", "--cluster", "local")
    assert done.returncode == 0, done.stderr
    assert everything(tmp_path / "out") == everything(out)


def test_a_run_that_was_killed_goes_on_where_it_was(tree, tmp_path):
    files = some_files(2) | {f"slow-{name}": lines for name, lines in some_files(4, "wait").items()}
    wets = written(tmp_path / "in", files)
    out = tmp_path / "out"
    running = subprocess.Popen(
        command(out, wets, "--jobs", "2"),
        cwd=tree,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: len(list(out.glob("parts/*.json"))) == 2 and len(list(out.glob("work/*/slow-*"))) == 2, running)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    begun = filtered(tmp_path / "in")
    assert not (out / "documents").exists()
    (tmp_path / "in" / "gate").touch()
    done = run(tree, out, wets, "--jobs", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert kept(out) == expected(files)
    again = filtered(tmp_path / "in")
    assert [again.count(name) - begun.count(name) for name in files] == [0, 0, 1, 1, 1, 1]
    assert len(list((out / "parts").iterdir())) == 2 * len(files)
    assert run(tree, out, wets).returncode == 0
    assert filtered(tmp_path / "in") == again
    assert kept(out) == expected(files)


def until(is_so, running: subprocess.Popen) -> None:
    """Wait for a condition; a process that ends before, or a minute, is a failure."""
    end = time.monotonic() + 60
    while not is_so():
        assert running.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_second_run_in_the_same_folder_is_refused(tree, tmp_path):
    wets = written(tmp_path / "in", some_files(1, "wait"))
    out = tmp_path / "out"
    running = subprocess.Popen(command(out, wets), cwd=tree, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        until(lambda: list(out.glob("work/*/part-*")), running)
        done = run(tree, out, wets)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    assert done.returncode == 2
    assert done.stderr == f"python -m assignment4_data.scale: another run is going on in {out}\n"


def test_a_file_that_fails_costs_itself_and_is_tried_again(tree, tmp_path):
    files = some_files(3) | {"bad.wet": ["fail a line of bad"]}
    wets = written(tmp_path / "in", files)
    done = run(tree, tmp_path / "out", wets, "--jobs", "2")
    assert done.returncode == 1
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["failed"] == {"bad.wet": "ValueError: a line that nobody can read"}
    assert kept(tmp_path / "out") == expected({name: lines for name, lines in files.items() if name != "bad.wet"})
    (tmp_path / "in" / "mended").touch()
    assert run(tree, tmp_path / "out", wets).returncode == 0
    assert kept(tmp_path / "out") == expected(files)
    assert filtered(tmp_path / "in") == sorted([*files, "bad.wet"])


def test_a_worker_that_dies_costs_its_file(tree, tmp_path):
    files = {"bad.wet": ["die at once"]} | some_files(5)
    wets = written(tmp_path / "in", files)
    done = run(tree, tmp_path / "out", wets)
    assert done.returncode == 1
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["failed"].pop("bad.wet") == "its worker died 2 times"
    lost = set(report["failed"])
    assert run(tree, tmp_path / "out", wets[1:]).returncode == 0
    assert kept(tmp_path / "out") == expected(some_files(5))
    assert lost <= set(files)


def test_files_of_one_name_are_refused(tree, tmp_path):
    first = written(tmp_path / "a", some_files(1))[0]
    second = written(tmp_path / "b", some_files(1))[0]
    done = run(tree, tmp_path / "out", [first, second])
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "have the same name" in done.stderr


def test_memory_does_not_grow_with_the_files(tree, tmp_path):
    peaks = []
    for count in (4, 40):
        files = {f"{n}.wet": [f"keep line {n} {m} " + "x" * 2000 for m in range(1000)] for n in range(count)}
        wets = written(tmp_path / f"in{count}", files)
        measure = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        arguments = [sys.executable, "-c", measure, *command(tmp_path / f"out{count}", wets)]
        done = subprocess.run(arguments, cwd=tree, capture_output=True, text=True, timeout=240, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.15 * peaks[0], peaks


def test_the_funnel_is_a_picture_of_the_counts(once):
    _, _, out = once
    drawn = ElementTree.parse(out / "funnel.svg").getroot()
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:4] == ["documents", "35 (100.0%)", "words", "28 (80.0%)"]
    widths = [float(bar.get("width")) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert widths[0] > widths[1] > widths[2]
    assert widths[1] / widths[0] == pytest.approx(0.8, abs=0.01)


def test_the_report_says_what_each_filter_dropped_and_how_fast_it_was(once):
    text = (once[2] / "report.md").read_text()
    assert "| words | 35 | 28 | 7 (20.0%) |" in text
    assert "7 files were filtered in" in text
    assert "hours at this rate" in text


def test_the_reference_keeps_the_same_as_its_pipeline_alone(tmp_path):
    from assignment4_data import web

    course = assignments.load(ROOT, PACKAGE)
    tree = overlay.build(course, course.solution, tmp_path / "tree").root
    wets = [tmp_path / f"{number}.warc.wet.gz" for number in range(2)]
    for seed, wet in enumerate(wets):
        web.write_wet(wet, web.documents(seed, 40))
    done = run(tree, tmp_path / "out", wets, "--jobs", "2")
    assert done.returncode == 0, done.stderr
    alone = "import sys; from assignment4_data.adapters import run_filter_pipeline as f; print(f(sys.argv[2:], sys.argv[1]))"
    subprocess.run([sys.executable, "-c", alone, tmp_path / "alone", *wets], cwd=tree, check=True, capture_output=True)
    found = {path.name: path.read_bytes() for path in (tmp_path / "out" / "documents").iterdir()}
    assert found == {path.name: path.read_bytes() for path in (tmp_path / "alone").iterdir()}
    assert sum(map(len, found.values())) > 1000
