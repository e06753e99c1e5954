"""What `grader check` looks for: one name a problem, in every place that speaks of it.

Nothing is imported or run; files are parsed. Each disagreement is one line that names the file and the expectation.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from grader import contract
from grader.adopt import terms
from grader.assignment import Assignment, load, names, nearest
from grader.errors import ConfigError, GraderError
from grader.policy import Policy

_HEADING = re.compile(r"^##+ .*?`([a-z0-9_]+)`")


def disagreements(root: Path, name: str) -> list[str]:
    """All disagreements within the assignment `name`; an empty list when all is well."""
    try:
        assignment = load(root, name)
        Policy.from_table(assignment.policy, assignment.toml)
    except GraderError as error:
        return [str(error)]
    found: list[str] = []
    for look in (_tests, _handout, _adapters, _stubs, _solution, _needs, _extras, _adoption):
        try:
            found += [f"{assignment.name}: {line}" for line in look(assignment)]
        except ConfigError as error:
            found.append(str(error))
    return found


def _test_problems(folder: Path) -> list[str]:
    return [path.stem.removeprefix("test_") for path in sorted(folder.glob("test_*.py"))]


def _unknown(places: Iterable[str], known: Mapping[str, object], what: str) -> Iterator[str]:
    for place in places:
        if place not in known:
            yield f"{what} '{place}', which is no problem in assignment.toml{nearest(place, known)}"


def _tests(assignment: Assignment) -> Iterator[str]:
    public = _test_problems(assignment.folder / "tests")
    for problem in assignment.problems:
        if problem not in public:
            yield f"problems.{problem} has no tests/test_{problem}.py"
    yield from _unknown(public, assignment.problems, "tests/ tests")
    yield from _unknown(_test_problems(assignment.hidden_tests), assignment.problems, "staff/hidden_tests tests")
    snapshots = assignment.folder / "tests" / "snapshots"
    folders = sorted(path.name for path in snapshots.iterdir()) if snapshots.is_dir() else []
    yield from _unknown(folders, assignment.problems, "tests/snapshots has a folder")


def _handout(assignment: Assignment) -> Iterator[str]:
    path = assignment.folder / "README.md"
    if not path.is_file():
        yield "README.md is missing; expected the handout"
        return
    matches = (_HEADING.match(line) for line in path.read_text(encoding="utf-8").splitlines())
    headings = [match[1] for match in matches if match]
    yield from _unknown(headings, assignment.problems, "README.md has a heading for")
    for problem in assignment.problems:
        if headings.count(problem) != 1:
            yield f"README.md has {headings.count(problem)} headings with `{problem}`; expected one"
    known = [heading for heading in headings if heading in assignment.problems]
    if set(known) == set(assignment.problems) and known != list(assignment.problems):
        first = next(a for a, b in zip(known, assignment.problems, strict=False) if a != b)
        yield f"README.md has its headings in another order than assignment.toml; the first out of place is `{first}`"


def _adapters(assignment: Assignment) -> Iterator[str]:
    signatures = contract.load(assignment.folder / "adapters.py")
    drivers = contract.load_drivers(assignment.folder)
    claimed = {adapter for problem in assignment.problems.values() for adapter in problem.adapters}
    for adapter in signatures.keys() - claimed:
        yield f"adapters.py has {adapter}, which no problem in assignment.toml lists"
    driver_files = contract.driver_files(assignment.folder)
    driver_text = "\n".join(path.read_text(encoding="utf-8") for path in driver_files)
    single = assignment.folder / "drivers.py"
    if single.is_file() and single not in driver_files:
        yield "drivers.py lies beside the package drivers/, which Python imports instead; expected one of them"
    for problem in assignment.problems.values():
        files = [folder / f"test_{problem.id}.py" for folder in (assignment.folder / "tests", assignment.hidden_tests)]
        text = "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file())
        for adapter in problem.adapters:
            if adapter not in signatures:
                yield f"problems.{problem.id}.adapters names {adapter}, which adapters.py lacks{nearest(adapter, signatures)}"
            elif adapter not in text and adapter not in driver_text:
                yield f"problems.{problem.id}.adapters names {adapter}, which neither its tests nor its drivers mention"
        for target, known in (("adapters", signatures), ("drivers", drivers)):
            for used in sorted(set(re.findall(rf"\b{target}\.([a-z_]\w*)", text))):
                if used not in known:
                    yield f"the tests of {problem.id} use {target}.{used}, which the {target} lack{nearest(used, known)}"


def _stubs(assignment: Assignment) -> Iterator[str]:
    named = set()
    for path in student_modules(assignment):
        for node in _stub_lines(_parse(path)):
            texts = [
                part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
            problem = texts[0].split(":")[0] if texts else ""
            named.add(problem)
            if problem not in assignment.problems:
                yield (
                    f"{path.name}:{node.lineno}: the stub says '{problem}'; expected "
                    f"'<problem>: …' with a problem of assignment.toml{nearest(problem, assignment.problems)}"
                )
    for name, entry in assignment.problems.items():
        if not (assignment.folder / entry.write).is_file():
            yield f"problems.{name}.write is '{entry.write}', which is not there"
        # A problem that builds on another may ask more of the same function, and needs no stub of its own.
        if name not in named and not entry.builds_on:
            yield f"no stub raises NotImplementedError('{name}: …')"


def _stub_lines(module: ast.Module) -> Iterator[ast.Raise]:
    """Where a module says that something is to be written."""
    for node in ast.walk(module):
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
            yield node


def _solution(assignment: Assignment) -> Iterator[str]:
    if not assignment.solution.is_dir():
        return  # a released tree has none
    for path in student_modules(assignment):
        solved = assignment.solution / path.name
        if not solved.is_file():
            if path.name != "adapters.py" and not any(_stub_lines(_parse(path))):
                continue  # given to students whole; adapters.py makes a hand-in of the reference
            yield f"{path.name} has no counterpart in staff/solutions/{assignment.name}"
            continue
        wanted, got = _signatures(_parse(path)), _signatures(_parse(solved))
        for name, parameters in wanted.items():
            if name not in got:
                yield f"staff/solutions/{assignment.name}/{path.name} lacks {name}, which the stub has"
            elif got[name][: len(parameters)] != parameters:
                yield (
                    f"staff/solutions/{assignment.name}/{path.name}: {name} takes ({', '.join(got[name])}); "
                    f"the stub says ({', '.join(parameters)})"
                )
    for path in sorted(assignment.solution.rglob("*")):
        if path.relative_to(assignment.solution).parts[0] in assignment.staff_owned:
            yield f"staff/solutions/{assignment.name} holds {path.name}, which is staff's"


def _needs(assignment: Assignment) -> Iterator[str]:
    known = dict.fromkeys(names(assignment.root))
    yield from _unknown(assignment.needs, known, "needs names")


def _extras(assignment: Assignment) -> Iterator[str]:
    """Extras are groups of optional dependencies of the course's own project."""
    path = assignment.root / "pyproject.toml"
    project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {}) if path.is_file() else {}
    for extra in assignment.extras:
        known = project.get("optional-dependencies", {})
        if extra not in known:
            yield f"extras names '{extra}', which pyproject.toml does not offer{nearest(extra, known)}"


