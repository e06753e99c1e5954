"""The arrows between the grader's modules: no cycle, and no way from the trusted side to a student's file."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter

import pytest

from grader.tests.module_graph import FILES, GRAPH, PACKAGE, imports, reached

FORBIDDEN_ON_THE_TRUSTED_SIDE = {"pickle", "dill", "cloudpickle", "marshal", "shelve"}


def test_the_modules_have_no_cycle():
    # A package's face gathers its parts, and its parts know nothing of it: an edge to the face is one to all of it.
    order = list(TopologicalSorter(GRAPH).static_order())
    assert set(order) == set(FILES)


def test_the_worker_knows_only_the_wire_the_guard_and_the_tripwires():
    assert {name for name in reached("grader.worker.loop") if not name.startswith("grader.worker")} == {
        "grader.wire",
        "grader.guard",
        "grader.tripwires",
        "grader.errors",
    }


def test_the_sandbox_knows_nothing_of_tests_or_points():
    assert all(
        name.startswith("grader.sandbox") or name in ("grader.errors", "grader") for name in reached("grader.sandbox")
    )


def test_scoring_is_given_outcomes_and_runs_nothing():
    assert not reached("grader.scoring") & {
        "grader.judge",
        "grader.submission",
        "grader.sandbox",
        "grader.overlay",
    }


@pytest.mark.parametrize("name", sorted(FILES.keys() - {"grader.worker.code"}))
def test_no_module_can_load_code_from_data(name):
    roots = {target.split(".")[0] for target in imports(FILES[name])}
    assert not roots & FORBIDDEN_ON_THE_TRUSTED_SIDE
    attributes = {
        ast.unparse(node) for node in ast.walk(ast.parse(FILES[name].read_text())) if isinstance(node, ast.Attribute)
    }
    assert "torch.load" not in attributes


@pytest.mark.parametrize("name", FILES)
def test_no_module_names_an_assignment(name):
    assert not any(target.startswith("assignment") for target in imports(FILES[name]))


def test_importing_a_students_file_on_the_trusted_side_is_refused(tiny):
    code = (
        "import sys; from pathlib import Path; from grader import assignment, judge\n"
        f"course = assignment.load(Path({str(tiny.root)!r}), {tiny.name!r}); judge.guard_process(course)\n"
        "import assignment0_tiny.maths\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent, check=False
    )
    assert result.returncode == 1
    assert "the trusted process must not import assignment0_tiny.maths" in result.stderr


def test_what_staff_give_beside_the_tests_may_be_imported_on_the_trusted_side(tiny):
    (tiny.folder / "given").mkdir()
    (tiny.folder / "given" / "counts.py").write_text("print('given')\n")
    tiny.toml.write_text('staff = ["given"]\n' + tiny.toml.read_text())
    code = (
        "import sys; from pathlib import Path; from grader import assignment, judge\n"
        f"course = assignment.load(Path({str(tiny.root)!r}), {tiny.name!r}); judge.guard_process(course)\n"
        "import assignment0_tiny.given.counts\n"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=PACKAGE.parent) == "given\n"


@pytest.mark.parametrize("name", ["grader.cli", "grader.batch", "grader.server.app"])
def test_what_only_lists_sends_and_hands_out_does_without_torch(name):
    said = subprocess.run(
        [sys.executable, "-c", f"import sys, {name}; print('torch' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "False\n"
