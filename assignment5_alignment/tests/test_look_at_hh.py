"""Comparisons out of dialogues: one turn each, the same instruction, from the files that are meant."""

import pytest

from assignment5_alignment.tests.dialogues import SOURCES, check_loaded, dialogue, kept, packed, pair


def test_every_file_in_its_order(drivers, check):
    texts = {source: [(f"Ask {source} {n}", f"Good {n}", f"Poor {n}") for n in range(3)] for source in SOURCES}
    files = {f"{source}.jsonl.gz": packed([pair(*line) for line in texts[source]]) for source in reversed(SOURCES)}
    expected = [kept(source, *line) for source in SOURCES for line in texts[source]]
    check_loaded(check, drivers, files, expected)


def test_dialogues_of_several_turns_are_left_out(drivers, check):
    several = dialogue("How are you?", "Fine.", "And today?", "Fine, too.")
    longer = {"chosen": several, "rejected": several + "!"}
    one_of_two = {"chosen": dialogue("How are you?", "Fine."), "rejected": several}
    other_way = {"chosen": several, "rejected": dialogue("How are you?", "Fine.")}
    files = {"helpful-base.jsonl.gz": packed([longer, pair("A", "B", "C"), one_of_two, other_way, pair("D", "E", "F")])}
    expected = [kept("helpful-base", "A", "B", "C"), kept("helpful-base", "D", "E", "F")]
    check_loaded(check, drivers, files, expected)


def test_white_space_around_the_texts_goes_and_within_them_stays(drivers, check):
    line = {
        "chosen": "\n\nHuman: \n Two  lines,\n\nplease \n\nAssistant:  One.\n\nTwo. \n",
        "rejected": "\n\nHuman: \n Two  lines,\n\nplease \n\nAssistant: None\n",
    }
    expected = [kept("helpful-online", "Two  lines,\n\nplease", "One.\n\nTwo.", "None")]
    check_loaded(check, drivers, {"helpful-online.jsonl.gz": packed([line])}, expected)


def test_texts_may_speak_of_humans_and_assistants(drivers, check):
    """Only an empty line, the word and a colon begin a turn."""
    instruction = "Explain: 'Human: hi' and\nAssistant: hello, as in\nHuman: one line"
    chosen, rejected = "\n\nHuman beings speak, Assistant: said one.", "The Human: and the\nAssistant: are words."
    expected = [kept("harmless-base", instruction, chosen.strip(), rejected)]
    check_loaded(check, drivers, {"harmless-base.jsonl.gz": packed([pair(instruction, chosen, rejected)])}, expected)


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_what_is_empty_is_left_out(drivers, check, blank):
    lines = [pair("A", blank, "C"), pair("A", "B", blank), pair(blank, "B", "C"), pair("A", "B", "C")]
    check_loaded(check, drivers, {"helpful-base.jsonl.gz": packed(lines)}, [kept("helpful-base", "A", "B", "C")])


def test_other_instructions_are_no_comparison(drivers, check):
    line = {"chosen": dialogue("Add 2 and 3.", "5"), "rejected": dialogue("Add 2 and 4.", "5")}
    files = {"helpful-base.jsonl.gz": packed([line, pair("A", "B", "C")])}
    check_loaded(check, drivers, files, [kept("helpful-base", "A", "B", "C")])


def test_other_files_are_not_read(drivers, check):
    files = {
        "helpful-base.jsonl.gz": packed([pair("A", "B", "C")]),
        "helpful-base-test.jsonl.gz": packed([pair("not", "this", "one")]),
        "red-team-attempts.jsonl.gz": packed([pair("nor", "this", "one")]),
        "helpful-online.txt": b"nor this",
        "old/harmless-base.jsonl.gz": packed([pair("nor", "this", "one")]),
    }
    check_loaded(check, drivers, files, [kept("helpful-base", "A", "B", "C")])
