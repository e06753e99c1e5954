"""What an assignment's `[adoption]` table says: the public course's shape, and what its adapters do not reach.

The public course has one function an adapter. Some tests here need more, a class to build for instance. Where a
repository has such a class, `[adoption.classes.<adapter>]` says how to recognise it: in the public adapter that
builds and calls it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from grader import contract
from grader.adopt.keys import Keys
from grader.assignment import Assignment, nearest
from grader.errors import ConfigError


@dataclass(frozen=True)
class Made:
    """How the class behind one of our adapters is recognised in a function of the public course.

    `sizes` are our constructor's arguments and the public adapter's parameters of the same meaning; `inputs` are the
    parameters that the built object is called with.
    """

    adapter: str
    sizes: Mapping[str, str]
    inputs: tuple[str, ...]
    defaults: Mapping[str, float]
    """Arguments that our tests may leave out, and what the public handout says they are then."""
    omitted: tuple[str, ...]
    """Arguments that our tests may leave out, where the class has a default of its own."""
    options: tuple[str, ...]
    """`device`, `dtype`: what the public handout has the constructor take besides."""


@dataclass(frozen=True)
class Translation:
    """An adapter of which an older edition of the public course has another form, by the same name."""

    when: str
    """A parameter that only the older form has."""
    without: str
    """An adapter that came with the newer form: where parameters do not tell (`*args`), a file that lacks it is older."""
    by: str
    """A function of the assignment's staff (`package.module.function`) that makes our form of the older one."""


@dataclass(frozen=True)
class Downloads:
    """Files that the public handout has students download: patterns of their names, and what answers in their place."""

    by: str
    """A function of the assignment's staff that is called with `files` before the repository's code is imported."""
    files: Mapping[str, str]
    suffixes: tuple[str, ...]
    """How the names of such files end; one that is in no repository and fits no pattern is missing."""


@dataclass(frozen=True)
class Terms:
    """The whole table. `beyond` are adapters and drivers that the public course has no counterpart of."""

    package: str
    adapters: PurePosixPath
    beyond: frozenset[str]
    classes: Mapping[str, Made]
    aliases: Mapping[str, str]
    """Adapters that one year of the public course calls otherwise, and what another year calls them."""
    shared: Mapping[str, Mapping[str, str]]
    """Modules of another package in the repository, and the names in them that stand for classes of this course
    (`module.Class`), of which our tests build what they hand over."""
    translations: Mapping[str, Translation]
    stand_ins: Mapping[str, str]
    """Packages that the public handout names, and the modules of this assignment's staff that answer where one is missing."""
    downloads: Downloads | None
    before: tuple[str, ...]
    """Functions of the assignment's staff that are called before the repository's code is imported."""


def read(assignment: Assignment) -> Terms:
    """The terms of an assignment.

    Raises:
        ConfigError: there are none, or they are wrong; the message names the file and the key.
    """
    if not assignment.adoption:
        raise ConfigError(f"{assignment.toml}: has no [adoption] table; expected one, or an assignment that has")
    valid = (
        "package", "adapters", "beyond", "classes", "aliases", "shared", "translations", "stand_ins", "downloads", "before",
    )  # fmt: skip
    top = Keys(assignment, "adoption", assignment.adoption, valid)
    classes = {name: _made(assignment, name, table) for name, table in top.table("classes").items()}
    known = contract.load(assignment.folder / "adapters.py").keys() | contract.load_drivers(assignment.folder).keys()
    beyond = frozenset((*top.texts("beyond"), *classes))
    for name in (*beyond, *(made.adapter for made in classes.values())):
        if name not in known:
            raise ConfigError(
                f"{assignment.toml}: adoption names '{name}', which is neither an adapter nor a driver{nearest(name, known)}"
            )
    aliases = top.texts_by_name("aliases")
    for name in (*aliases, *aliases.values()):
        if name not in known:
            raise ConfigError(
                f"{assignment.toml}: adoption.aliases names '{name}', which is no adapter{nearest(name, known)}"
            )
    others = top.table("shared")
    table = Keys(assignment, "adoption.shared", others, tuple(others))
    shared = {module: table.texts_by_name(module) for module in others}
    translations = {name: _translation(assignment, name, table) for name, table in top.table("translations").items()}
    for name in (*translations, *(translation.without for translation in translations.values())):
        if name not in known:
            raise ConfigError(
                f"{assignment.toml}: adoption.translations names '{name}', which is no adapter{nearest(name, known)}"
            )
    stand_ins = top.texts_by_name("stand_ins")
    for name, module in stand_ins.items():
        _check_staff(assignment, f"adoption.stand_ins.{name}", module, 2)
    before = top.texts("before")
    for function in before:
        _check_staff(assignment, "adoption.before", function, 3)
    return Terms(
        package=top.text("package"),
        adapters=PurePosixPath(top.text("adapters")),
        beyond=beyond,
        classes=classes,
        aliases=aliases,
        shared=shared,
        translations=translations,
        stand_ins=stand_ins,
        downloads=_downloads(assignment, top.table("downloads")),
        before=before,
    )


def _translation(assignment: Assignment, name: str, table: object) -> Translation:
    keys = Keys(assignment, f"adoption.translations.{name}", table, ("when", "without", "by"))
    made = Translation(when=keys.text("when"), without=keys.text("without"), by=keys.text("by"))
    _check_staff(assignment, f"adoption.translations.{name}.by", made.by, 3)
    return made


def _downloads(assignment: Assignment, table: Mapping[str, Any]) -> Downloads | None:
    if not table:
        return None
    keys = Keys(assignment, "adoption.downloads", table, ("by", "files", "suffixes"))
    made = Downloads(by=keys.text("by"), files=keys.texts_by_name("files"), suffixes=keys.texts("suffixes"))
    _check_staff(assignment, "adoption.downloads.by", made.by, 3)
    return made


def _check_staff(assignment: Assignment, key: str, dotted: str, parts: int) -> None:
    """Raise where a dotted name of so many parts or more is of no package of the assignment's staff."""
    package, *rest = dotted.split(".")
    if package != assignment.name or len(rest) + 1 < parts or rest[0] not in assignment.staff_owned:
        what = "function" if parts > 2 else "module"
        raise ConfigError(
            f"{assignment.toml}: {key} is '{dotted}'; expected a {what} in a package of {assignment.name} that is staff's"
        )


def _made(assignment: Assignment, name: str, table: object) -> Made:
    valid = ("adapter", "sizes", "inputs", "defaults", "omitted", "options")
    keys = Keys(assignment, f"adoption.classes.{name}", table, valid)
    return Made(
        adapter=keys.text("adapter"),
        sizes=keys.table("sizes"),
        inputs=keys.texts("inputs"),
        defaults=keys.table("defaults"),
        omitted=keys.texts("omitted"),
        options=keys.texts("options"),
    )
