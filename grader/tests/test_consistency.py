"""`grader check`: every disagreement between the places that name a problem is told, in one line that says where."""

import pytest

from grader import consistency


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


PLANTED = {
    "no tests": (lambda c: (c.folder / "tests/test_double.py").unlink(), "problems.double has no tests/test_double.py"),
    "tests of nothing": (
        lambda c: (c.folder / "tests/test_dobule.py").write_text(""),
        "tests/ tests 'dobule', which is no problem in assignment.toml",
    ),
    "hidden tests of nothing": (
        lambda c: (c.hidden_tests / "test_triple.py").write_text(""),
        "staff/hidden_tests tests 'triple', which is no problem",
    ),
    "no heading": (
        lambda c: replace(c.folder / "README.md", "`double`", "double"),
        "README.md has 0 headings with `double`; expected one",
    ),
    "no handout": (lambda c: (c.folder / "README.md").unlink(), "README.md is missing; expected the handout"),
    "an adapter of no problem": (
        lambda c: replace(
            c.folder / "adapters.py",
            "def run_double",
            "def run_halve(x: str) -> str:\n    return x\n\n\ndef run_double",
        ),
        "adapters.py has run_halve, which no problem in assignment.toml lists",
    ),
    "an adapter that is not there": (
        lambda c: replace(c.folder / "adapters.py", "def run_double", "def run_duoble"),
        "problems.double.adapters names run_double, which adapters.py lacks",
    ),
    "a stub of nothing": (
        lambda c: replace(c.folder / "maths.py", '"double:', '"duoble:'),
        "the stub says 'duoble'; expected '<problem>: …' with a problem of assignment.toml",
    ),
    "no stub": (
        lambda c: replace(c.folder / "maths.py", '"double:', '"count:'),
        "no stub raises NotImplementedError('double: …')",
    ),
    "no reference of a stub": (
        lambda c: (c.solution / "maths.py").unlink(),
        "maths.py has no counterpart in staff/solutions/assignment0_tiny",
    ),
    "a reference without adapters": (
        lambda c: (c.solution / "adapters.py").unlink(),
        "adapters.py has no counterpart in staff/solutions/assignment0_tiny",
    ),
    "a reference with other parameters": (
        lambda c: replace(c.solution / "maths.py", "def double(x", "def double(value"),
        "the stub says (x)",
    ),
    "staff's file in the reference": (
        lambda c: (c.solution / "README.md").write_text(""),
        "staff/solutions/assignment0_tiny holds README.md, which is staff's",
    ),
    "a need that is not there": (
        lambda c: replace(c.toml, "title = ", 'needs = ["assignment9_x"]\ntitle = '),
        "needs names 'assignment9_x'",
    ),
    "an extra that is not offered": (
        lambda c: (
            replace(c.toml, "title = ", 'extras = ["scalling"]\ntitle = '),
            (c.root / "pyproject.toml").write_text("[project.optional-dependencies]\nscaling = []\n"),
        ),
        "extras names 'scalling', which pyproject.toml does not offer (did you mean 'scaling'?)",
    ),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_disagreement_is_told(tiny, plant):
    change, said = PLANTED[plant]
    change(tiny)
    assert said in "\n".join(consistency.disagreements(tiny.root, tiny.name))


def test_what_is_given_to_students_whole_needs_no_second_copy_in_the_reference(tiny):
    (tiny.folder / "given.py").write_text("HALF = 0.5\n")
    assert consistency.disagreements(tiny.root, tiny.name) == []


def test_a_problem_that_builds_on_another_may_look_at_the_same_stub(tiny):
    replace(tiny.folder / "maths.py", '"double:', '"count:')
    replace(tiny.toml, "[problems.double]", '[problems.double]\nbuilds_on = ["count"]')
    assert consistency.disagreements(tiny.root, tiny.name) == []
