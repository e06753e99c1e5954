"""The handouts' code runs: every Python block against the reference, every command against the tree it names.

A block is what stands between two code fences. Python blocks of one `##` section share a namespace, in
order; a failure is reported with the handout's own line. A block that cannot run says why:
`python no-run: needs two GPUs`.
"""

import importlib
import json
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import typer.main

from grader import assignment as assignments
from grader import overlay

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("python", "console", "text", "json", "toml", "math")

RUNNER = """
import json, sys, traceback, types
file, blocks = json.load(sys.stdin)
failures, spaces = {}, {}
for line, heading, code in blocks:
    space = spaces.setdefault(heading, types.ModuleType("handout").__dict__)
    try:
        exec(compile("\\n" * line + code, file, "exec"), space)
    except BaseException:
        failures[line] = traceback.format_exc(limit=-3)
sys.stdout.write("\\n" + json.dumps(failures))
"""


@dataclass(frozen=True)
class Block:
    """One fenced block of a handout. `line` is that of its opening fence."""

    path: Path
    line: int
    heading: str
    info: str
    code: str

    @property
    def language(self) -> str:
        return self.info.partition(" ")[0]

    @property
    def runs(self) -> bool:
        return self.language == "python" and "no-run" not in self.info

    def __str__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}:{self.line}"


def blocks_of(path: Path) -> Iterator[Block]:
    """The fenced blocks of a Markdown file, also those indented in a list."""
    fence = re.compile(r"^( *)```(.*)$")
    heading, opened = "", None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = fence.match(line)
        if opened is None:
            if line.startswith("## "):
                heading = line
            if match:
                opened = number, match[1], match[2].strip(), []
        elif match and not match[2].strip():
            start, indent, info, lines = opened
            yield Block(path, start, heading, info, "\n".join(text.removeprefix(indent) for text in lines))
            opened = None
        else:
            opened[3].append(line)
    if opened is not None:
        raise AssertionError(f"{path}:{opened[0]}: the code fence is never closed")


def run(blocks: list[Block], tree: Path) -> dict[int, str]:
    """Run blocks of one handout in a process of its own, `tree` being the import root; failures by line."""
    job = [str(blocks[0].path), [[block.line, block.heading, block.code] for block in blocks]]
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        timeout=240,
    )
    assert done.returncode == 0, f"the process that runs the blocks of {blocks[0].path} ended: {done.stderr[-2000:]}"
    return {int(line): trace for line, trace in json.loads(done.stdout.splitlines()[-1]).items()}


HANDOUTS = [path for name in assignments.names(ROOT) if (path := ROOT / name / "README.md").is_file()]
BLOCKS = [block for path in HANDOUTS for block in blocks_of(path)]
COMMANDS = [
    pytest.param(words, id=f"{block}: {' '.join(words)}")
    for block in BLOCKS
    if block.language == "console"
    for line in block.code.splitlines()
    if (words := shlex.split(line.removeprefix("$ ")))[:1] in (["pytest"], ["python"], ["grader"])
]


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    """A function from a block to what went wrong in it; all blocks of a handout run once, together."""
    seen: dict[Path, dict[int, str]] = {}

    def of(block: Block) -> str | None:
        if block.path not in seen:
            assignment = assignments.load(ROOT, block.path.parent.name)
            tree = tmp_path_factory.mktemp(assignment.name) / "tree"
            overlay.build(assignment, assignment.solution, tree)
            seen[block.path] = run([b for b in BLOCKS if b.path == block.path and b.runs], tree)
        return seen[block.path].get(block.line)

    return of


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.runs], ids=str)
def test_every_python_block_runs_on_the_reference(failures, block):
    failure = failures(block)
    assert failure is None, f"{block} fails:\n{failure}"


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_every_block_names_its_language(block):
    assert block.language in LANGUAGES, f"{block}: language '{block.language}'; expected one of {LANGUAGES}"


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "python"], ids=str)
def test_a_block_that_does_not_run_gives_its_reason(block):
    assert block.runs or re.fullmatch(r"python no-run: \S.{9,}", block.info), (
        f"{block}: '{block.info}'; expected 'python' or 'python no-run: <why it cannot run>'"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_name_what_exists(command):
    program, *arguments = command
    {"pytest": check_pytest, "python": check_python, "grader": check_grader}[program](arguments)


def check_pytest(arguments: list[str]) -> None:
    for argument in arguments:
        if argument.startswith("-"):
            option = argument.partition("=")[0]
            assert option in pytest_options(), f"pytest has no option {option}"
        elif "/" in argument or (ROOT / argument).exists():
            path, _, test = argument.partition("::")
            assert (ROOT / path).exists(), f"{path} does not exist"
            assert not test or f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path} has no {test}"


