"""Hidden: many lines, separators of other scripts, dialogues that begin or end otherwise."""

from assignment5_alignment.tests.dialogues import SOURCES, check_loaded, dialogue, kept, packed, pair


def test_many_lines(drivers, check, draw):
    files, expected = {}, []
    for source in SOURCES:
        lines = []
        for number in range(draw.integer(5, 20)):
            texts = [f"{word} {number} {draw.integer(0, 10**6)}" for word in ("ask", "good", "poor")]
            if draw.integer(0, 3):
                lines.append(pair(*texts))
                expected.append(kept(source, *texts))
            else:
                talk = dialogue(texts[0], "yes", "and then?", texts[1])
                lines.append({"chosen": talk, "rejected": talk + "."})
        files[f"{source}.jsonl.gz"] = packed(lines)
    check_loaded(check, drivers, files, expected)


def test_line_separators_of_unicode_end_no_line(drivers, check):
    texts = ("Zürich\u2028東京", "one\u0085two\u2029three", "\x0bfour\x0cfive")
    line = pair(*texts)
    expected = [kept("helpful-base", texts[0], texts[1], texts[2].strip())]
    check_loaded(check, drivers, {"helpful-base.jsonl.gz": packed([line])}, expected)


def test_dialogues_that_are_no_question_and_answer(drivers, check):
    """Two turns of the human, the assistant alone or first, or a text before the first turn."""
    good = dialogue("A", "B")
    others = [
        "\n\nHuman: A\n\nHuman: B\n\nAssistant: C",
        "\n\nAssistant: B",
        "\n\nAssistant: B\n\nHuman: A",
        "\n\nHuman: A",
        "A title\n\nHuman: A\n\nAssistant: B",
        "\n\nHuman: A\n\nAssistant: B\n\nAssistant: C",
        "\n\nHuman: A\n\nAssistant: B\n\nHuman:",
        "",
    ]
    lines = [{"chosen": good, "rejected": other} for other in others]
    lines += [{"chosen": other, "rejected": good} for other in others]
    files = {"helpful-online.jsonl.gz": packed([*lines, pair("A", "B", "C")])}
    check_loaded(check, drivers, files, [kept("helpful-online", "A", "B", "C")])


def test_an_empty_folder_has_no_comparisons(drivers, check):
    check_loaded(check, drivers, {}, [])


def test_equal_comparisons_are_all_kept(drivers, check):
    files = {"harmless-base.jsonl.gz": packed([pair("A", "B", "B"), pair("A", "B", "C"), pair("A", "B", "C")])}
    expected = [kept("harmless-base", "A", "B", last) for last in ("B", "C", "C")]
    check_loaded(check, drivers, files, expected)
