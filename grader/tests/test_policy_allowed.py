"""What students legitimately write, and the policy must not take for an offence. `it` is the graded function."""

from pathlib import Path

import pytest

from grader.tests.small_handin import scanned, snippets

ALLOWED = snippets('''
### containers and parameters
import torch
from torch import nn
class It(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(d, d))
        self.layers = nn.ModuleList([nn.Module() for _ in range(2)])
        self.named = nn.ModuleDict({})
        self.plist, self.pdict = nn.ParameterList(), nn.ParameterDict()
        self.seq = nn.Sequential()
        self.register_buffer("cos", torch.ones(d), persistent=False)
        self.buffer = nn.Buffer(torch.ones(d))
    def forward(self, x):
        return x @ self.weight.T
def it(x): return It(4)(x)
### initialisation
import torch
def it(w):
    torch.nn.init.trunc_normal_(w, 0.0, 1.0, -3.0, 3.0)
    torch.nn.init.ones_(w); torch.nn.init.zeros_(w); torch.nn.init.normal_(w)
### initialisation by another import
from torch.nn.init import trunc_normal_
import torch.nn.init as init
def it(w): return trunc_normal_(init.zeros_(w))
### the layer that computes nothing
from torch import nn
from torch.nn.modules.linear import Identity
class Block(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.norm, self.other = nn.Identity() if norm is None else norm, Identity()
    def forward(self, x): return self.other(self.norm(x))
def it(x): return Block(None)(x)
### the optimizer base class
import torch
from torch.optim import Optimizer
from torch.optim.optimizer import ParamsT, required
class AdamW(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, lr=required): super().__init__(params, {"lr": lr})
    def step(self, closure=None): return None
class Sgd(Optimizer): pass
def it(): return AdamW, Sgd
### an own softmax by that name
import torch
def softmax(x, dim):
    e = torch.exp(x - x.amax(dim, keepdim=True))
    return e / e.sum(dim, keepdim=True)
def it(x): return softmax(x, dim=-1)
### an own method called softmax
class Attention:
    def softmax(self, x): return x
    def forward(self, x): return self.softmax(x)
def it(x): return Attention().forward(x)
### a method called softmax of an attribute
import torch
from torch import nn
class Ops:
    def softmax(self, x): return x
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.ops = Ops()
    def forward(self, x): return self.ops.softmax(x)
def it(x): return Attention()(x)
### an argument with a class of the hand-in
class Ops:
    def softmax(self, x): return x
def it(ops: Ops, x): return ops.softmax(x)
### a variable with an object of the hand-in
class Ops:
    def relu(self, x): return x
def it(x):
    ops = Ops()
    return ops.relu(x)
### an own function as attribute
def softmax(x): return x
class Attention:
    def __init__(self):
        self.softmax = softmax
        self.act = softmax
    def forward(self, x): return self.act(self.softmax(x))
def it(x): return Attention().forward(x)
### an own module called nn
from assignment1_basics import layers as nn
def it(x): return nn.Linear(3, 4)(x)
### own classes with torch's names
from torch import nn
class Linear(nn.Module): pass
class Embedding(nn.Module): pass
class SiLU(nn.Module): pass
def it(): return Linear(), Embedding(), SiLU()
### a left-over import that is redefined
from torch.nn.functional import softmax
def softmax(x, dim): return x
def it(x): return softmax(x, -1)
### an import that is never used
import torch.nn.functional as F
from torch.nn import Linear
def it(x): return x
### names in annotations
import torch
from torch import nn
import torch.nn.functional as F
def it(layer: nn.Linear, act: "F.silu" = None, opt: torch.optim.AdamW | None = None) -> nn.Embedding:
    found: nn.Linear = layer
    return found
### imports for type checking
from __future__ import annotations
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import tiktoken
    from torch.nn import Linear
    Layer = Linear
def it(layer: Linear, enc: tiktoken.Encoding): return layer
### imports for type checking by the module
import typing
if typing.TYPE_CHECKING:
    from transformers import PreTrainedModel
def it(model: "PreTrainedModel"): return model
### isinstance and class comparisons
import torch
from torch import nn
def it(m):
    if isinstance(m, nn.Linear) or isinstance(m, (nn.Embedding, torch.nn.Linear)) or type(m) is nn.Linear:
        return issubclass(type(m), nn.LayerNorm | nn.RMSNorm)
    return m.__class__ == nn.Linear
### a type alias and cast
from typing import TypeVar, cast
from torch import nn
Layers = list[nn.Linear]
T = TypeVar("T", bound=nn.Linear)
def it(x): return cast(nn.Linear, x)
### docstrings, comments and strings
"""Uses no torch.nn.functional.softmax, nor F.softmax(x), nor tiktoken."""
def it(x):
    """Like torch.nn.Linear, or `import transformers`; eval(x) is not called."""
    # F.softmax(x, -1)
    return {"softmax": "torch.softmax", "torch.nn.Linear": 1}
### the allowed operators
import torch
def it(x, y, m, i):
    a = torch.matmul(x, y) + x @ y + torch.einsum("ij,jk->ik", x, y)
    b = torch.sigmoid(a) * torch.exp(a) * torch.log(a) * torch.rsqrt(a) * a.square().mean(-1, keepdim=True)
    c = torch.where(m, a, b).masked_fill(m, 0).triu().tril()
    d = c.gather(-1, i) + c.index_select(0, i) + c[i]
    v, j = torch.topk(d, 2)
    s, k = torch.sort(v)
    t = torch.cumsum(s, -1) + torch.linalg.vector_norm(s) + s.norm() + torch.clamp(s, min=0) + s.amax(-1)
    torch._foreach_mul_([t], 2.0)
    return torch.multinomial(t, 1), torch.outer(a, b), torch.addmm(a, b, c), torch.baddbmm(a, b, c)
### function transforms and checkpointing
import torch
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, Dataset
class Fn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x
    @staticmethod
    def backward(ctx, g): return g
def it(f, x):
    torch.func.vmap(f)(x); torch.func.grad(f)(x); torch.vmap(f)(x)
    return torch.compile(f)(x), checkpoint(f, x), Fn.apply(x), DataLoader([x])
### einops and jaxtyping
import einops
from einops import einsum, rearrange, reduce, repeat
from jaxtyping import Float, Int
from torch import Tensor
def it(x: Float[Tensor, "b d"]) -> Int[Tensor, "b"]:
    return reduce(repeat(rearrange(x, "b d -> d b"), "d b -> d b k", k=2), "d b k -> d", "sum")
### einsum of einx
import einx
def it(x, y): return einx.dot("a b, b c -> a c", x, y)
### other libraries
import math, json, pickle, random, heapq, collections, functools, itertools, dataclasses, pathlib
import numpy as np
import regex as re
from tqdm import tqdm
@dataclasses.dataclass
class Config:
    d_model: int = 4
def it(x): return math.exp(0), np.exp(x), re.compile(r"\\p{L}+"), json.dumps({}), tqdm(x)
### regular expressions are compiled
import re
PAT = re.compile("a")
def it(x): return PAT.findall(x), re.compile("b").match(x)
### models are evaluated
def it(model):
    model.eval()
    return model.compile()
### the version of a package
import importlib.metadata
import sys
__version__ = importlib.metadata.version("torch")
def it(): return __version__, sys.maxsize, sys.version_info, sys.argv
### signatures
import inspect
def it(f): return inspect.signature(f).parameters, inspect.isclass(f)
### a dtype by its name
import torch
def it(name, x): return x.to(getattr(torch, name))
### attributes by constant name
import torch
def it(x, cfg):
    return getattr(torch, "sigmoid")(x), getattr(cfg, "softmax", None), hasattr(torch, "compile"), getattr(x, "grad")
### flags with operator names
def it(cfg, x):
    if cfg.relu or cfg.softmax is None: return x
    return cfg.softmax_temperature
### a table of own functions
import torch
def silu(x): return x * torch.sigmoid(x)
def identity(x): return x
ACTIVATIONS = {"silu": silu, "identity": identity}
def it(name, x): return ACTIVATIONS[name](x)
### own modules through globals and vars
def softmax(x): return x
def it(x): return globals()["softmax"](x), vars()["x"]
### a package of its own
from assignment1_basics.parts import softmax
def it(x): return softmax(x)
### a comparison that only runs as a script
import torch
def it(x): return x
if __name__ == "__main__":
    import torch.nn.functional as F
    x = torch.randn(3)
    torch.testing.assert_close(it(x), F.softmax(x, -1))
### a comparison that nothing calls
import torch
def it(x): return x
def test_it():
    import torch.nn.functional as F
    x = torch.randn(3)
    assert torch.allclose(it(x), F.softmax(x, -1))
### settings of torch
import torch
torch.backends.cuda.matmul.allow_tf32 = True
torch.manual_seed(0)
torch.set_float32_matmul_precision("high")
def it(x): return x.to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
### mixed precision and graph-free code
import torch
def it(x):
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        return torch.inference_mode()(lambda: x)()
### a match on classes
from torch import nn
def it(m):
    match m:
        case nn.Linear(): return 1
        case nn.Module(): return 2
### saving and loading
import torch
def it(model, opt, path):
    torch.save({"model": model.state_dict(), "opt": opt.state_dict()}, path)
    state = torch.load(path)
    model.load_state_dict(state["model"]); opt.load_state_dict(state["opt"])
### parallel tokenization
import multiprocessing, os
from concurrent.futures import ProcessPoolExecutor
def count(x): return x
def it(xs):
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool, ProcessPoolExecutor() as other:
        return pool.map(count, xs), list(other.map(count, xs))
### module methods by the class
from torch import nn
class It(nn.Module):
    def __init__(self): nn.Module.__init__(self)
    def __getattr__(self, name): return nn.Module.__getattr__(self, name)
    def to(self, *args): return super().to(*args)
    def __call__(self, *args): return nn.Module.__call__(self, *args)
def it(): return It()
### numbers from scipy and numpy
import numpy as np
from scipy import stats
def it(x): return np.logaddexp(x, x), stats.norm.cdf(x)
### a list of modules in a loop
from torch import nn
class It(nn.Module):
    def forward(self, x):
        for layer in self.layers: x = layer(x)
        for name, p in self.named_parameters(): x = x + p
        return x
def it(x): return It()(x)
### a name that shadows a forbidden one
def it(x, F=None, nn=None, softmax=None):
    F = x.shape[-1]
    return softmax(x) if softmax else nn
### weak references and garbage collection
import gc, weakref, sys
def it(x):
    gc.collect()
    return weakref.ref(x), sys.getsizeof(x)
''')