def check_python(arguments: list[str]) -> None:
    if arguments[0] == "-m":
        module = ROOT / arguments[1].replace(".", "/")
        here = module.is_dir() or module.with_suffix(".py").is_file()
        assert here or arguments[1] in sys.stdlib_module_names, f"there is no module {arguments[1]}"
    else:
        assert (ROOT / arguments[0]).is_file(), f"{arguments[0]} does not exist"


def check_grader(arguments: list[str]) -> None:
    options = grader_options()
    words = 2 if " ".join(arguments[:2]) in options else 1
    name, rest = " ".join(arguments[:words]), arguments[words:]
    assert name in options, f"grader has no command '{name}'; it has: {', '.join(sorted(options))}"
    for argument in rest:
        if argument.startswith("-"):
            option = argument.partition("=")[0]
            assert option in options[name], f"grader {name} has no option {option}"
        elif argument.startswith("assignment"):
            assert argument in assignments.names(ROOT), f"there is no assignment {argument}"


@cache
def pytest_options() -> frozenset[str]:
    """Every option that pytest takes in this repository, its plugins' own among them."""
    done = subprocess.run([sys.executable, "-m", "pytest", "--help"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return frozenset(re.findall(r"(?<![\w-])(--?[a-zA-Z][\w-]*)", done.stdout))


@cache
def grader_options() -> dict[str, frozenset[str]]:
    """The options of each of the grader's commands, those of a group under the group's name and theirs."""
    found = {}
    waiting = list(typer.main.get_command(importlib.import_module("grader.cli").app).commands.items())
    while waiting:
        name, command = waiting.pop()
        inner = getattr(command, "commands", None)
        if inner is None:
            found[name] = frozenset(option for parameter in command.params for option in parameter.opts)
        else:
            waiting += [(f"{name} {each}", one) for each, one in inner.items()]
    return found


def anchors(path: Path) -> frozenset[str]:
    """The names under which a Markdown file's headings can be linked to, as code hosts make them."""
    seen: dict[str, int] = defaultdict(int)
    found = set()
    inside = False
    for line in path.read_text(encoding="utf-8").splitlines():
        inside ^= line.lstrip().startswith("```")
        if line.startswith("#") and not inside:
            name = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
    return frozenset(found)


@pytest.mark.parametrize("path", HANDOUTS, ids=lambda path: path.parent.name)
def test_every_link_within_the_repository_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            file, _, anchor = target.partition("#")
            linked = path.parent / file if file else path
            assert linked.exists(), f"{path.parent.name}/README.md links to {file}, which does not exist"
            assert not anchor or anchor in anchors(linked), f"no heading of {linked.name} is called #{anchor}"


SAMPLE = """\
## one
```python
x = 1
```
1. In a list:
   ```python
   assert x == 2
   ```
## two
```python
assert "x" not in globals()
```
```python no-run: takes a day
x = forever()
```
"""


def test_a_failing_block_is_reported_at_its_own_line(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(SAMPLE, encoding="utf-8")
    blocks = list(blocks_of(path))
    assert [block.line for block in blocks] == [2, 6, 10, 13]
    assert [block.runs for block in blocks] == [True, True, True, False]
    failures = run(blocks[:3], tmp_path)
    assert list(failures) == [6]
    assert f'"{path}", line 7' in failures[6]


def test_a_fence_that_stays_open_is_an_error(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("```python\nx = 1\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="never closed"):
        list(blocks_of(path))


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        (check_pytest, ["--no-such-option"]),
        (check_pytest, ["assignment1_basics/tests/test_nothing.py"]),
        (check_pytest, ["assignment1_basics/tests/test_linear.py::test_nothing"]),
        (check_python, ["-m", "no_such_module"]),
        (check_grader, ["no-such-command"]),
        (check_grader, ["grade", "assignment1_basics", "--no-such-option"]),
        (check_grader, ["grade", "assignment1_nothing"]),
    ],
)
def test_a_command_that_names_nothing_is_found(program, arguments):
    with pytest.raises(AssertionError):
        program(arguments)
