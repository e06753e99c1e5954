"""Corpora of lines, what is left of them, and what a folder holds that was asked for."""

from collections import Counter
from io import BytesIO

WHO = "run_exact_line_deduplication"


def left(files):
    """The outputs by name: every line that is there once, with its end. Written for clarity, not for large corpora."""
    counts = Counter(said(line) for content in files.values() for line in split(content))
    return {
        name.rpartition("/")[2]: b"".join(line for line in split(content) if counts[said(line)] == 1)
        for name, content in files.items()
    }


def split(content):
    """Lines with their ends; only a line feed ends one."""
    return list(BytesIO(content))


def said(line):
    """The line without its end."""
    if not line.endswith(b"\n"):
        return line
    return line[:-2] if line.endswith(b"\r\n") else line[:-1]


def check_left(check, drivers, files, hint="", output_exists=True):
    """The outputs are what is left, the inputs are as they were, and nothing else lies there."""
    found = drivers.exact_line_deduplication(files, output_exists)
    check.equal(folder(found, "output"), left(files), who=f"{WHO}, the contents of the output folder,", hint=hint)
    elsewhere = {name: content for name, content in found.items() if not name.startswith("output/")}
    check.equal(elsewhere, files, who=f"{WHO}, what lies outside the output folder,", hint="inputs stay as they are")


def folder(found, name):
    """The files in the folder `name`."""
    return {path.removeprefix(f"{name}/"): content for path, content in found.items() if path.startswith(f"{name}/")}


def draw_files(draw, count, lines, choices):
    """Files of lines that are often the same: of `choices` short ones each is drawn with equal chance."""
    files = {}
    for number in range(count):
        picks = draw.integers(0, choices, lines).tolist()
        files[f"pages/{number}.txt"] = "".join(f"line {pick} of the page\n" for pick in picks).encode()
    return files
