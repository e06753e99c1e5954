"""What an assignment forbids, as data from its TOML, and the one place that decides about a name.

A pattern is a dotted name in which `*` stands for any characters, dots too. It covers the name it spells and all
that is reached through it: `torch.nn.Module` covers `torch.nn.Module.register_buffer`. What `allowed` covers is
allowed, whatever `forbidden` says, and so is a namespace that holds it: `torch.nn.init` where `torch.nn.init.ones_`
is allowed. `forbidden_imports` are packages whose import is itself the offence.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import ConfigError

LONGEST_NAME = 300
"""Names are a stranger's text, and patterns with several `*` take time that grows with the name."""

REEXPORTS = {
    "torch": "torch",
    "F": "torch.nn.functional",
    "nn": "torch.nn",
    "optim": "torch.optim",
    "_C": "torch._C",
    "_VF": "torch._VF",
}
"""Names by which modules of many packages hold torch's own: `torch.functional.F.softmax`, `torch.hub.torch.nn`."""

TENSOR_CLASSES = frozenset(
    ("Parameter", "Buffer", "TensorBase", "FloatTensor", "HalfTensor", "BFloat16Tensor", "DoubleTensor")
)
"""Classes through which the methods of `torch.Tensor` are reached, too."""

WATCHED = (
    *("builtins.globals", "builtins.locals", "builtins.__build_class__", "builtins.breakpoint"),
    *("code.Interactive*", "codecs.register*", "codeop", "types.CodeType", "types.FunctionType", "marshal"),
    *("importlib.import_module", "importlib.reload", "importlib.util", "importlib.machinery", "importlib.abc"),
    *("importlib._bootstrap*", "builtins.__import__", "runpy", "zipimport", "imp"),
    *("sys.modules", "sys.meta_path", "sys.path_hooks", "sys.path_importer_cache", "sys.settrace", "sys.setprofile"),
    *("sys.monitoring", "sys._getframe*", "sys._current_frames", "sys.addaudithook"),
    *("gc.get_objects", "gc.get_referrers", "gc.get_referents", "linecache"),
    *("inspect.stack", "inspect.currentframe", "inspect.getouterframes", "inspect.getinnerframes", "inspect.trace"),
    *("inspect.getsource*", "inspect.getmembers*", "inspect.getclosurevars", "traceback.walk_stack"),
    *("ctypes", "_ctypes", "cffi", "cupy", "torch.utils.cpp_extension", "torch.utils.dlpack"),
    *("os._exit", "os.abort", "os.kill*", "os.fork*", "os.exec*", "os.spawn*", "os.posix_spawn*", "os.system"),
    *("os.popen", "os.ptrace", "os.setuid", "os.setsid", "os.unshare", "os.setns", "subprocess", "pty"),
    *("atexit", "signal", "resource.setrlimit", "resource.prlimit", "_thread.interrupt_main", "threading.settrace*"),
    *("threading.setprofile*", "socket", "socketserver", "ssl", "http.client", "http.server", "urllib.request"),
    *("requests", "httpx", "aiohttp", "ftplib", "smtplib", "telnetlib", "xmlrpc", "paramiko"),
    *("pytest", "_pytest", "unittest.mock", "grader", "staff", "assignment*.drivers", "assignment*.tests"),
)
"""Patterns of what code for an assignment hardly needs and an attack may: shown to staff, never costing points."""


