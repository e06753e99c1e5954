"""A Canvas gradebook: one column filled, every other byte kept, nothing invented, nothing guessed."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.course.roster import Roster, Student
from grader.errors import ConfigError
from grader.export import canvas, cells
from grader.export.folder import Handin, Problem
from grader.outcome import Verdict

HEAD = 'Student,ID,SIS User ID,SIS Login ID,Section,Basics (4711),"Systems, and more (4712)",Final Score\r\n'
POSTING = ",,,,,Manual Posting,,\r\n"
POSSIBLE = "    Points Possible,,,,,5.0,100.0,(read only)\r\n"
STUDENTS = (
    '"Heron, Grey",101,s1,heron@pond.example,"A and B",,12,\r\n'
    '"Ibis, ""Red"" ✓",102,s2,ibis@pond.example,A,1.5,,88.20\r\n'
    "Otter,103,,otter,B,EX,,\r\n"
    '"Student, Test",199,,a1b2c3,A,,,\r\n'
)  # fmt: skip
WHOLE = HEAD + POSTING + POSSIBLE + STUDENTS


def handin(name: str, score: float | None = 3.5, max_score: float = 5.0) -> Handin:
    pending = {} if score is not None else {"double": 2.0}
    problem = Problem("double", "Doubling", score, max_score, False, Verdict.PASS, ())
    return Handin(
        "assignment0_tiny", name, "", 1, "bubblewrap", "graded", "", score or 0.0, max_score, score is None, pending,
        (problem,), (), (), 0.0,
    )  # fmt: skip


@pytest.fixture
def fill(tmp_path):
    """Fills a gradebook's column with the scores of hand-ins; also gives the new file's text."""

    def filled(*handins: Handin, column="4711", text: str | bytes = WHOLE, roster=None):
        path = tmp_path / "gradebook.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        result = canvas.fill(path, column, canvas.scores(handins, roster))
        return result, result.content.decode()

    return filled


def test_one_cell_a_student_is_changed_and_nothing_else(fill):
    result, text = fill(handin("s1"), handin("ibis_pond.example", 5))
    changed = WHOLE.replace('"A and B",,12', '"A and B",3.5,12').replace("A,1.5,,88.20", "A,5,,88.20")
    assert text == changed
    assert result.written == {"s1": 3.5, "ibis_pond.example": 5}
    assert result.rows_without_handin == ("Otter",)
    assert (result.without_row, result.left_alone) == ({}, {})


@pytest.mark.parametrize(
    "name", ["101", "s1", "S1", "heron@pond.example", "heron_pond.example", "heron_101_5512_basics"]
)
def test_a_row_is_found_by_each_of_its_names(fill, name):
    assert fill(handin(name))[0].written == {name: 3.5}


def test_a_row_is_found_through_the_roster(fill):
    roster = Roster({"101x": Student("101x", "Grey Heron", "heron@pond.example")})
    assert fill(handin("101x"), roster=roster)[0].written == {"101x": 3.5}


@pytest.mark.parametrize("name", ["heron", "Heron_Grey", "otter2", "x_999_1_basics", "Points Possible", ""])
def test_a_hand_in_without_a_row_is_listed_and_no_row_is_made(fill, name):
    result, text = fill(handin(name))
    assert text == WHOLE
    assert result.without_row == {name: "no row has its name"}


def test_what_is_pending_leaves_its_row_as_it_was(fill):
    result, text = fill(handin("s2", None))
    assert text == WHOLE
    assert result.left_alone == {"s2": "provisional: double pending, an error of the grader"}


def test_an_excused_student_stays_excused(fill):
    result, text = fill(handin("otter"))
    assert text == WHOLE
    assert result.left_alone == {"otter": "the student is excused (EX)"}


def test_canvas_test_student_gets_no_score(fill):
    result, text = fill(handin("199"))
    assert text == WHOLE
    assert result.left_alone == {"199": "the row is Canvas's test student"}


def test_two_hand_ins_of_one_row_are_both_left_alone(fill):
    result, text = fill(handin("s1"), handin("heron_pond.example", 5))
    assert text == WHOLE
    assert result.left_alone == {
        "s1": "the row is also that of heron_pond.example",
        "heron_pond.example": "the row is also that of s1",
    }


def test_a_name_that_two_rows_have_is_left_alone(fill):
    text = WHOLE.replace(",103,,otter", ",103,101,otter")
    result, after = fill(handin("101"), text=text)
    assert after == text
    assert result.without_row == {"101": "2 rows have its name"}


@pytest.mark.parametrize("column", ["Basics (4711)", "4711"])
def test_a_column_is_given_by_title_or_number(fill, column):
    assert fill(handin("s1"), column=column)[0].column == "Basics (4711)"


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("Basic (4711)", WHOLE, "called 'Basic (4711)' (did you mean 'Basics (4711)'?); there are: Basics (4711), Systems"),
        ("Final Score", WHOLE, "no column of an assignment is called 'Final Score'"),
        ("4711", WHOLE.replace("more (4712)", "more (4711)"), "2 columns are called '4711'"),
        ("4711", WHOLE.replace(",5.0,", ",10,"), "'Basics (4711)' has 10 points possible, but s1 was graded out of 5"),
        ("4711", WHOLE.replace("Student,ID", "Name,ID"), "not a Canvas gradebook; expected a head that begins with"),
        ("4711", "", "not a Canvas gradebook"),
        ("4711", WHOLE.replace(",103,,otter", ",103,otter"), "row 6: has 7 cells; expected 8"),
        ("4711", WHOLE + '"Crane', "row 8: a quote is never closed"),
        ("4711", WHOLE.replace('"A and B"', '"A" and B'), "row 4: text after a closing quote"),
        ("4711", WHOLE.encode("latin-1", "replace") + b"\xe4", "not UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_gradebook_or_no_column_is_one_clear_line(fill, column, text, said):
    with pytest.raises(ConfigError, match=r"gradebook\.csv") as error:
        fill(handin("s1"), column=column, text=text)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + POSSIBLE + STUDENTS,
        "\ufeff" + WHOLE,
        WHOLE.replace("\r\n", "\n"),
        WHOLE.replace("Manual Posting", "Muted"),
        WHOLE.removesuffix("\r\n"),
        WHOLE + "\r\n",
    ],
)
def test_every_shape_of_export_is_kept(fill, text):
    result, after = fill(handin("s1"), text=text)
    assert after == text.replace('"A and B",,12', '"A and B",3.5,12')
    assert result.written == {"s1": 3.5}


CELLS = st.text(st.sampled_from('ab1 ,"\n\t;é✓=()'), max_size=6)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    students=st.lists(CELLS, min_size=1, max_size=4),
    ending=st.sampled_from(("\n", "\r\n")),
    quoting=st.sampled_from((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)),
    score=st.floats(0, 5),
)
def test_any_gradebook_differs_in_the_filled_cells_only(fill, students, ending, quoting, score):
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator=ending, quoting=quoting)
    writer.writerow(["Student", "ID", "SIS Login ID", "A, (b) (7)", "Note"])
    writer.writerow(["Points Possible", "", "", "5", ""])
    writer.writerows([[name, f"{n}00", f"login{n}", name, name] for n, name in enumerate(students, start=1)])
    before = file.getvalue()
    result, after = fill(handin("100", score), column="7", text=before)
    old, new = (list(csv.reader(io.StringIO(text, newline=""))) for text in (before, after))
    if "100" in result.written:
        assert float(new[2][3]) == pytest.approx(score, abs=1e-4)
        old[2][3] = new[2][3]
    assert new == old
    assert fill(text=before, column="7")[1] == before


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from('ab,"\r\n '), max_size=30))
def test_cells_are_read_as_python_reads_them(tmp_path, text):
    path = tmp_path / "any.csv"
    path.write_bytes(text.encode())
    try:
        book = cells.read(path)
    except ConfigError:
        return
    ours = [[cell.text for cell in row] for row in book.rows]
    try:
        theirs = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return
    assert [row for row in ours if row != [""]] == [row for row in theirs if row not in ([], [""])]
    assert book.replaced({}) == text.encode()
