"""assignment.toml: what is wrong with it is said with file, key and the nearest valid key."""

import pytest

from grader import assignment as assignments
from grader.errors import ConfigError


def test_the_tiny_assignment_is_read(tiny):
    assert list(tiny.problems) == ["double", "count"]
    assert tiny.max_score == 5
    assert tiny.call_seconds("double") == 3
    assert tiny.problems["count"].adapters == ("get_counter", "run_read")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("points = 2", "pionts = 2", "unknown key 'problems.double.pionts' (did you mean 'points'?)"),
        ("points = 2", "points = '2'", "problems.double.points is '2'; expected a number above 0"),
        ("points = 2", "points = -1", "problems.double.points is -1; expected a number above 0"),
        ("points = 2", "points = true", "problems.double.points is True; expected a number above 0"),
        ("points = 2", "", "'problems.double.points' is missing; expected a number above 0"),
        ("memory_mb = 600", "memory_mb = 0.5", "limits.memory_mb is 0.5; expected a whole number above 0"),
        ("memory_mb = 600", "memroy_mb = 600", "unknown key 'limits.memroy_mb' (did you mean 'memory_mb'?)"),
        ("[problems.double]", "[problems.Double]", "problems.Double is"),
        ("[limits]", "[limts]", "unknown key 'limts' (did you mean 'limits'?)"),
        ('title = "Doubling"', "title = 3", "problems.double.title is 3; expected a text that is not empty"),
        ('adapters = ["run_double"]', "adapters = [1]", "problems.double.adapters is [1]; expected a list of texts"),
        ('write = "maths.py"\nadapters = ["run_double"]', 'write = "maths.py"\nadapters = ["run_double"]\nbuilds_on = ["cuont"]',
         "problems.double.builds_on names 'cuont', which is no problem (did you mean 'count'?)"),
        ("points = 2", "points = ", "not valid TOML"),
        ("[limits]", 'staff = ["given"]\n[limits]', "expected names of folders beside it that are not staff's anyway; 'given' is none"),
        ("[limits]", 'staff = ["tests"]\n[limits]', "'tests' is none"),
        ("[limits]", 'staff = ["../.."]\n[limits]', "'../..' is none"),
    ],
)  # fmt: skip
def test_every_mistake_is_one_clear_error(tiny, old, new, complaint):
    text = tiny.toml.read_text()
    assert old in text
    tiny.toml.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        assignments.load(tiny.root, tiny.name)
    assert str(tiny.toml) in str(caught.value)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value).split("not valid TOML")[0]


def test_an_unknown_assignment_is_named_with_the_nearest(tiny):
    with pytest.raises(
        ConfigError, match=r"unknown assignment 'assignment0_tny' \(did you mean 'assignment0_tiny'\?\)"
    ):
        assignments.load(tiny.root, "assignment0_tny")
