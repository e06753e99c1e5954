"""Characters and code points of other texts."""


def test_text_with_null_characters_is_echoed_and_printed(adapters, check, draw):
    for _ in range(5):
        text = "\x00".join(draw.text(draw.integer(0, 12)) for _ in range(4))
        check.equal(adapters.run_echoed(text), repr(text), who="run_echoed")
        check.equal(adapters.run_printed(text), text + "\n", who="run_printed")


def test_quotes_are_echoed_as_the_interpreter_does(adapters, check, draw):
    for _ in range(8):
        text = "".join(draw.choice("'\"\\ab\n\t") for _ in range(draw.integer(1, 9)))
        check.equal(adapters.run_echoed(text), repr(text), who="run_echoed")


def test_code_points_at_the_borders_of_the_planes(adapters, check):
    numbers = [0, 1, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFEFF, 0xFFFF, 0x10000, 0x1FFFF, 0x10FFFF]
    check.equal(adapters.run_code_points("".join(map(chr, numbers))), numbers, who="run_code_points")


def test_the_null_character_is_one_character(adapters, check):
    check.equal(adapters.run_null_character().encode("utf-32-le"), bytes(4), who="run_null_character in UTF-32")
