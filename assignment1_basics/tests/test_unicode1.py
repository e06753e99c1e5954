"""Characters and code points: the null character, what is echoed, what is printed."""

import unicodedata

TEXTS = (
    "",
    "\x00",
    "this is a test\x00string",
    "it's",
    'it\'s a "quote"',
    "one\r\ntwo\n",
    "C:\\new\\table",
    "façade e\u0301",
    "🦊 👩‍👩‍👧",
    "𝔘𐍈\U0010ffff",
)


def test_the_null_character_has_the_code_point_zero(adapters, check):
    found = adapters.run_null_character()
    check.that(
        [ord(character) for character in found] == [0],
        f"run_null_character returned {len(found)} characters that are not the null character; expected it alone",
    )


def test_the_interpreter_echoes_the_representation(adapters, check):
    for text in TEXTS:
        check.equal(adapters.run_echoed(text), repr(text), who="run_echoed", hint=f"The text was {text!a}")


def test_the_interpreter_echoes_random_text_so_that_it_can_be_read_back(adapters, check, draw):
    text = draw.text(60)
    check.equal(adapters.run_echoed(text), repr(text), who="run_echoed")


def test_print_writes_every_character_as_it_is(adapters, check):
    for text in TEXTS:
        check.equal(adapters.run_printed(text), text + "\n", who="run_printed", hint=f"The text was {text!a}")


def test_print_writes_random_text_as_it_is(adapters, check, draw):
    text = draw.text(60)
    check.equal(adapters.run_printed(text), text + "\n", who="run_printed")


def test_every_character_is_one_code_point(adapters, check):
    for text in TEXTS:
        points = [ord(character) for character in text]
        check.equal(adapters.run_code_points(text), points, who="run_code_points", hint=f"The text was {text!a}")


def test_code_points_of_random_characters(adapters, check, draw):
    numbers = [draw.integer(0, 0xD800) for _ in range(10)] + [draw.integer(0xE000, 0x110000) for _ in range(10)]
    check.equal(adapters.run_code_points("".join(map(chr, numbers))), numbers, who="run_code_points")


def test_a_letter_and_its_accent_may_be_two_code_points(adapters, check):
    for form, count in (("NFC", 1), ("NFD", 2)):
        found = adapters.run_code_points(unicodedata.normalize(form, "é"))
        check.that(len(found) == count, f"run_code_points returned {len(found)} for {form} é; expected {count}")
