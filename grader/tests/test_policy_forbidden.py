"""Ways to what the policy forbids, plain and devious: each is found, and costs the problem it is graded in."""

from pathlib import Path

import pytest

from grader.tests.small_handin import scanned, snippets

FORBIDDEN = snippets("""
### the plain way
import torch.nn.functional as F
def it(x): return F.softmax(x, -1)
### without an alias
import torch
def it(x): return torch.nn.functional.softmax(x, -1)
### the name itself
from torch.nn.functional import softmax as exp
def it(x): return exp(x, -1)
### the namespace renamed
from torch.nn import functional as math
def it(x): return math.silu(x)
### a stock layer
from torch import nn
def it(x): return nn.Linear(3, 4)(x)
### a stock layer from where it is defined
from torch.nn.modules.linear import Linear
def it(x): return Linear(3, 4)(x)
### a class that inherits from a stock layer
import torch
class Mine(torch.nn.RMSNorm): pass
def it(x): return Mine(4)(x)
### a class made by type
import torch
def it(x): return type("Mine", (torch.nn.Linear,), {})(3, 4)(x)
### a stock optimizer as base class
import torch
class AdamW(torch.optim.AdamW): pass
def it(): return AdamW
### a stock optimizer's function
from torch.optim.adamw import adamw
def it(*args): return adamw(*args)
### a learning-rate scheduler
from torch.optim.lr_scheduler import CosineAnnealingLR
def it(opt): return CosineAnnealingLR(opt, 10)
### gradient clipping
import torch
def it(params, limit): torch.nn.utils.clip_grad_norm_(params, limit)
### the function of torch itself
import torch
def it(x): return torch.softmax(x, -1)
### the function from torch
from torch import log_softmax, logsumexp
def it(x): return log_softmax(x, -1) + logsumexp(x, -1)
### the method
def it(x): return x.softmax(-1)
### the method of a product
def it(q, k): return (q @ k.T).softmax(dim=-1)
### the method of an attribute
from torch import nn
class It(nn.Module):
    def forward(self, x): return self.weight.logsumexp(-1)
def it(x): return It()(x)
### the method where a class of the hand-in has one of that name
import torch
class Decoy:
    def softmax(self): pass
def it(q, k):
    scores = torch.matmul(q, k) / 8
    return scores.softmax(-1)
### the method of the class
from torch import Tensor
def it(x): return Tensor.softmax(x, -1)
### the method through Parameter
import torch
def it(x): return torch.nn.Parameter.softmax(x, -1)
### the method through the argument's class
def it(x): return type(x).softmax(x, -1)
### the method by getattr
def it(x): return getattr(x, "soft" + "max")(-1)
### the method by methodcaller
import operator
def it(x): return operator.methodcaller("softmax", -1)(x)
### the special functions
import torch
def it(x): return torch.special.log_softmax(x, -1)
### the private operator
import torch
def it(x): return torch._softmax(x, -1, False)
### the C namespace
import torch
def it(x, w): return torch._C._nn.linear(x, w)
### the operator registry
import torch
def it(x): return torch.ops.aten._softmax(x, -1, False)
### the operator registry under a name
from torch import ops
def it(x): return ops.aten.softmax.int(x, -1)
### the functions behind torch
import torch
def it(x): return torch._VF.softmax(x, -1)
### the reference implementations
import torch._refs.nn.functional as R
def it(x): return R.softmax(x, -1)
### fused attention
import torch
def it(q, k, v): return torch._scaled_dot_product_flash_attention_for_cpu(q, k, v)
### a fused optimizer step
import torch
def it(*args): torch._fused_adamw_(*args)
### another module's F
import torch
def it(x): return torch.functional.F.softmax(x, -1)
### another module's torch
import torch.nn.modules.module as m
def it(x): return m.torch.softmax(x, -1)
### the allowed module's own torch
import torch
def it(x): return torch.utils.data.dataset.torch.nn.functional.gelu(x)
### einops imports torch, too
import einops._torch_specific as e
def it(x): return e.torch.softmax(x, -1)
### a namespace handed to a function
import torch
def call(lib, x): return lib.softmax(x, -1)
def it(x): return call(torch.nn.functional, x)
### a function handed to map
import torch
def it(xs): return list(map(torch.nn.functional.silu, xs))
### a partial
from functools import partial
import torch.nn.functional as F
softmax = partial(F.softmax, dim=-1)
def it(x): return softmax(x)
### a table of functions
import torch
ACTS = {"silu": torch.nn.functional.silu}
def it(x): return ACTS["silu"](x)
### a decorator
import torch
@torch.jit.script
def it(x): return x
### a stock module within a container
from torch import nn
def it(x): return nn.Sequential(nn.Linear(2, 2), nn.ReLU())(x)
### a Categorical
from torch.distributions import Categorical
def it(x): return Categorical(logits=x).logits
### a convolution as a matrix product
import torch
def it(x, w): return torch.conv1d(x, w)
### a tensor class with inherited methods
import torch
class T(torch.Tensor):
    def mine(self): return self.softmax(-1)
def it(x): return x.as_subclass(T).mine()
### an annotation that computes
import torch
def it(x, y: (f := torch.nn.functional.softmax) = None): return f(x, -1)
### type checking that is not
import torch
TYPE_CHECKING = True
if TYPE_CHECKING:
    from torch.nn.functional import softmax
def it(x): return softmax(x, -1)
### isinstance that is not
import torch
isinstance = lambda x, f: f(x, -1)
def it(x): return isinstance(x, torch.softmax)
### reference kept before it is redefined
from torch.nn.functional import softmax
kept = softmax
def softmax(x): return kept(x, -1)
def it(x): return softmax(x)
### tiktoken
import tiktoken
def it(text): return tiktoken.get_encoding("gpt2").encode(text)
### tokenizers inside a function
def it(text):
    from tokenizers import Tokenizer
    return Tokenizer
### a forbidden library by name
import importlib
def it(text): return importlib.import_module("transformers")
### the layers of einops
from einops.layers.torch import EinMix
def it(x): return EinMix("a b -> a c", weight_shape="b c", b=2, c=3)(x)
### the layers of einops as a member
from einops.layers import torch as et
def it(x): return et.Rearrange("a b -> b a")(x)
### softmax of scipy
from scipy.special import softmax
def it(x): return softmax(x)
### softmax of scipy as a member
import scipy.special as s
def it(x): return s.logsumexp(x)
### native code
from torch.utils.cpp_extension import load_inline
def it(x): return load_inline("m", "").f(x)
### the modes of the guard itself
import torch
def it(x):
    with torch.overrides.TorchFunctionMode(): return x
""")

