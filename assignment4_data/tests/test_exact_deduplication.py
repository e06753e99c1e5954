"""Lines that occur more than once are gone, all of their copies; what is left has kept its order and its bytes."""

import pytest

from assignment4_data.tests.duplicated_lines import WHO, check_left, draw_files, folder


def test_a_corpus_by_hand(drivers, check):
    files = {
        "a.txt": b"menu\nThe heron waits.\n\nshare this page\n",
        "b.txt": b"menu\nshare this page\n",
        "c.txt": b"Rain is expected.\nmenu\n\nIt came late.\n",
    }
    found = drivers.exact_line_deduplication(files, True)
    expected = {"a.txt": b"The heron waits.\n", "b.txt": b"", "c.txt": b"Rain is expected.\nIt came late.\n"}
    check.equal(
        folder(found, "output"), expected, who=f"{WHO}, the contents of the output folder,",
        hint="a line that is there more than once goes, every copy of it, empty lines too; every file has its output",
    )  # fmt: skip


def test_two_copies_in_one_file_are_two(drivers, check):
    files = {"a.txt": b"up\nA page.\nup\n", "b.txt": b"Another page.\n"}
    check_left(check, drivers, files, hint="what counts are lines, not files that have the line")


@pytest.mark.parametrize("copies", [2, 3, 4])
def test_no_copy_is_kept_however_many_there_are(drivers, check, copies):
    files = {f"{n}.txt": f"page {n}\nmenu\nthe end of {n}\n".encode() for n in range(copies)}
    check_left(check, drivers, files, hint="of a line that is there more than once no copy stays")


@pytest.mark.parametrize("choices", [40, 150, 1500])
def test_random_corpora(drivers, check, draw, choices):
    check_left(check, drivers, draw_files(draw, 6, 60, choices), hint="of a repeated line no copy stays, others all do")


def test_lines_that_differ_in_space_or_case_are_not_the_same(drivers, check):
    lines = ["menu", "Menu", "MENU", " menu", "menu ", "menu\t", "\tmenu", "me nu", "me  nu", "menu.", ""]
    files = {"a.txt": "".join(f"{line}\n" for line in lines).encode()}
    check_left(check, drivers, files, hint="lines are compared as they stand")


def test_65000_different_lines_all_stay(drivers, check, draw):
    """Among so many, hashes of 24 bits and fewer call some the same that are not: 127 pairs at 24 bits, on average."""
    numbers = draw.integers(0, 2**62, 65_000).tolist()
    lines = [f"{number:x} herons\n".encode() for number in numbers]
    files = {f"{n}.txt": b"".join(lines[n::4]) for n in range(4)}
    files["4.txt"] = lines[0] + b"one more\n" + lines[3]
    check_left(check, drivers, files, hint="a hash of few bits takes lines for the same that are not")


@pytest.mark.beyond_public_course
def test_the_last_line_may_lack_its_end(drivers, check):
    files = {"a.txt": b"one\ntwo", "b.txt": b"three\nfour\n", "c.txt": b"five"}
    check_left(check, drivers, files, hint="a last line without a line feed stays without one")


def test_empty_files_have_an_output_too(drivers, check):
    check_left(check, drivers, {"empty.txt": b"", "a.txt": b"one\n", "b.txt": b"two\ntwo\n"}, hint="")


@pytest.mark.parametrize("name", ["ünï.v2.text", pytest.param("ünï.tar.gz", marks=pytest.mark.beyond_public_course)])
def test_names_are_kept(drivers, check, name):
    files = {"in/one two.txt": b"1\n", "other/no_ending": b"2\n", "in/deep/.hidden": b"3\n", f"in/{name}": b"4\n"}
    check_left(check, drivers, files, hint="an output has the name of its input")


@pytest.mark.beyond_public_course
def test_the_end_of_a_line_is_no_part_of_it(drivers, check):
    files = {"unix.txt": b"menu\nA page.\nfooter", "windows.txt": b"menu\r\nAnother page.\r\nfooter\r\n"}
    check_left(check, drivers, files, hint="ends may differ: line feed, carriage return and line feed, none at the end")


@pytest.mark.beyond_public_course
def test_ends_of_lines_stay_what_they_are(drivers, check):
    files = {"a.txt": b"one\r\ntwo\nthree\r\n\r\nfour", "b.txt": b"five\r\nsix\r\n"}
    check_left(check, drivers, files, hint="what is written has the bytes of what was read")


@pytest.mark.beyond_public_course
def test_the_output_folder_is_made(drivers, check):
    check_left(check, drivers, {"a.txt": b"one\n"}, output_exists=False)


@pytest.mark.beyond_public_course
def test_files_of_the_same_name_are_refused(drivers, check):
    files = {"monday/page.txt": b"one\n", "tuesday/page.txt": b"two\n"}
    check.rejects(drivers.exact_line_deduplication, files, True, who=f"{WHO} of two files named page.txt")
