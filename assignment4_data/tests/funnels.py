"""What a run of the filter pipeline must leave: checks of what the driver `filter_pipeline` brought back."""

from assignment4_data.tests.fates import KEPT, STAGES, Page, write_wet

WHO = "run_filter_pipeline"


def run(drivers, folder, files: dict[str, list[Page]], order=None, older=None):
    """The pipeline over WET files of these pages, by default in the order of the dict."""
    wets = {name: write_wet(folder, name, pages) for name, pages in files.items()}
    return drivers.filter_pipeline(wets, list(files) if order is None else order, older or {})


def counts_of(check, result) -> dict[str, tuple[int, int]]:
    """(in, out) of every stage, in order, each a number of documents."""
    pairs = result["counts"]
    check.that(
        isinstance(pairs, list)
        and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs)
        and [name for name, _ in pairs] == list(STAGES),
        f"{WHO} returned other keys than {', '.join(STAGES)}, in this order",
    )
    for name, value in pairs:
        good = isinstance(value, dict) and sorted(map(str, value)) == ["in", "out"]
        good = good and all(type(number) is int and number >= 0 for number in value.values())
        check.that(good, f'{WHO} returned for {name} something else than {{"in": n, "out": m}} with whole numbers')
    return {name: (value["in"], value["out"]) for name, value in pairs}


def check_counts(check, result, pages: list[Page]) -> None:
    """Every stage has seen what the one before it let through, and dropped what it should."""
    counts = counts_of(check, result)
    left = len(pages)
    for name in STAGES:
        check.that(
            counts[name][0] == left,
            f"{WHO}: {counts[name][0]} documents come into {name}; expected {left}, "
            + ("one a conversion record" if name == STAGES[0] else "as many as the stage before let through"),
        )
        left -= sum(page.fate == name for page in pages)
        check.that(counts[name][1] == left, f"{WHO}: {counts[name][1]} documents come out of {name}; expected {left}")


def kept_in(check, result, name: str) -> list[tuple[str, str]]:
    """(URI, text) of every line of the file that was written for the WET file `name`."""
    content = result["files"][f"{name}.jsonl"]
    check.short(content, who=f"{name}.jsonl of {WHO}")
    try:
        lines = content.decode("utf-8").split("\n")
    except ValueError:
        check.that(False, f"{WHO}: {name}.jsonl is not UTF-8; expected UTF-8")
    found = [check.json(line, who=f"a line of {name}.jsonl of {WHO}") for line in lines[:-1]]
    check.that(lines[-1] == "", f"{WHO}: {name}.jsonl does not end with a newline; expected one after every document")
    good = all(isinstance(each, dict) and sorted(each) == ["text", "uri"] for each in found)
    check.that(
        good and all(type(value) is str for each in found for value in each.values()),
        f'{WHO}: {name}.jsonl holds other lines than {{"uri": …, "text": …}}',
    )
    return [(each["uri"], each["text"]) for each in found]


def check_files(check, result, files: dict[str, list[Page]]) -> None:
    """One file for each WET file, with the documents that are kept of it, in order; nothing elsewhere."""
    check.that(
        result["elsewhere"] == [],
        f"{WHO} changed or wrote files outside its output folder, or left them beside it; expected none",
    )
    check.that(
        isinstance(result["files"], dict)
        and set(result["files"]) == {f"{name}.jsonl" for name in files}
        and all(type(content) is bytes for content in result["files"].values()),
        f"{WHO} left other files in its output folder than one <name>.jsonl for each WET file",
    )
    for name, pages in files.items():
        found = kept_in(check, result, name)
        expected = [page for page in pages if page.fate == KEPT]
        fates = {page.uri: page.fate for page in pages}
        wrong = [
            fates.get(uri, "no stage: it is in another file, or in none") for uri, _ in found if fates.get(uri) != KEPT
        ]
        check.that(
            not wrong, f"{WHO} kept {len(wrong)} documents that it should not; the first ought to end at {wrong[:1]}"
        )
        check.that(
            len(found) == len(expected), f"{WHO} kept {len(found)} documents of {name}; expected {len(expected)}"
        )
        for (uri, text), page in zip(found, expected, strict=True):
            check.that(uri == page.uri, f"{WHO} wrote documents in another order than that of the WET file")
            check.that(
                text == page.written,
                f"{WHO} wrote a document with another text than the page cleaned by the C4 rules and masked",
            )


def check_all(check, result, files: dict[str, list[Page]]) -> None:
    """Counts and files."""
    check_counts(check, result, [page for pages in files.values() for page in pages])
    check_files(check, result, files)