SUPPORT = {
    "ops.py": "import torch.nn.functional as F\nfrom torch.nn.functional import softmax\nsm = F.softmax\n",
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_way_around_is_found_and_costs_its_problem(name: str, tmp_path: Path) -> None:
    findings = scanned(tmp_path, {**SUPPORT, "nn.py": FORBIDDEN[name]}).findings
    assert "it" in {f.problem for f in findings if f.kind == "policy"}, findings


def test_a_finding_names_the_place_what_was_used_and_the_rule(tmp_path: Path) -> None:
    (finding,) = scanned(tmp_path, {"nn.py": FORBIDDEN["the plain way"]}).findings
    assert (finding.kind, finding.problem, finding.file, finding.line) == ("policy", "it", "nn.py", 2)
    assert finding.rule == "torch.nn.*"
    assert finding.message == "it uses torch.nn.functional.softmax; the from-scratch policy forbids torch.nn.*"


def test_a_finding_about_an_import_names_the_file_and_the_package(tmp_path: Path) -> None:
    finding = scanned(tmp_path, {"nn.py": FORBIDDEN["tiktoken"]}).findings[0]
    assert finding.message == "nn.py imports tiktoken; the from-scratch policy forbids tiktoken"


def test_a_finding_that_costs_nothing_says_why(tmp_path: Path) -> None:
    (finding,) = scanned(tmp_path, {"nn.py": "import tiktoken\ndef it(): pass\n"}).findings
    assert finding.problem is None
    assert finding.message.endswith("forbids tiktoken (no adapter reaches it)")
