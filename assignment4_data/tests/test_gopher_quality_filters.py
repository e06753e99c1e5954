"""Gopher's rules, each at its border and one step beyond, with all the others well kept."""

import pytest

from assignment4_data.tests.prose import lines, number, with_numbers, word, words

beyond = pytest.mark.beyond_public_course
WHO = "run_gopher_quality_filter"


def check_rule(adapters, check, text, passes, hint):
    check.equal(adapters.run_gopher_quality_filter(text), passes, who=WHO, hint=hint)


@pytest.mark.parametrize("text", ["", " ", "\n\n \t\n"], ids=["nothing", "a_space", "white_space"])
def test_a_text_without_words_fails(adapters, check, text):
    check_rule(adapters, check, text, False, "there are no words")


@pytest.mark.parametrize(("count", "passes"), [(49, False), (50, True), (51, True), (1000, True)])
def test_fifty_words_at_least(adapters, check, draw, count, passes):
    check_rule(adapters, check, " ".join(words(draw, count, 5 * count)), passes, f"there are {count} words")


@pytest.mark.parametrize(("count", "passes"), [(100_000, True), (100_001, False)])
def test_a_hundred_thousand_words_at_most(adapters, check, count, passes):
    check_rule(
        adapters, check, "heron brook " * (count // 2) + "sedge" * (count % 2), passes, f"there are {count} words"
    )


@pytest.mark.parametrize("count", [50, 100, 333])
@pytest.mark.parametrize(("mean", "more", "passes"), [(3, -1, False), (3, 0, True), (10, 0, True), (10, 1, False)])
def test_mean_lengths_from_three_to_ten(adapters, check, draw, count, mean, more, passes):
    text = " ".join(words(draw, count, mean * count + more))
    check_rule(adapters, check, text, passes, f"{count} words have {mean * count + more} letters")


def test_it_is_the_mean_that_counts(adapters, check, draw):
    shuffled = draw.permutation(100).tolist()
    many_short = [word(draw, 2 if place < 60 else 9) for place in shuffled]
    check_rule(adapters, check, " ".join(many_short), True, "the mean length is 4.8, the median 2")
    few_long = [word(draw, 5 if place < 60 else 20) for place in shuffled]
    check_rule(adapters, check, " ".join(few_long), False, "the mean length is 11, the median 5")


def test_lengths_are_in_characters(adapters, check):
    check_rule(adapters, check, "überöäßé " * 60, True, "the words have 8 characters, which take more bytes")


@pytest.mark.beyond_public_course
def test_letters_are_those_of_any_script(adapters, check):
    check_rule(adapters, check, "ёжик гулял " * 30, True, "the words are Cyrillic, 4.5 characters in the mean")


@pytest.mark.beyond_public_course
def test_marks_belong_to_their_word(adapters, check):
    check_rule(adapters, check, "go, " * 60, True, "all words are 'go,', which has three characters")
    check_rule(adapters, check, "abcdefghij! " * 60, False, "all words are 'abcdefghij!', which has eleven characters")


@pytest.mark.parametrize("count", [10, 20, 40])
@pytest.mark.parametrize(("more", "passes"), [(0, True), (1, False)])
def test_three_lines_in_ten_may_end_in_an_ellipsis(adapters, check, draw, count, more, passes):
    text = "\n".join(lines(draw, count, 3 * count // 10 + more))
    hint = f"{3 * count // 10 + more} of {count} lines end in an ellipsis, the others have one amid the line"
    check_rule(adapters, check, text, passes, hint)


def test_an_ellipsis_amid_a_line_does_not_count(adapters, check, draw):
    check_rule(adapters, check, "\n".join(lines(draw, 10, 0)), True, "every line has an ellipsis, none at its end")
    one_line = " ".join([*lines(draw, 10, 9), *words(draw, 5, 25)])
    check_rule(adapters, check, one_line, True, "all is one line, with ellipses amid it")


@pytest.mark.beyond_public_course
def test_the_character_of_three_dots_is_an_ellipsis(adapters, check, draw):
    check_rule(adapters, check, "\n".join(lines(draw, 10, 3, "…")), True, "3 of 10 lines end in '…'")
    check_rule(adapters, check, "\n".join(lines(draw, 10, 4, "…")), False, "4 of 10 lines end in '…'")
    mixed = lines(draw, 10, 2, "…") + lines(draw, 10, 5, "...")
    check_rule(adapters, check, "\n".join(mixed), False, "7 of 20 lines end in '…' or '...'")


@pytest.mark.beyond_public_course
def test_lines_without_text_are_none(adapters, check, draw):
    text = "\n\n \n".join(lines(draw, 10, 4)) + "\n\n\n"
    check_rule(adapters, check, text, False, "4 of 10 lines end in an ellipsis; there are empty lines between")
    text = "   \n".join(lines(draw, 10, 4)) + " "
    check_rule(adapters, check, text, False, "4 of 10 lines end in an ellipsis and white space")


@pytest.mark.parametrize(
    ("count", "alphabetic", "passes"),
    [(100, 80, True), (100, 79, False), (70, 56, True), (70, 55, False), (500, 400, True), (500, 399, False)],
)
def test_four_words_in_five_have_a_letter(adapters, check, draw, count, alphabetic, passes):
    text = " ".join(with_numbers(draw, count, alphabetic))
    check_rule(adapters, check, text, passes, f"{alphabetic} of {count} words have a letter")


@pytest.mark.parametrize(
    "mixed", ["123abc", "abc123", *(pytest.param(mixed, marks=beyond) for mixed in ("é1234", "12ж34"))]
)
def test_one_letter_is_enough(adapters, check, draw, mixed):
    found = [number(draw, 5) for _ in range(20)] + [mixed if place % 2 else word(draw, 5) for place in range(80)]
    check_rule(adapters, check, " ".join(found), True, f"of 100 words 20 have no letter, and 40 are {mixed!r}")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("mixed", ["2nd,1", "(x)", "don't", "第123"])
def test_one_letter_amid_marks_is_enough(adapters, check, draw, mixed):
    found = [number(draw, 5) for _ in range(20)] + [mixed if place % 2 else word(draw, 5) for place in range(80)]
    check_rule(adapters, check, " ".join(found), True, f"of 100 words 20 have no letter, and 40 are {mixed!r}")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("marks", ["--", "12%", "_", "1/2", "★★★★★"])
def test_marks_are_no_letters(adapters, check, draw, marks):
    found = [word(draw, 5) for _ in range(79)] + [marks] * 21
    check_rule(adapters, check, " ".join(found), False, f"of 100 words 21 are {marks!r}, the others have letters")


def test_every_rule_must_hold(adapters, check, draw):
    fine = " ".join(words(draw, 60, 300))
    check_rule(adapters, check, fine, True, "every rule holds")
    check_rule(adapters, check, fine + " 1234" * 16, False, "only one rule is broken: 60 of 76 words have a letter")
    check_rule(adapters, check, fine + "a" * 301, False, "only one rule is broken: the mean length is above 10")
    check_rule(
        adapters, check, fine + "\nbut\nthen...", False, "only one rule is broken: 1 of 3 lines ends in an ellipsis"
    )