SUPPORT = {
    "layers.py": "from torch import nn\nclass Linear(nn.Module): pass\n",
    "parts/__init__.py": "from .activations import *\n",
    "parts/activations.py": "import torch\ndef softmax(x): return torch.exp(x)\n",
}
HIDDEN_FROM_ADAPTERS = ("a comparison that only runs as a script", "a comparison that nothing calls")


@pytest.mark.parametrize("name", [name for name in ALLOWED if name not in HIDDEN_FROM_ADAPTERS])
def test_legitimate_code_has_no_findings(name: str, tmp_path: Path) -> None:
    assert [f for f in scanned(tmp_path, {**SUPPORT, "nn.py": ALLOWED[name]}).findings if f.kind == "policy"] == []


@pytest.mark.parametrize("name", [name for name in ALLOWED if name != "a dtype by its name"])
def test_legitimate_code_gives_staff_nothing_to_look_at(name: str, tmp_path: Path) -> None:
    assert [f for f in scanned(tmp_path, {**SUPPORT, "nn.py": ALLOWED[name]}).findings if f.kind == "integrity"] == []


@pytest.mark.parametrize("name", HIDDEN_FROM_ADAPTERS)
def test_a_comparison_with_torch_outside_the_graded_code_costs_nothing(name: str, tmp_path: Path) -> None:
    findings = scanned(tmp_path, {"nn.py": ALLOWED[name]}).findings
    assert findings
    assert {f.problem for f in findings} == {None}
