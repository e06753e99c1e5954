"""Examples of two evaluations, and checks of the files that their judges read."""

ALPACA, SST, FILE = "run_write_alpaca_eval", "run_write_sst", "outputs"

ANSWERS = [
    "Plain.",
    'With "quotes", a \\ and\na new line',
    "Zürich, 東京 and 🙂\u2028 one line on",
    "",
    "  spaces stay  \n",
]


def questions(count):
    """Examples of AlpacaEval, each with an output and a generator of its own."""
    sets = ("helpful_base", "koala", "vicuna")
    return [
        {
            "dataset": sets[n % 3],
            "instruction": f"Question {n}:\nwhat is {n} × 7?",
            "output": f"a reference answer {n}",
            "generator": "a_reference_model",
        }
        for n in range(count)
    ]


def prompts(count):
    """Examples of SimpleSafetyTests, as the rows of its table."""
    return [
        {
            "id": f"row-{n}",
            "harm_area": "an area",
            "counter": n,
            "category": "a category",
            "prompts_final": f'A "prompt" {n} that a model ought to decline — or {{not}}',
        }
        for n in range(count)
    ]


def expected_rows(adapter, examples, outputs, generator):
    """What the file is to hold."""
    if adapter == SST:
        return [{"prompts_final": e["prompts_final"], "output": o} for e, o in zip(examples, outputs, strict=True)]
    return [
        {"instruction": e["instruction"], "output": o, "generator": generator, "dataset": e["dataset"]}
        for e, o in zip(examples, outputs, strict=True)
    ]


def check_written(check, drivers, adapter, examples, outputs, generator, older=None):
    """The file holds exactly the expected rows in its format, and is alone."""
    result = drivers.evaluation_file(adapter, examples, outputs, generator, older)
    check.that(result["refused"] is False, f"{adapter} raised ValueError; expected it to write {len(outputs)} outputs")
    files = result["files"]
    check.that(
        isinstance(files, dict) and list(files) == [FILE] and type(files[FILE]) is bytes,
        f"{adapter} left other files than the one it was asked for, or none",
    )
    expected = expected_rows(adapter, examples, outputs, generator)
    rows = parsed(check, adapter, files[FILE], len(expected))
    for number, (mine, theirs) in enumerate(zip(rows, expected, strict=True)):
        keys = ", ".join(theirs)
        fine = type(mine) is dict and mine.keys() == theirs.keys()
        check.that(fine, f"{adapter}: row {number} is no object of {keys} and nothing else; expected one")
        for key in theirs:
            check.that(mine[key] == theirs[key], f"{adapter}: {key} of row {number} is not what it was to be")
    check.that(result["examples"] == examples, f"{adapter} changed the examples; expected it to leave them as they are")


def parsed(check, adapter, content, count):
    """The rows of a file, which must be the one JSON that its judge reads."""
    check.short(content, who=f"the file of {adapter}")
    try:
        text = content.decode()
    except ValueError:
        check.that(False, f"{adapter} wrote a file that is not UTF-8; expected UTF-8")
    who = f"what {adapter} wrote"
    rows = [check.json(line, who=who) for line in lines(text)] if adapter == SST else check.json(text, who=who)
    form = "one JSON object a line" if adapter == SST else "one JSON array"
    check.that(
        type(rows) is list and len(rows) == count, f"{adapter} wrote no file of {count} rows; expected {form}, in UTF-8"
    )
    return rows


def lines(text):
    """Lines end in newlines, the last one with it or without."""
    return text.removesuffix("\n").split("\n") if text else []


def check_refused(check, drivers, adapter, examples, outputs, older):
    """ValueError, and nothing was written."""
    result = drivers.evaluation_file(adapter, examples, outputs, "a_model", older)
    who = f"{adapter} of {len(examples)} examples and {len(outputs)} outputs"
    check.that(result["refused"] is True, f"{who} wrote; expected ValueError")
    before = {} if older is None else {FILE: older}
    check.that(
        result["files"] == before, f"{who} raised ValueError, but wrote before; expected the folder to be as it was"
    )
