"""C4's rules: lines that go, markers that go, pages that go."""

import pytest

from assignment4_data.tests.pages import CLEANED, DROPPED, DROPS_PAGE, KEEPS_PAGE, KEPT, THREE, kept_of

WHO = "run_c4_filter"
TOO_FEW = ("A first sentence is here, and it is long.", "A second one is here. ")


def check_page(adapters, check, lines, kept, hint):
    expected = None if kept is None else "\n".join(kept)
    check.equal(adapters.run_c4_filter("\n".join(lines)), expected, who=WHO, hint=hint)


@pytest.mark.parametrize("line", [line for line, _ in KEPT])
def test_lines_of_prose_stay(adapters, check, line):
    check_page(adapters, check, (*THREE, line), (*THREE, line), f"three lines that stay, then {line!r}")


@pytest.mark.parametrize("line", DROPPED)
def test_other_lines_go(adapters, check, line):
    check_page(adapters, check, (THREE[0], line, *THREE[1:]), THREE, f"amid three lines that stay there is {line!r}")


@pytest.mark.parametrize(("line", "cleaned"), [(line, cleaned) for line, cleaned, _ in CLEANED])
def test_markers_and_outer_space_are_taken_out(adapters, check, line, cleaned):
    check_page(adapters, check, (line, *THREE), (cleaned, *THREE), f"three lines that stay, and before them {line!r}")


@pytest.mark.parametrize("line", DROPS_PAGE)
def test_some_lines_cost_the_page(adapters, check, line):
    check_page(adapters, check, (*THREE, line, *THREE), None, f"amid lines that stay there is {line!r}")


@pytest.mark.parametrize("line", KEEPS_PAGE)
def test_some_lines_only_look_as_if_they_did(adapters, check, line):
    check_page(adapters, check, (*THREE, line), (*THREE, line), f"three lines that stay, then {line!r}")


def test_three_sentences_at_least(adapters, check):
    check_page(adapters, check, TOO_FEW, None, "two lines of one sentence each")
    more = (*TOO_FEW, "A third one is here, too.")
    check_page(adapters, check, more, [line.strip() for line in more], "three lines of one sentence each")
    check_page(adapters, check, ["One is here. Two are here."], None, "one line of two sentences")
    check_page(
        adapters, check, ["One. Two are here. Three!"], ["One. Two are here. Three!"], "one line of three sentences"
    )


def test_sentences_of_lines_that_went_do_not_count(adapters, check):
    went = ("One. Two. Three. Four...", "We use cookies. You do. They do.", "No. No. No.", "Yes. Yes. Yes: yes, yes")
    check_page(adapters, check, (*TOO_FEW, *went), None, "two sentences in lines that stay, many in others")


def test_a_sentence_ends_with_a_word(adapters, check):
    page = ["Look at example.com, at 3.14159 and at a.b.c.d, please.", "What?! It came back again"]
    check_page(adapters, check, page, None, "one sentence in a line that stays, with dots amid its words")
    page = ["Look at example.com, at 3.14159, please!!! It is (nearly) there."]
    check_page(adapters, check, page, None, "two sentences, with dots amid words and three marks after one")


def test_a_page_of_nothing(adapters, check):
    check_page(adapters, check, [""], None, "the page is empty")
    check_page(adapters, check, ["", " ", "\t"], None, "the page is white space")
    check_page(adapters, check, DROPPED, None, "no line stays")


def test_order_and_repetitions_stay(adapters, check):
    lines = (THREE[2], THREE[0], THREE[2], THREE[1], THREE[2])
    check_page(adapters, check, lines, lines, "lines occur more than once")


def test_drawn_pages(adapters, check, draw):
    for _ in range(20):
        page, stay, sentences = kept_of(draw, draw.integer(1, 12))
        check_page(adapters, check, page, stay if sentences >= 3 else None, f"the page has {len(page)} lines")
