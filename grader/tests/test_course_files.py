"""`course.toml` and the CSV files beside it: read whole, or one clear error with file and key or line."""

import textwrap
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.course import attempts, load, roster, toml
from grader.course.policy import DEFAULT_HINT, Late, Policy
from grader.errors import ConfigError

WHOLE = """
timezone = "America/Los_Angeles"
roster = "roster.csv"

[late]
unit = "hour"
penalty_percent = 2.5
days = 5
days_per_assignment = 2
grace_minutes = 15
cutoff_days = 7

[attempts]
counts = "best"

[visibility]
hidden_tests = "hint"
[visibility.hints.assignment0_tiny.double]
test_large_values_are_doubled = "Try large values."

[assignments.assignment0_tiny]
due = 2026-10-02T12:00:00
manual_points = "manual.csv"
[assignments.assignment0_tiny.manual.report]
title = "Written report"
points = 10

[[extensions]]
student = "s1"
assignment = "assignment0_tiny"
days = 30
reason = "for staff only"
[[extensions]]
student = "s2"
assignment = "assignment0_tiny"
until = 2026-10-05T12:00:00Z
"""
ROSTER = 'id,name,email,section\ns1,Heron,heron@pond.example,A\ns2,"Ibis, Red",ibis@pond.example,B\ns3,Otter,,\n'
MANUAL = "student,item,points,comment\ns1,report,8.5,clear\n"