@dataclass(frozen=True)
class Policy:
    """The `[policy]` table of an assignment. An empty one forbids nothing."""

    allowed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    forbidden_imports: tuple[str, ...] = ()

    @classmethod
    def from_table(cls, table: Mapping[str, object], source_path: Path | str) -> "Policy":
        """The policy of a TOML table.

        Raises:
            ConfigError: an unknown key or a wrong value; the message names the file, the key and what was expected.
        """
        from grader.assignment import (
            nearest,  # here, as the process that scans needs no TOML and starts faster
        )

        valid = tuple(cls.__dataclass_fields__)
        for key, value in table.items():
            if key not in valid:
                raise ConfigError(
                    f"{source_path}: unknown key 'policy.{key}'{nearest(key, valid)}; valid: {', '.join(valid)}"
                )
            if not isinstance(value, list):
                raise ConfigError(f"{source_path}: policy.{key} is {value!r}; expected a list of names")
            for name in value:
                if not isinstance(name, str) or not _PATTERN.fullmatch(name):
                    raise ConfigError(
                        f"{source_path}: policy.{key} has {name!r}; expected a dotted name such as 'torch.nn.*'"
                    )
        return cls(**{key: tuple(value) for key, value in table.items() if isinstance(value, list)})

    def rule_against(self, name: str) -> str | None:
        """The pattern that forbids the dotted `name`, or None."""
        return _rule_against(self, name)

    def rule_against_import(self, module: str) -> str | None:
        """The pattern that forbids importing `module`, or None."""
        return _first(self.forbidden_imports, module)

    def is_closed(self, namespace: str) -> bool:
        """Whether what is in `namespace` is forbidden unless allowed by name, as in `torch.nn`."""
        return self.rule_against(f"{namespace}.<any>") is not None

    def is_guarded(self, namespace: str) -> bool:
        """Whether anything within `namespace` is forbidden, as in `torch`."""
        return any(
            pattern.startswith(f"{namespace}.") for pattern in (*self.forbidden, *self.forbidden_imports)
        ) or self.is_closed(namespace)

    def for_guard(self) -> dict[str, str]:
        """The same rules as regular expressions, for the run-time guard, which imports nothing of the grader's."""
        return {
            "allowed": _regex(self.allowed),
            "forbidden": _regex(self.forbidden),
            "imports": _regex(self.forbidden_imports),
        }


def watched(name: str) -> str | None:
    """The pattern of `WATCHED` that covers `name`, or None."""
    return _first(WATCHED, name)


def spellings(name: str) -> tuple[str, ...]:
    """`name`, and what it is called where torch's documentation speaks of it."""
    parts = name.split(".")
    found = [name]
    for place in range(len(parts) - 1, 0, -1):
        root = REEXPORTS.get(parts[place])
        if root is not None and (parts[0] == "torch" or root == "torch"):
            found.append(".".join((root, *parts[place + 1 :])))
            break
    if parts[0] == "torch" and len(parts) > 2 and parts[-2] in TENSOR_CLASSES:
        found.append(f"torch.Tensor.{parts[-1]}")
    return tuple(dict.fromkeys(found))


_PATTERN = re.compile(r"[A-Za-z_*][\w*]*(\.[\w*]+)*")


@functools.lru_cache(maxsize=20_000)
def _rule_against(policy: Policy, name: str) -> str | None:
    for spelling in spellings(name):
        holds_allowed = any(pattern.startswith(f"{spelling}.") for pattern in policy.allowed)
        if not holds_allowed and not covers(policy.allowed, spelling):
            rule = _first(policy.forbidden, spelling) or _first(policy.forbidden_imports, spelling)
            if rule is not None:
                return rule
    return None


def covers(patterns: tuple[str, ...], name: str) -> bool:
    """Whether one of `patterns` covers `name`."""
    return len(name) <= LONGEST_NAME and _compiled(patterns).fullmatch(name) is not None


def _first(patterns: tuple[str, ...], name: str) -> str | None:
    if not covers(patterns, name):
        return None
    return next(pattern for pattern in patterns if covers((pattern,), name))


@functools.lru_cache(maxsize=1000)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_regex(patterns), re.DOTALL)


def _regex(patterns: Iterable[str]) -> str:
    """A regular expression for a full match; without patterns one that matches nothing."""
    spelled = "|".join(re.escape(pattern).replace(r"\*", ".*") for pattern in patterns)
    return rf"(?:{spelled})(?:\..*)?" if spelled else r"(?!)"