def _adoption(assignment: Assignment) -> Iterator[str]:
    """The `[adoption]` table speaks of adapters by names that somebody may have changed."""
    if not assignment.adoption:
        return
    signatures = contract.load(assignment.folder / "adapters.py")
    for name, made in terms.read(assignment).classes.items():
        parameters = signatures[made.adapter].parameters if made.adapter in signatures else ()
        for used in (*made.sizes.values(), *made.inputs):
            if used not in parameters:
                yield f"adoption.classes.{name} names the parameter '{used}', which {made.adapter} lacks{nearest(used, parameters)}"
        for used in (*made.defaults, *made.omitted):
            if used not in made.sizes:
                yield f"adoption.classes.{name} names '{used}', which is not in its sizes{nearest(used, made.sizes)}"


def student_modules(assignment: Assignment) -> list[Path]:
    """The student-owned Python files at the top of an assignment's folder."""
    return [path for path in sorted(assignment.folder.glob("*.py")) if path.name not in assignment.staff_owned]


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise ConfigError(f"{path}:{error.lineno}: not valid Python: {error.msg}") from None


def _signatures(module: ast.Module) -> dict[str, list[str]]:
    """Parameters by name for all public functions and methods of a module."""
    found = {}
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found[node.name] = _parameters(node)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found[node.name] = []
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and (inner.name == "__init__" or not inner.name.startswith("_")):
                    found[f"{node.name}.{inner.name}"] = _parameters(inner)
    return found


def _parameters(node: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
