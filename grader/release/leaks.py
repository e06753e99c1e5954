"""Looks into every file of a tree for what students must not see.

Four things count: a function body of a reference solution, whatever the names around it and however it is laid out;
three lines in a row of a reference or a hidden test, commented out or not; a text that only a hidden test holds; a
word from a list of secrets (seeds, tokens). What students are given anyway, such as adapters that are the same in the reference, is no
secret. So is, without looking inside, any archive, database, byte code or version control.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader import overlay
from grader.assignment import Assignment

CLOSED = (
    ".zip",
    ".gz",
    ".tgz",
    ".tar",
    ".sqlite",
    ".db",
    ".pyc",
    ".pyo",
    ".so",
    ".pkl",
    ".pt",
    ".orig",
    ".rej",
    ".bundle",
)
VERSION_CONTROL = frozenset((".git", ".hg", ".svn", ".gitmodules"))
ROW = 3  # lines
SHORTEST_LINE, SHORTEST_BODY, SHORTEST_TEXT, SHORTEST_SECRET = 12, 40, 12, 4
MESSAGES = ("who", "hint")
"""Arguments of the comparisons of `grader.testing.check` that only a message holds."""
COMMENT = re.compile(r"(?m)^[ \t]*#[ \t]?")
"""What makes a line of Python a comment: an answer that was only commented out is still there to be read."""
CODE_BLOCK = re.compile(r"^```(?:py|python)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Leak:
    """Something secret in a file of the tree. `line` is 0 where the whole file is meant."""

    file: str
    line: int
    what: str


@dataclass(frozen=True)
class Secrets:
    """What must not be there, each with where it comes from."""

    bodies: Mapping[str, str]
    rows: Mapping[tuple[str, ...], str]
    texts: Mapping[str, str]
    words: Sequence[str]


def scan(
    tree: Path, course: Sequence[Assignment], words: Iterable[str] = (), given: Sequence[Assignment] = ()
) -> list[Leak]:
    """All leaks in `tree`, of the references and hidden tests of `course`, and of the secret `words`.

    The references of `given` are no secret.
    """
    secrets = gather(course, words, given)
    found: list[Leak] = []
    for path in sorted(tree.rglob("*")):
        name = PurePosixPath(path.relative_to(tree).as_posix())
        if path.is_symlink():
            found.append(Leak(str(name), 0, "is a link; expected plain files only"))
        elif path.name in VERSION_CONTROL:
            found.append(Leak(str(name), 0, "is version control, whose history may hold anything"))
        elif path.is_file() and not VERSION_CONTROL.intersection(name.parts):
            if path.suffix in CLOSED:
                found.append(Leak(str(name), 0, f"is a closed file ({path.suffix}); expected what can be read"))
            found += (Leak(str(name), line, what) for line, what in _in_file(path, secrets))
    return found


def gather(course: Sequence[Assignment], words: Iterable[str] = (), given: Sequence[Assignment] = ()) -> Secrets:
    """The secrets of a course: what its references and hidden tests hold and its public files do not."""
    bodies: dict[str, str] = {}
    rows: dict[tuple[str, ...], str] = {}
    texts: dict[str, str] = {}
    open_ = {assignment.name for assignment in given}
    for assignment in course:
        public = overlay.files(assignment.folder)
        for folder in (assignment.hidden_tests, *(() if assignment.name in open_ else (assignment.solution,))):
            for path, source in overlay.files(folder).items():
                same = public.get(path)
                if path.suffix != ".py" or (same is not None and same.read_bytes() == source.read_bytes()):
                    continue
                text = source.read_text(encoding="utf-8")
                where = f"{folder.parent.name}/{folder.name}/{path}"
                bodies |= {body: f"{name} of {where}" for name, _, body in _bodies(text)}
                rows |= {row: where for inside in _function_texts(text) for _, row in _rows(inside)}
                if folder == assignment.hidden_tests:
                    texts |= dict.fromkeys(_texts(text), where)
    shown = [_public(assignment) for assignment in course]
    for known_bodies, known_rows, known_text in shown:
        bodies = {body: where for body, where in bodies.items() if body not in known_bodies}
        rows = {row: where for row, where in rows.items() if row not in known_rows}
        texts = {text: where for text, where in texts.items() if text not in known_text}
    return Secrets(bodies, rows, texts, [word for word in words if len(word) >= SHORTEST_SECRET])


def _public(assignment: Assignment) -> tuple[set[str], set[tuple[str, ...]], str]:
    """What the staff's own public code says, tests and drivers. Stubs, handout and fixtures are looked at, not believed."""
    python = [
        source.read_text(encoding="utf-8")
        for path, source in overlay.files(assignment.folder).items()
        if path.suffix == ".py" and overlay.is_staff_owned(path, assignment.staff_owned)
    ]
    return (
        {body for text in python for _, _, body in _bodies(text)},
        {row for text in python for _, row in _rows(text)},
        "\n".join(python),
    )


def _in_file(path: Path, secrets: Secrets) -> Iterator[tuple[int, str]]:
    content = path.read_bytes()
    text = content.decode("utf-8", "replace")
    for line, row in (*_rows(text), *_rows(COMMENT.sub("", text))):
        if row in secrets.rows:
            yield line, f"{ROW} lines in a row of {secrets.rows[row]}"
            break
    blocks = [(0, text)] if path.suffix == ".py" else []
    blocks += [(text.count("\n", 0, block.start(1)), block.group(1)) for block in CODE_BLOCK.finditer(text)]
    for above, block in blocks:
        for _, line, body in _bodies(block):
            if body in secrets.bodies:
                yield above + line, f"the body of {secrets.bodies[body]}"
    for secret, where in secrets.texts.items():
        if secret in text:
            yield text.count("\n", 0, text.index(secret)) + 1, f"a text of {where}"
    for word in secrets.words:
        if word.encode() in content:
            yield content.count(b"\n", 0, content.index(word.encode())) + 1, "a word from the list of secrets"


def _bodies(text: str) -> Iterator[tuple[str, int, str]]:
    """Each function's name, line, and body without docstring, annotations of nothing, layout and comments."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
            body = "\n".join(ast.unparse(statement) for statement in statements)
            if len(body) >= SHORTEST_BODY and not body.startswith("raise NotImplementedError"):
                yield node.name, node.lineno, body


def _function_texts(text: str) -> Iterator[str]:
    """The lines of each function's body without its docstring, which a stub may share as it does the signature."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if statements:
                yield "\n".join(lines[statements[0].lineno - 1 : node.end_lineno])


def _rows(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Lines that say something, without indentation, each with the two that follow."""
    lines = [
        (number, stripped)
        for number, line in enumerate(text.splitlines(), 1)
        if _says_something(stripped := line.strip())
    ]
    for place in range(len(lines) - ROW + 1):
        row = lines[place : place + ROW]
        yield row[0][0], tuple(line for _, line in row)


def _says_something(line: str) -> bool:
    return len(line) >= SHORTEST_LINE and not line.startswith(("import ", "from ", "#", '"""'))


def _texts(text: str) -> Iterator[str]:
    """The longer texts that a test is made with: inputs that nobody guesses.

    Its names, its docstrings and what it says of a failure are no inputs.
    """
    module = ast.parse(text)
    said = {
        id(inner)
        for node in ast.walk(module)
        if isinstance(node, ast.keyword) and node.arg in MESSAGES
        for inner in ast.walk(node.value)
    }
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation | said:
            for line in node.value.splitlines():
                if len(line.strip()) >= SHORTEST_TEXT and " " in line.strip():
                    yield line.strip()
