"""C4's rules in one pass."""

import re

PAGE = re.compile(r"\{|lorem ipsum", re.IGNORECASE)
LINE = re.compile(
    r"javascript|terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies", re.IGNORECASE
)
MARKER = re.compile(r"\[(\d+|edit|citation needed)\]", re.IGNORECASE)
END = re.compile(r"[.!?][\"'”’)]*(?=\s|$)")
BLOCKED = {"adult-placeholder", "velvet-placeholder", "grumble-word"}


def c4_filter(text):
    """The lines of the page that stay, or None."""
    if PAGE.search(text):
        return None
    kept, sentences = [], 0
    for line in text.split("\n"):
        if any(word.lower().strip("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") in BLOCKED for word in line.split()):
            return None
        line = MARKER.sub("", line).strip()
        ends = [match.end() for match in END.finditer(line)]
        if len(line.split()) < 5 or LINE.search(line) or not ends or ends[-1] != len(line):
            continue
        if re.search(r"\.\.\.[\"'”’)]*$", line):
            continue
        kept.append(line)
        sentences += len(ends)
    return "\n".join(kept) if sentences >= 3 else None
