"""Which file an import of a hand-in means."""

import sys
from collections.abc import Sequence

from grader.policy.rules import REEXPORTS, Policy
from grader.policy.source import Module


class Layout:
    """The modules of a hand-in by name. `package` is what the assignment's folder is imported as."""

    def __init__(self, modules: Sequence[Module], package: str, policy: Policy) -> None:
        self.package = package
        self._policy = policy
        self._modules = {module.parts: module for module in modules}
        for module in modules:
            for depth in range(len(module.parts)):
                folder = module.parts[:depth]
                # A folder without `__init__.py`, or with one that belongs to staff, is a package, too.
                self._modules.setdefault(folder, Module("/".join(folder), folder, is_package=True))

    def find(self, dotted: str, importer: Module) -> Module | str:
        """The module that `import dotted` in `importer` brings, or the name of something outside the hand-in.

        Leading dots make the name relative. An absolute name that is neither the course's nor the standard
        library's may lie at any depth of the folder: a hand-in may bring a package of another course along.
        """
        name = dotted.lstrip(".")
        level = len(dotted) - len(name)
        parts = tuple(name.split(".")) if name else ()
        if level:
            base = importer.package
            inside = level - 1 <= len(base)
            return self.own((*base[: len(base) - level + 1], *parts) if inside else None) or name or "?"
        if parts[0] == self.package:
            return self.own(parts[1:]) or dotted
        if parts[0] in sys.stdlib_module_names or parts[0] in REEXPORTS or self._in_policy(parts[0]):
            return dotted
        homes = [found[:-1] for found in self._modules if found[-1:] == parts[:1]]
        return self.own((*min(homes, key=len), *parts) if homes else None) or dotted

    def own(self, parts: tuple[str, ...] | None) -> Module | None:
        """The module of this name within the assignment's folder."""
        return None if parts is None else self._modules.get(parts)

    def _in_policy(self, top: str) -> bool:
        return self._policy.rule_against_import(top) is not None or self._policy.is_guarded(top)
