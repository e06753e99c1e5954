"""Golden submissions are read strictly, and made exactly: a base, edits that must fit, files on top."""

import pytest

from grader import golden
from grader.errors import ConfigError
from grader.outcome import Verdict

RIGHT = """
why = "doubles by squaring"
base = "reference"
[[edit]]
file = "maths.py"
find = "x + x"
replace = "x * x"
[expect]
lost = ["double"]
verdicts = { double = "FAIL" }
score = 3
"""


@pytest.fixture
def described(tiny):
    """Writes an expect.toml, and files beside it, and loads the golden submission."""

    def made(toml, name="wrong_doubling", **files):
        folder = tiny.root / "staff" / "submissions" / tiny.name / name
        folder.mkdir(parents=True)
        (folder / "expect.toml").write_text(toml)
        for file, text in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text)
        return golden.load(folder, tiny)

    return made


@pytest.fixture
def complaint(described):
    """What loading says about a wrong expect.toml, after the path."""

    def made(toml):
        with pytest.raises(ConfigError) as caught:
            described(toml)
        path, _, said = str(caught.value).partition("expect.toml: ")
        assert path
        return said

    return made


def test_a_right_description_is_read(described):
    read = described(RIGHT)
    assert (read.name, read.kind, read.base) == ("wrong_doubling", "wrong", "reference")
    assert read.edits == (golden.Edit("maths.py", "x + x", "x * x", 1),)
    assert (read.lost, read.verdicts, read.score) == (("double",), {"double": Verdict.FAIL}, 3.0)


def test_a_star_stands_for_all_problems(described):
    assert described(RIGHT.replace('lost = ["double"]', 'lost = ["*"]')).lost == ("double", "count")


def test_all_are_found_in_order(described, tiny):
    described(RIGHT, "wrong_b")
    described(RIGHT, "correct_a")
    assert [one.name for one in golden.load_all(tiny)] == ["correct_a", "wrong_b"]


def test_an_assignment_may_have_none(tiny):
    assert golden.load_all(tiny) == []


def test_the_reference_is_edited_and_keeps_the_untouched_adapters(described, tiny, tmp_path):
    made = golden.materialise(described(RIGHT), tiny, tmp_path / "made")
    reference = (tiny.solution / "maths.py").read_text()
    assert (made / "maths.py").read_text() == reference.replace("x + x", "x * x")
    assert (made / "adapters.py").read_text() == (tiny.folder / "adapters.py").read_text()
    assert {path.name for path in made.iterdir()} == {"adapters.py", "maths.py"}


def test_stubs_are_the_adapters_alone(described, tiny, tmp_path):
    made = golden.materialise(described('why = "w"\nbase = "stubs"\n[expect]\nlost = []'), tiny, tmp_path / "made")
    assert [path.name for path in made.iterdir()] == ["adapters.py"]


def test_a_stub_may_be_edited(described, tiny, tmp_path):
    stub = (tiny.folder / "maths.py").read_text()
    line = stub.strip().splitlines()[0]
    toml = RIGHT.replace("x + x", line.replace('"', '\\"')).replace("reference", "stubs")
    made = golden.materialise(described(toml), tiny, tmp_path / "made")
    assert (made / "maths.py").read_text() == stub.replace(line, "x * x")


def test_files_lie_on_top_even_those_that_are_staffs_to_own(described, tiny, tmp_path):
    files = {"maths.py": "on top", "tests/conftest.py": "attack", "drivers.py": "attack"}
    made = golden.materialise(described(RIGHT, **files), tiny, tmp_path / "made")
    assert {name: (made / name).read_text() for name in files} == files
    assert not (made / "expect.toml").exists()


@pytest.mark.parametrize(("find", "count", "times"), [("no such text", 1, 0), ("return", 1, 2), ("x + x", 2, 1)])
def test_an_edit_that_does_not_fit_says_how_often_it_does(described, tiny, tmp_path, find, count, times):
    read = described(RIGHT.replace("x + x", find).replace("replace =", f"count = {count}\nreplace ="))
    with pytest.raises(ConfigError, match=rf"maths\.py holds '.*' {times} times; expected {count}"):
        golden.materialise(read, tiny, tmp_path / "made")


def test_an_edit_of_a_file_that_is_nowhere_says_so(described, tiny, tmp_path):
    read = described(RIGHT.replace("maths.py", "nothing.py"))
    with pytest.raises(ConfigError, match=r"nothing\.py is neither in the reference nor a stub"):
        golden.materialise(read, tiny, tmp_path / "made")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("why", "wyh", "unknown key 'wyh' (did you mean 'why'?); valid: why, base, edit, expect"),
        ("lost", "losst", "unknown key 'expect.losst' (did you mean 'lost'?); valid: lost, verdicts, score"),
        ("find =", "fnid =", "unknown key 'edit.fnid' (did you mean 'find'?)"),
        (
            '["double"]',
            '["duoble"]',
            "there is no problem 'duoble' (did you mean 'double'?); expected one of double",
        ),
        ('"FAIL"', '"FIAL"', "there is no verdict 'FIAL' (did you mean 'FAIL'?)"),
        ('"reference"', '"refrence"', "base is 'refrence' (did you mean 'reference'?)"),
        ('why = "doubles by squaring"', "", "'why' is missing"),
        ('lost = ["double"]', "", "'expect.lost' is missing"),
        ("score = 3", "score = true", "expect.score is True; expected int or float"),
        ('"maths.py"', '"../maths.py"', "edit.file is '../maths.py'; expected a student-owned file"),
        ('"maths.py"', '"drivers.py"', "edit.file is 'drivers.py'; expected a student-owned file"),
        ('"x + x"', '""', "edit of maths.py finds nothing"),
        ("[[edit]]", "[[edit]", "not valid TOML"),
    ],
)
def test_a_wrong_description_names_the_key(complaint, old, new, said):
    assert said in complaint(RIGHT.replace(old, new, 1))


def test_a_name_without_a_kind_is_refused(described):
    with pytest.raises(ConfigError, match="expected a name <kind>_<what>, the kind one of correct, partial"):
        described(RIGHT, "bad_doubling")


def test_a_folder_without_a_description_is_refused(tiny, tmp_path):
    (tmp_path / "wrong_x").mkdir()
    with pytest.raises(ConfigError, match=r"expect\.toml: not there"):
        golden.load(tmp_path / "wrong_x", tiny)
