"""Detours to what the policy forbids: aliases, containers, strings, dictionaries, imports by name."""

from pathlib import Path

import pytest

from grader.tests.small_handin import scanned, snippets

DETOURS = snippets("""
### an assigned namespace
import torch
G = torch.nn.functional
def it(x): return G.softmax(x, -1)
### a chain of assignments
import torch
a = torch
b = a.nn
def it(x):
    c = b
    return c.functional.softmax(x, -1)
### assigned together
import torch
n, f = torch.nn, torch.nn.functional
def it(x): return f.softmax(x, -1)
### assigned in an expression
import torch
def it(x): return (n := torch.nn).Linear(3, 4)(x) if (n := torch.nn) else None
### an attribute of a class
import torch
class Ops:
    f = torch.nn.functional
def it(x): return Ops.f.softmax(x, -1)
### an attribute of self
import torch
class It:
    def __init__(self): self.f = torch.nn.functional
    def __call__(self, x): return self.f.softmax(x, -1)
def it(x): return It()(x)
### a default argument
import torch
def it(x, f=torch.nn.functional): return f.softmax(x, -1)
### a function that returns the namespace
import torch
def lib(): return torch.nn.functional
def it(x): return lib().softmax(x, -1)
### a lambda that returns the namespace
import torch
lib = lambda: torch.nn
def it(x): return lib().Linear(2, 2)(x)
### a list of namespaces
import torch
libs = [torch.nn.functional]
def it(x): return libs[0].softmax(x, -1)
### a dictionary of namespaces
import torch
libs = {"f": torch.nn.functional}
def it(x): return libs["f"].softmax(x, -1)
### a loop over namespaces
import torch
def it(x):
    for lib in (torch.nn.functional,):
        return lib.softmax(x, -1)
### a global declared elsewhere
import torch
f = None
def prepare():
    global f
    f = torch.nn.functional
def it(x):
    prepare()
    return f.softmax(x, -1)
### a conditional import
try:
    from torch.nn import RMSNorm
except ImportError:
    RMSNorm = None
def it(x): return RMSNorm(4)(x)
### an import inside the function
def it(x):
    import torch.nn.functional as F
    return F.softmax(x, -1)
### a star import of functions
from torch.nn.functional import *
def it(x): return softmax(x, -1)
### a star import of torch
from torch import *
def it(x): return nn.functional.softmax(x, -1)
### an import through another file
from assignment1_basics.ops import softmax
def it(x): return softmax(x, -1)
### a relative import of a namespace
from .ops import F
def it(x): return F.cross_entropy(x, x)
### a star import through another file
from .ops import *
def it(x): return sm(x, -1)
### getattr with a constant
import torch
def it(x): return getattr(torch, "softmax")(x, -1)
### getattr with joined text
import torch
def it(x): return getattr(torch.nn.functional, "scaled_" + "dot_product_attention")(x, x, x)
### getattr with formatted text
import torch
part = "max"
def it(x): return getattr(torch, f"soft{part}")(x, -1)
### getattr with a list joined
import torch
def it(x): return getattr(torch, "".join(["s", "oft", "max"]))(x, -1)
### getattr with reversed text
import torch
def it(x): return getattr(torch, "xamtfos"[::-1])(x, -1)
### getattr with an unknown name in a closed namespace
import torch
def it(x, name): return getattr(torch.nn.functional, name)(x)
### getattr with an unknown name that is called
import torch
def it(x, name):
    op = getattr(torch, name)
    return op(x, -1)
### getattr under another name
import torch
get = getattr
def it(x): return get(get(torch, "nn"), "Linear")(2, 2)(x)
### the dictionary of a module
import torch
def it(x): return torch.nn.functional.__dict__["softmax"](x, -1)
### vars of a module
import torch
def it(x): return vars(torch.nn)["Linear"](2, 2)(x)
### vars with an unknown name
import torch
def it(x, name): return vars(torch.nn.functional).get(name)(x)
### the attribute lookup itself
import torch
def it(x): return torch.__getattribute__("softmax")(x, -1)
### the attribute lookup of object
import torch
def it(x): return object.__getattribute__(torch.nn.functional, "softmax")(x, -1)
### attrgetter
from operator import attrgetter
import torch
def it(x): return attrgetter("nn.functional.softmax")(torch)(x, -1)
### a reduced getattr
import functools
import torch
def it(x): return functools.reduce(getattr, ["nn", "functional", "softmax"], torch)(x, -1)
### a reduced getattr over split text
from functools import reduce
import torch
def it(x): return reduce(getattr, "nn.functional.softmax".split("."), torch)(x, -1)
### importlib
import importlib
def it(x): return importlib.import_module("torch.nn.functional").softmax(x, -1)
### importlib with joined text
from importlib import import_module
NAME = ".".join(("torch", "nn", "functional"))
def it(x):
    f = import_module(NAME)
    return f.softmax(x, -1)
### importlib with a keyword
import importlib
def it(x): return importlib.import_module(name="torch.nn.functional").softmax(x, -1)
### __import__
def it(x): return __import__("torch").nn.functional.softmax(x, -1)
### __import__ with a list
def it(x): return __import__("torch.nn.functional", fromlist=["softmax"]).softmax(x, -1)
### sys.modules
import sys
def it(x): return sys.modules["torch.nn.functional"].softmax(x, -1)
### sys.modules.get
import sys
def it(x): return sys.modules.get("torch").softmax(x, -1)
### the builtins as a dictionary
import torch
def it(x): return __builtins__["getattr"](torch, "softmax")(x, -1)
### own globals
import torch.nn.functional as F
def it(x): return globals()["F"].softmax(x, -1)
### eval
def it(x): return eval("__import__('torch').softmax(x, -1)")
### exec through builtins
import builtins
def it(x):
    builtins.exec("import torch; y = torch.softmax(x, -1)")
### subclasses of a base class
import torch
def it(x): return [c for c in torch.nn.Module.__subclasses__() if c.__name__ == "Linear"][0](2, 2)(x)
### globals of a function
import torch
def it(x): return torch.nn.init.trunc_normal_.__globals__["torch"].softmax(x, -1)
""")

