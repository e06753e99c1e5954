"""More lines than hashes of 32 bits can tell apart, and bytes that are no text."""

import pytest

from assignment4_data.tests.duplicated_lines import check_left, draw_files


def test_400000_different_lines_all_stay(drivers, check, draw):
    """Among so many, a hash of 32 bits has 18.6 collisions on average: none at all once in 120 million times."""
    numbers = draw.integers(0, 2**62, 400_000).tolist()
    files = {f"{part}.txt": "".join(f"{n:x}\n" for n in numbers[part::3]).encode() for part in range(3)}
    check_left(check, drivers, files, hint="a hash of few bits takes lines for the same that are not")


@pytest.mark.parametrize("files", [2, 13])
def test_other_random_corpora(drivers, check, draw, files):
    check_left(
        check, drivers, draw_files(draw, files, 200, 700), hint="of a repeated line no copy stays, others all do"
    )


@pytest.mark.beyond_public_course
def test_a_repeated_last_line_leaves_the_end_before_it(drivers, check):
    files = {"a.txt": b"one\nagain\n", "b.txt": b"two\nagain\nthree", "c.txt": b"again\nfour\n"}
    check_left(check, drivers, files, hint="lines that stay keep their own ends")


def test_a_file_of_one_repeated_line_is_left_empty(drivers, check):
    check_left(check, drivers, {"a.txt": b"again\n" * 50, "b.txt": b"again\n", "c.txt": b""})


def test_one_file_alone(drivers, check):
    check_left(check, drivers, {"only.txt": b"b\na\nb\nc\n"}, hint="two copies in one file are two")


def test_long_lines_that_differ_at_the_end(drivers, check, draw):
    long = bytes(97 + n for n in draw.integers(0, 26, 300_000).tolist())
    files = {"a.txt": long + b"x\n" + long + b"y\n", "b.txt": b"x" + long + b"\n" + long[:-1] + b"\n"}
    check_left(check, drivers, files, hint="lines are compared whole")


@pytest.mark.beyond_public_course
def test_bytes_that_are_no_text(drivers, check, draw):
    lines = [bytes(b for b in draw.integers(0, 256, 30).tolist() if b not in (10, 13)) + b"\n" for _ in range(60)]
    lines += [b"\xff\n", b"\xfe\n", b"\xff\xfe\n", b"caf\xe9\n", b"caf\xc3\xa9\n", b"cafe\xcc\x81\n"]
    check_left(check, drivers, {"a.bin": b"".join(lines), "b.bin": lines[7] + b"\x80\n" + lines[3]}, hint="")


@pytest.mark.beyond_public_course
def test_only_a_line_feed_ends_a_line(drivers, check):
    others = ["\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029", "\r"]
    text = "".join(f"first {n}{end}again\n" for n, end in enumerate(others))
    check_left(check, drivers, {"a.txt": text.encode(), "b.txt": b"once\rmore\n"}, hint="only a line feed ends a line")


@pytest.mark.beyond_public_course
def test_carriage_returns_inside_a_line_and_doubled_ones_stay(drivers, check):
    files = {"a.txt": b"one\r\r\ntwo\rthree\n", "b.txt": b"one\n", "c.txt": b"one\r"}
    check_left(check, drivers, files, hint="one carriage return before a line feed belongs to the line's end")
