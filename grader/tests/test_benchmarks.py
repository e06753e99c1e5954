"""The benchmarks run, and their page says what was measured against what; no test looks at a time."""

import ast
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from benchmarks import NAMES
from benchmarks import __main__ as benchmarks_main
from benchmarks.comparison import Comparison, Cost, by_turns, cost_of
from benchmarks.page import page, verdict
from benchmarks.section import FOLDER, Section, kept


def compared(ours, peers, goal=2.0, better_goal=None, by="wall"):
    costs = [tuple(Cost(seconds, 2 * seconds) for seconds in side) for side in (ours, peers)]
    return Comparison("weigh a feather", "`scales`", "`balance`", by, goal, better_goal, *costs)


def run(*arguments, cwd):
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_quick_run_writes_a_page_of_the_benchmarks_asked_for(repository, tmp_path):
    ended = run("file_encoding", "encoding", "--quick", "--out", str(tmp_path), cwd=repository)
    assert ended.returncode == 0, ended.stderr
    text = (tmp_path / "README.md").read_text()
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == ["# Benchmarks", "## How to read this page", "## Summary", "## encoding", "## file_encoding"]
    for fact in ("date", "processor", "cores", "Python", "packages", "load average before", "sizes"):
        assert text.count(f"\n| {fact} | ") == 2, fact
    assert [section.name for section in kept(tmp_path)] == ["encoding", "file_encoding"]
    rows = [line for line in text.splitlines() if "`tiktoken`" in line or "`tiktoken`, 1 thread" in line]
    table = [row for row in rows if row.startswith("|")]
    assert len(table) == 6, text
    for row in table:
        assert "at most" in row
        assert " met" in row or " missed" in row


def test_a_name_that_is_no_benchmark_is_refused_with_those_there_are(repository):
    ended = run("speed", cwd=repository)
    assert ended.returncode == 2
    assert "no benchmark is called speed" in ended.stderr
    assert all(name in ended.stderr for name in NAMES)


def test_every_benchmark_has_a_module_that_says_what_it_is_about(repository):
    for name in NAMES:
        text = (repository / "benchmarks" / f"{name}.py").read_text()
        assert text.startswith('"""')
        assert "\ndef compare(folder: Path, quick: bool) -> list[Comparison]:" in text


TAKE = """
import importlib, json, sys
for module, name in json.load(sys.stdin):
    found = importlib.import_module(module)
    if not hasattr(found, name):
        importlib.import_module(f"{module}.{name}")
"""


def test_whatever_a_benchmark_takes_of_the_project_is_there(repository):
    taken = [
        (node.module, alias.name)
        for path in (repository / "benchmarks").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("benchmarks", "grader")
        for alias in node.names
    ]
    assert len(taken) > 50
    # In a process of its own: one that has judged may not import what is a student's.
    command = [sys.executable, "-c", TAKE]
    ended = subprocess.run(
        command, cwd=repository, input=json.dumps(taken), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_the_ratio_is_the_median_of_the_ratios_of_pairs():
    comparison = compared(ours=(1.0, 8.0, 30.0), peers=(1.0, 2.0, 10.0))
    assert comparison.ratios("wall") == [1.0, 4.0, 3.0]
    assert comparison.ratio() == 3.0


def test_a_comparison_survives_its_way_as_json():
    comparison = compared((1.0, 2.0), (3.0, 4.0), better_goal=1.5)
    assert Comparison.from_json(comparison.as_json()) == comparison


def test_each_repetition_needs_a_cost_of_either_side():
    with pytest.raises(ValueError, match="weigh a feather"):
        compared((1.0, 2.0), (1.0,))


def test_the_sides_take_turns_in_beginning():
    order = []

    def side(name):
        def measure():
            order.append(name)
            return Cost(1.0, 1.0)

        return measure

    ours, peers = by_turns(side("ours"), side("peer"), 3)
    assert order == ["ours", "peer", "peer", "ours", "ours", "peer"]
    assert len(ours) == len(peers) == 3


def test_processes_that_are_waited_for_are_part_of_the_cost():
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    cost = cost_of(lambda: subprocess.run([sys.executable, "-c", burn], check=True))
    assert cost.cpu >= 0.3


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1.0, "met, the better one too"), (1.8, "met"), (2.5, "missed")],
    ids=["better", "met", "missed"],
)
def test_a_goal_is_said_beside_what_was_measured(seconds, words):
    comparison = compared((seconds,), (1.0,), better_goal=1.5)
    assert verdict(comparison) == words
    text = page([Section("weighing", "Two ways to weigh.", (comparison,), {"date": "today"})])
    row = next(line for line in text.splitlines() if line.startswith("| weigh a feather |"))
    assert "at most 2 (better: 1.5)" in row
    assert f"**{seconds:.2f}**" in row
    assert f"| {words} |" in row
    assert ("- missed: weigh a feather" in text) == (words == "missed")


def test_a_section_is_kept_until_it_is_measured_anew(tmp_path):
    before, other = (Section(name, "Two ways.", (compared((1.0,), (1.0,)),), {"date": "then"}) for name in NAMES[:2])
    for section in (other, before):
        section.keep(tmp_path)
    after = replace(before, facts={"date": "now"})
    after.keep(tmp_path)
    assert kept(tmp_path) == [after, other]
    text = page(kept(tmp_path))
    assert [f"- not measured yet: {name}" in text for name in NAMES] == [False, False, *[True] * (len(NAMES) - 2)]


def test_a_broken_file_of_measurements_is_named(tmp_path):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / f"{NAMES[0]}.json").write_text('{"about": ""}')
    with pytest.raises(ValueError, match=rf"{NAMES[0]}\.json: is not what a benchmark wrote"):
        kept(tmp_path)


def test_a_benchmark_that_fails_leaves_what_was_measured(monkeypatch, tmp_path, capsys):
    Section(NAMES[0], "Two ways.", (compared((1.0,), (1.0,)),), {"date": "then"}).keep(tmp_path)
    monkeypatch.setattr(benchmarks_main.tree, "home", lambda root, name, folder: folder.mkdir(exist_ok=True))
    monkeypatch.setattr(benchmarks_main.sys, "executable", "/bin/false")
    assert benchmarks_main.main([NAMES[0], "--out", str(tmp_path)]) == 1
    assert "failed; what was measured before stays" in capsys.readouterr().err
    assert [section.facts for section in kept(tmp_path)] == [{"date": "then"}]
