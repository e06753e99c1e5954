"""Gopher's rules on drawn texts: each border and one step beyond, at many sizes."""

from assignment4_data.tests.prose import lines, with_numbers, words

WHO = "run_gopher_quality_filter"


def test_borders_of_mean_length_at_drawn_sizes(adapters, check, draw):
    for _ in range(10):
        count = draw.integer(50, 400)
        for letters, passes in ((3 * count - 1, False), (3 * count, True), (10 * count, True), (10 * count + 1, False)):
            text = draw.choice((" ", "\n", " \t")).join(words(draw, count, letters))
            got = adapters.run_gopher_quality_filter(text)
            check.equal(got, passes, who=WHO, hint=f"{count} words have {letters} letters")


def test_borders_of_ellipses_at_drawn_sizes(adapters, check, draw):
    for _ in range(10):
        count = draw.integer(7, 60)
        most = 3 * count // 10
        for ellipses in (0, most, most + 1, count):
            text = "\n".join(lines(draw, count, ellipses))
            got = adapters.run_gopher_quality_filter(text)
            check.equal(got, ellipses <= most, who=WHO, hint=f"{ellipses} of {count} lines end in an ellipsis")


def test_borders_of_alphabetic_words_at_drawn_sizes(adapters, check, draw):
    for _ in range(10):
        count = 5 * draw.integer(13, 80)  # so that the rule on the number of words passes whichever words it counts
        least = 4 * count // 5
        for alphabetic in (0, least - 1, least, count):
            text = " ".join(with_numbers(draw, count, alphabetic))
            got = adapters.run_gopher_quality_filter(text)
            check.equal(got, alphabetic >= least, who=WHO, hint=f"{alphabetic} of {count} words have a letter")


def test_sizes_far_from_the_borders(adapters, check, draw):
    for count, passes in ((1, False), (20, False), (45, False), (49, False), (55, True), (89, True), (200_000, False)):
        text = " ".join(words(draw, min(count, 500), 5 * min(count, 500)) * max(1, count // 500))
        check.equal(adapters.run_gopher_quality_filter(text), passes, who=WHO, hint=f"there are {count} words")