@pytest.fixture
def course(tiny_root):
    """Loads the tiny course with a changed course.toml, roster or sheet of manual points."""

    def loaded(toml: str = WHOLE, roster: str | bytes = ROSTER, manual: str | bytes = MANUAL) -> Policy:
        (tiny_root / "course.toml").write_text(toml)
        for name, content in (("roster.csv", roster), ("manual.csv", manual)):
            (tiny_root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(tiny_root)

    return loaded


def changed(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new)


def test_the_whole_file_is_read(course):
    policy = course()
    west = ZoneInfo("America/Los_Angeles")
    assert policy.late == Late("hour", 2.5, 5, 2, 15, 7)
    assert (policy.counts, policy.timezone) == ("best", west)
    rules = policy.assignments["assignment0_tiny"]
    assert (rules.due, rules.points, rules.max_points) == (datetime(2026, 10, 2, 12, tzinfo=west), 5, 15)
    assert rules.manual[0].given == {"s1": 8.5}
    hints = policy.visibility
    assert hints.hint("assignment0_tiny", "double", "test_large_values_are_doubled") == "Try large values."
    assert hints.hint("assignment0_tiny", "double", "test_other") == DEFAULT_HINT
    assert policy.roster.students["s2"].name == "Ibis, Red"


def test_the_example_in_the_manual_is_read(course, tiny_root):
    example = textwrap.dedent(toml.__doc__.partition("::\n")[2])
    for old, new in (
        ("assignment1_basics", "assignment0_tiny"),
        ("rope", "double"),
        ("staff/course/roster", "roster"),
        ("staff/course/manual1", "manual"),
        ("s1042", "s1"),
    ):
        assert old in example
        example = example.replace(old, new)
    policy = course(example)
    assert (policy.late.cutoff_days, policy.counts, len(policy.extensions)) == (7, "best", 1)


def test_an_extension_in_days_keeps_the_hour_when_the_clocks_change(course):
    first, second = course().extensions
    assert f"{first.due:%m-%d %H:%M %z}" == "11-01 12:00 -0800"
    assert second.due - course().assignments["assignment0_tiny"].due == timedelta(days=2, hours=17)


def test_without_the_file_nothing_is_late(tiny_root):
    policy = load(tiny_root)
    assert policy == Policy(assignments=policy.assignments)
    assert policy.assignments["assignment0_tiny"].due is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[late]", "[laet]", "unknown key 'laet' (did you mean 'late'?)"),
        ("penalty_percent", "penalty_percents", "unknown key 'late.penalty_percents' (did you mean 'penalty_percent'?)"),
        ("penalty_percent = 2.5", "penalty_percent = -1", "late.penalty_percent is -1; expected a number from 0 to 100"),
        ("penalty_percent = 2.5", "penalty_percent = nan", "late.penalty_percent is nan; expected a number from 0 to"),
        ("penalty_percent = 2.5", "penalty_percent = true", "late.penalty_percent is True; expected a number"),
        ("days = 5", "days = 2.5", "late.days is 2.5; expected a whole number from 0 to 1000"),
        ('unit = "hour"', 'unit = "huor"', "late.unit is 'huor'; expected one of day, hour (did you mean 'hour'?)"),
        ('counts = "best"', 'counts = "worst"', "attempts.counts is 'worst'; expected one of best, last"),
        ("America/Los_Angeles", "America/Gotham", "timezone is 'America/Gotham'; expected a name of the IANA"),
        ("America/Los_Angeles", "../../etc/passwd", "timezone is '../../etc/passwd'; expected a name of the IANA"),
        ("[assignments.assignment0_tiny]", "[assignments.assignment0_tinny]", "(did you mean 'assignment0_tiny'?)"),
        ("due = 2026-10-02T12:00:00", "due = 2026-10-02", "assignments.assignment0_tiny.due is datetime.date"),
        ("due = 2026-10-02T12:00:00", "due = 'soon'", "expected a date with time, as in 2026-10-02T12:00:00"),
        ("due = 2026-10-02T12:00:00\n", "", "give assignments.assignment0_tiny.due first"),
        ("points = 10", "points = 0", "assignment0_tiny.manual.report.points is 0; expected a number above 0"),
        ("points = 10\n", "", "'assignments.assignment0_tiny.manual.report.points' is missing"),
        ("tiny.double]", "tiny.dubble]", "unknown key 'visibility.hints.assignment0_tiny.dubble' (did you mean 'double'?)"),
        ('"s1"\nassignment', '"s9"\nassignment', "extensions[0].student is 's9'; expected an id of the roster"),
        ("days = 30", "dayz = 30", "unknown key 'extensions[0].dayz' (did you mean 'days'?)"),
        ("days = 30", "days = 30\nuntil = 2026-10-05T12:00:00Z", "expected one of the two"),
        ("days = 30", "days = -3", "extensions[0].days is -3; expected a number from 0 to 1000"),
        ('roster = "roster.csv"', 'roster = "rooster.csv"', "rooster.csv: cannot be read"),
        ("[late]", "[late", "course.toml: not valid TOML"),
    ],
)  # fmt: skip
def test_a_mistake_names_the_file_and_the_key(course, old, new, said):
    with pytest.raises(ConfigError) as error:
        course(changed(old, new))
    assert said in str(error.value)
    assert ".toml" in str(error.value) or ".csv" in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "roster.csv: is empty; expected the columns id, name, email, section"),
        ("id,name,mail,section\n", "line 1: unknown column 'mail' (did you mean 'email'?)"),
        ("id,name,section\n", "line 1: the column 'email' is missing"),
        ("id,name,email,section,id\n", "line 1: the column 'id' is there twice"),
        (ROSTER + "S1,Crane,,\n", "line 5: id 'S1' stands in line 2 already"),
        (ROSTER + "s4,Crane,Heron@pond.example,\n", "line 5: email 'Heron@pond.example' stands in line 2 already"),
        (ROSTER + ",Crane,,\n", "line 5: id is ''; expected a text that is not empty"),
        (ROSTER + "s4,Crane,crane,\n", "line 5: email is 'crane'; expected an address with '@'"),
        (ROSTER + "s4,Crane\n", "line 5: has 2 cells; expected 4"),
        (ROSTER + "\ns4,Crane,,\n", "line 5: is blank; expected a row, or the end of the file"),
        (ROSTER + '"s4,Crane,,\n', "line 5: not valid CSV"),
        (ROSTER + '"s4\n",Crane,,\n"s\t5",Crane,,\n', "line 7: holds an invisible or control character (U+0009)"),
        (ROSTER.encode() + b"s4,Cr\xe4ne,,\n", "line 5: not UTF-8; expected a file saved as 'CSV UTF-8'"),
        (ROSTER.encode("utf-16"), "line 1: is UTF-16; expected a file saved as 'CSV UTF-8'"),
        (ROSTER + "s4,Cr\0ne,,\n", "line 5: "),
        (ROSTER + "\ufeffs4,Crane,,\n", "line 5: holds a byte order mark (U+FEFF)"),
        (ROSTER + "s4,Cra\u202ene,,\n", "line 5: holds an invisible or control character (U+202E)"),
    ],
)
def test_a_mistake_in_the_roster_names_the_line(course, content, said):
    with pytest.raises(ConfigError, match=r"roster\.csv") as error:
        course(roster=content)
    assert said in str(error.value)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_a_spreadsheet_writes_is_read(course, end):
    content = ("\ufeff" + ROSTER + "\n\n").replace("\n", end)
    assert list(course(roster=content).roster.students) == ["s1", "s2", "s3"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_roster_or_one_clear_error(tmp_path, content):
    path = tmp_path / "roster.csv"
    for head in (b"", b"id,name,email,section\n"):
        path.write_bytes(head + content)
        try:
            roster.read(path)
        except ConfigError as error:
            assert str(path) in str(error)  # noqa: PT017 any other exception fails the test


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("s1,rapport,1\n", "line 2: item is 'rapport'; expected a manual item of this assignment (did you mean 'report'?)"),
        ("s9,report,1\n", "line 2: student is 's9'; expected an id of the roster"),
        ("s1,report,11\n", "line 2: points is '11'; expected a number from 0 to 10"),
        ("s1,report,nan\n", "line 2: points is 'nan'; expected a number from 0 to 10"),
        ("s1,report,1_0\n", "line 2: points is '1_0'; expected a number"),
        ("s1,report,\n", "line 2: points is ''; expected a number"),
        ("s1,report,1\ns1,report,2\n", "line 3: the pair of student and item 's1, report' stands in line 2 already"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_manual_points_names_the_line(course, rows, said):
    with pytest.raises(ConfigError, match=r"manual\.csv") as error:
        course(manual="student,item,points\n" + rows)
    assert said in str(error.value)


def test_a_name_is_found_by_id_or_address_as_a_report_spells_it(course):
    students = course().roster
    for name in ("s1", "S1", "heron@pond.example", "heron_pond.example"):
        assert students.find(name).id == "s1"
    assert students.find("heron") is None
    assert students.find("s1-2") is None


def test_a_name_that_fits_two_students_fits_none(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("id,name,email,section\na b,X,,\na_b,Y,,\n")
    assert roster.read(path).find("a_b") is None


def test_times_of_hand_ins_are_read_with_the_courses_time_zone(course, tmp_path):
    path = tmp_path / "times.csv"
    path.write_text("submission,student,submitted\nh1,s1,2026-10-02 11:58\nh2,s2,2026-10-02T12:00:00Z\n")
    first, second = attempts.read(path, course())
    assert f"{first.submitted:%H:%M %z} {second.submitted:%H:%M %z}" == "11:58 -0700 12:00 +0000"
    for no_time in ("yesterday", "2026-10-02", "20261002"):
        path.write_text(f"submission,student,submitted\nh1,s1,{no_time}\n")
        with pytest.raises(ConfigError, match=rf"times\.csv, line 2: submitted is '{no_time}'; expected a time"):
            attempts.read(path, course())
