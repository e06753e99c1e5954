"""What every student was given: stubs, adapters, drivers, and the code blocks of the handout. It counts for nobody."""

import re

from grader import overlay
from grader.assignment import Assignment
from grader.overlay import HANDOUT, TESTS
from grader.similarity.opened import text

BLOCK = re.compile(r"^(?P<fence>```+|~~~+)[ \t]*(?:python|py|pycon)\b[^\n]*\n(?P<code>.*?)^(?P=fence)", re.M | re.S)
PROMPT = re.compile(r"^(?:>>>|\.\.\.) ?", re.M)


def released(assignment: Assignment) -> list[tuple[str, str]]:
    """Names and texts of the released code of `assignment`, its tests left out."""
    found = []
    for path, source in overlay.files(assignment.folder).items():
        if path == HANDOUT:
            found += [
                (f"{path} block {number}.py", PROMPT.sub("", match["code"]))
                for number, match in enumerate(BLOCK.finditer(text(source)), 1)
            ]
        elif path.suffix == ".py" and not path.is_relative_to(TESTS):
            found.append((str(path), text(source)))
    return found