SUPPORT = {
    "ops.py": "import torch.nn.functional as F\nfrom torch.nn.functional import softmax\nsm = F.softmax\n",
}


@pytest.mark.parametrize("name", DETOURS)
def test_a_detour_is_found_and_costs_its_problem(name: str, tmp_path: Path) -> None:
    findings = scanned(tmp_path, {**SUPPORT, "nn.py": DETOURS[name]}).findings
    assert "it" in {f.problem for f in findings if f.kind == "policy"}, findings


WATCHED = snippets("""
### frames
import sys
def it(): return sys._getframe(1).f_locals
### the caller's source
import inspect
def it(): return inspect.stack()
### all objects
import gc
def it(): return gc.get_objects()
### native memory
import ctypes
def it(x): ctypes.memmove(id(x), 0, 1)
### an early exit
import os
def it(): os._exit(0)
### a socket
import socket
def it(): return socket.create_connection(("localhost", 1))
### an exit handler
import atexit, os
atexit.register(print)
def it(): pass
### a computed import
import importlib
def it(name): return importlib.import_module(name)
### a patched library
import torch
torch.allclose = lambda *a, **k: True
def it(): pass
### a patched library by setattr
import torch
def it(): setattr(torch.testing, "assert_close", print)
### an import hook
import sys
sys.meta_path.insert(0, None)
def it(): pass
### a star import
from torch import *
def it(): pass
### another process
import subprocess
def it(): subprocess.run(["true"])
### a computed name of torch
import torch
def it(name): return getattr(torch, name)
### the grader
import grader.wire
def it(): return grader.wire.encode(1)
### a method that only may be a tensor's
class Ops:
    def softmax(self): pass
def it(x): return x.softmax(-1)
""")


@pytest.mark.parametrize("name", WATCHED)
def test_introspection_is_shown_to_staff_and_costs_nothing(name: str, tmp_path: Path) -> None:
    findings = scanned(tmp_path, {"nn.py": WATCHED[name]}).findings
    assert {(f.kind, f.problem) for f in findings} == {("integrity", None)}
