"""Tests of `count`."""


def test_counting_starts_at_one(drivers, check):
    check.equal(drivers.count_to(3), [1, 2, 3], who="Counter.next")


def test_a_fixture_can_be_read(adapters, check, fixture_path):
    check.equal(adapters.run_read(fixture_path("word.txt")), "heron\n", who="run_read")


def test_a_scratch_file_can_be_read(adapters, check, draw, scratch_text):
    text = str(draw.integer(0, 10**9))
    check.equal(adapters.run_read(scratch_text(text)), text, who="run_read")
