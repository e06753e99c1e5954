"""What the run-time guard sees of code that runs, and that it changes nothing about it."""

import importlib.util
import sys
import textwrap
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

from grader.guard import NOWHERE, Event, Guard
from grader.tests.small_handin import POLICY, snippets

RULES = POLICY.for_guard()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return tmp_path / "assignment1_basics"


@pytest.fixture
def guard(package: Path) -> Guard:
    return Guard(package, RULES)


def load(package: Path, name: str, source: str) -> ModuleType:
    """Import `source` as the file `name` of the package."""
    path = package / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"seen_by_guard_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def events_of(guard: Guard, package: Path, source: str, *args: Any) -> list[Event]:
    """What the guard notes while `it` of `source` is imported and called."""
    with guard:
        load(package, "nn.py", source).it(*args)
    return guard.events()


SEEN = snippets("""
### torch.nn.functional.softmax
import torch.nn.functional as F
def it(x): return F.softmax(x, -1)  # here
### torch.softmax
import torch
def it(x): return torch.softmax(x, -1)  # here
### torch.Tensor.softmax
def it(x): return x.softmax(-1)  # here
### torch.special.softmax
import torch
def it(x): return torch.special.softmax(x, -1)  # here
### torch._softmax
import torch
def it(x): return torch._softmax(x, -1, False)  # here
### torch.ops.aten._softmax
import torch
def it(x): return torch.ops.aten._softmax(x, -1, False)  # here
### torch.ops.aten._softmax.default
import torch
def it(x): return torch.ops.aten._softmax.default(x, -1, False)  # here
### torch.nn.functional.linear by the C namespace
import torch
def it(x): return torch._C._nn.linear(x, x)  # here
### torch.nn.functional.silu by a computed name
import torch
name = "".join(chr(c) for c in (115, 105, 108, 117))
def it(x): return getattr(torch.nn.functional, name)(x)  # here
### torch._C._nn.silu_ by a dictionary
import torch
def it(x):
    for f in [v for k, v in sorted(vars(torch._C._nn).items()) if k == "silu_"]:
        return f(x)  # here
### torch.rms_norm in a lambda
import torch
def it(x):
    return list(map(
        lambda t: torch.rms_norm(t, (4,)), [x]))  # here
### torch.nn.Linear
from torch import nn
def it(x): return nn.Linear(4, 4)(x)  # here
### torch.nn.LayerNorm by inheritance
from torch import nn
def it(x):
    class Mine(nn.LayerNorm): pass  # here
### torch.optim.AdamW by type
import torch
def make(name): return type("Mine", (getattr(torch.optim, name),), {})  # here
def it(x): make("AdamW")
### torch.optim.SGD
import torch
def it(x): torch.optim.SGD([torch.nn.Parameter(x)], lr=1)  # here
### torch.optim.lr_scheduler.LambdaLR
import torch
from torch.optim.lr_scheduler import LambdaLR
class Own(torch.optim.Optimizer): pass
def it(x): LambdaLR(Own([torch.nn.Parameter(x)], {"lr": 1}), lambda epoch: 1.0)  # here
### torch.optim.adam.adam as a function
import torch
from torch.optim.adam import adam
def it(x):
    s = [torch.tensor(1.0)]
    options = dict(amsgrad=False, beta1=0.9, beta2=0.9, lr=1.0, weight_decay=0, eps=1.0, maximize=False)
    adam([x], [x.clone()], [x.clone()], [x.clone()], [], s, **options)  # here
### torch.nn.utils.clip_grad.clip_grad_norm_
import torch
def it(x):
    p = torch.nn.Parameter(x)
    p.grad = x
    torch.nn.utils.clip_grad_norm_([p], 1.0)  # here
### torch.softmax by the reference implementations
import torch._refs.nn.functional as R
def it(x): return R.softmax(x, -1)  # here
### torch.nn.functional.softmax in a backward pass
import torch
import torch.nn.functional as F
class Fn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x.clone()
    @staticmethod
    def backward(ctx, g):
        return F.softmax(g, -1)  # here
def it(x): Fn.apply(x.requires_grad_()).sum().backward()
### torch.nn.functional.gelu in a hook
import torch
def it(x):
    x.requires_grad_()
    x.register_hook(lambda g: torch.nn.functional.gelu(g))  # here
    torch.autograd.grad(x.sum(), x)
### torch.log_softmax in a mode of the hand-in
import torch
from torch.overrides import TorchFunctionMode
class Own(TorchFunctionMode):
    def __torch_function__(self, f, types, args=(), kwargs=None):
        return torch.log_softmax(args[0], -1)  # here
def it(x):
    with Own(): torch.sin(x)
### torch.softmax in a thread
import threading
import torch
def it(x):
    t = threading.Thread(target=lambda: torch.softmax(x, -1))  # here
    t.start()
    t.join()
### torch.logsumexp under vmap
import torch
def it(x): return torch.vmap(lambda v: torch.logsumexp(v, 0))(x)  # here
### torch.relu under a function transform
import torch
def it(x): return torch.func.grad(lambda v: torch.relu(v).sum())(x)  # here
### torch.nn.functional.embedding in a container
import torch
class Own(torch.nn.Module):
    def forward(self, x): return self.inner(x)
    def inner(self, x):
        return torch.nn.functional.embedding(x.long(), x)  # here
def it(x): return torch.nn.Sequential(Own())(x.abs() % 2)
### torch.nn.functional.mish by exec
import torch
def it(x): exec("torch.nn.functional.mish(x)")  # here
### torch.Tensor.relu by operator.methodcaller
import functools, operator
def it(x): return functools.reduce(lambda a, f: f(a), [operator.methodcaller("re" + "lu")], x)  # here
### wave by an import
def it(x): import wave  # here
""")


@pytest.mark.parametrize("case", SEEN)
def test_what_runs_is_seen_with_its_place(case: str, package: Path) -> None:
    sys.modules.pop("wave", None)  # stands for a forbidden package, which need not be installed
    guard = Guard(package, {**RULES, "imports": "wave"})
    events = events_of(guard, package, SEEN[case], torch.randn(4, 4))
    line = next(number for number, text in enumerate(SEEN[case].splitlines(), 1) if "# here" in text)
    assert (case.split()[0], "nn.py", line) in events


def test_what_runs_while_the_hand_in_is_imported_is_seen(guard: Guard, package: Path) -> None:
    source = "import torch\ntable = torch.nn.Embedding(2, 2)\nw = torch.softmax(torch.ones(2), 0)\ndef it(): pass\n"
    assert events_of(guard, package, source) == [("torch.nn.Embedding", "nn.py", 2), ("torch.softmax", "nn.py", 3)]


def test_the_innermost_line_of_the_hand_in_is_named(guard: Guard, package: Path) -> None:
    source = """
        import torch
        def softmax(x):
            return torch.softmax(x, -1)
        def attention(x):
            return softmax(x)
        it = attention
        """
    assert events_of(guard, package, source, torch.ones(2)) == [("torch.softmax", "nn.py", 4)]


@pytest.mark.parametrize("name", ["drivers.py", "drivers/modules.py"])
def test_what_staff_code_does_is_not_noted(name: str, guard: Guard, package: Path) -> None:
    student = load(package, "nn.py", "def it(x, f): return f(x)\n")
    driver = load(
        package,
        name,
        """
        import torch
        def drive(it, x):
            torch.nn.Linear(2, 2)(x)
            class Holder(torch.nn.Linear): pass
            torch.optim.AdamW([torch.nn.Parameter(x)]).step()
            return it(x, lambda x: torch.softmax(x, -1))
        """,
    )
    with guard:
        driver.drive(student.it, torch.ones(2))
    assert guard.events() == []


UNOWNED = {
    "a function of torch": (
        "from concurrent.futures import ThreadPoolExecutor\nimport torch\n"
        "def it(x): return ThreadPoolExecutor(1).submit(torch.softmax, x, -1).result()\n",
        "torch.softmax",
    ),
    "what calls allowed ones": (
        "from concurrent.futures import ThreadPoolExecutor\nimport torch\n"
        "def it(x):\n"
        "    parameter = torch.nn.Parameter(x)\n"
        "    parameter.grad = x\n"
        "    ThreadPoolExecutor(1).submit(torch.nn.utils.clip_grad_norm_, [parameter], 1.0).result()\n",
        "torch.nn.utils.clip_grad.clip_grad_norm_",
    ),
    "a class": (
        "from concurrent.futures import ThreadPoolExecutor\nimport torch\n"
        "def it(x): return ThreadPoolExecutor(1).submit(torch.nn.Linear, 2, 2).result()\n",
        "torch.nn.Linear",
    ),
    "an import": (
        "from concurrent.futures import ThreadPoolExecutor\nimport importlib\n"
        "def it(x):\n"
        "    thread = ThreadPoolExecutor(1).submit(importlib.import_module, 'tiktoken._not_there')\n"
        "    thread.exception()\n",
        "tiktoken._not_there",
    ),
}


@pytest.mark.parametrize("what", UNOWNED)
def test_what_runs_where_no_line_of_the_hand_in_does_is_noted(what: str, guard: Guard, package: Path) -> None:
    source, name = UNOWNED[what]
    events = events_of(guard, package, source, torch.ones(2))
    assert (name, *NOWHERE) in events


def test_what_nobody_led_to_was_given_away_by_an_adapter(guard: Guard) -> None:
    with guard:
        torch.softmax(torch.ones(2), 0)
    assert guard.events() == [("torch.softmax", *NOWHERE)]


def test_a_bare_thread_is_watched(guard: Guard, package: Path) -> None:
    source = """
        import _thread, queue, torch
        def it(x):
            found = queue.Queue()
            def put(*args, sign): found.put(sign * torch.softmax(*args))
            _thread.start_new_thread(put, (x, -1), {"sign": 2})
            return found.get()
        """
    assert events_of(guard, package, source, torch.ones(2)) == [("torch.softmax", "nn.py", 5)]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import torch\ndef it(): return vars(torch.optim)['Adam' + 'W']\n", "torch.optim.AdamW"),
        ("import torch\nbase = vars(torch.optim)['Adam' + 'W']\ndef it(): return type('Own', (base,), {})\n", None),
    ],
)
def test_a_forbidden_class_that_an_adapter_gives_to_staff_code_is_noted(
    source: str, name: str | None, guard: Guard, package: Path
) -> None:
    student = load(package, "nn.py", source)
    driver = load(package, "drivers.py", "def drive(cls, x): return cls([x]).step()\n")
    with guard:
        cls = student.it()
        made = guard.events()
        driver.drive(cls, nn.Parameter(torch.ones(2)))
    assert made == ([] if name else [("torch.optim.AdamW", "nn.py", 3)])
    assert guard.events() == [("torch.optim.AdamW", "adapters.py", 0)]


def test_what_a_library_does_while_it_is_imported_is_not_noted(
    guard: Guard, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = "import torch\ntorch.softmax(torch.ones(2), 0)\nclass Own(torch.nn.Linear): pass\n"
    (tmp_path / "some_library.py").write_text(library, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert events_of(guard, package, "def it(): import some_library\n") == []


UNSEEN = snippets("""
### layers from scratch
import torch
from torch import nn
class It(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(4, 4))
        nn.init.trunc_normal_(self.weight, 0.0, 1.0, -3.0, 3.0)
        nn.init.ones_(nn.Parameter(torch.empty(4)))
        self.register_buffer("table", torch.ones(4, 4), persistent=False)
        self.layers = nn.ModuleList([nn.Sequential(), nn.ModuleDict({"a": nn.ParameterList([self.weight])})])
    def forward(self, x): return self.layers[0](x @ self.weight.T) + self.table
def it(x):
    model = It().to(torch.float64).to(torch.float32)
    model.load_state_dict(model.state_dict())
    model.eval().train().requires_grad_(False)
    return model(x)
### an optimizer from scratch
import torch
class Own(torch.optim.Optimizer):
    def __init__(self, params): super().__init__(params, {"lr": 1.0})
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p]["m"] = torch.zeros_like(p)
                p.add_(p.grad, alpha=-group["lr"])
def it(x):
    p = torch.nn.Parameter(x)
    opt = Own([p])
    opt.add_param_group({"params": [torch.nn.Parameter(x.clone())], "lr": 0.5})
    (p * 2).sum().backward()
    opt.param_groups[1]["params"][0].grad = x
    opt.step()
    opt.load_state_dict(opt.state_dict())
    opt.zero_grad()
### the allowed operators
import torch
def it(x):
    y = torch.sigmoid(x) + torch.exp(x).log() + torch.rsqrt(x.abs() + 1) + x.square().mean(-1, keepdim=True)
    y = torch.where(x > 0, y, x).masked_fill(x > 1, 0).triu().tril() + torch.einsum("ij,kj->ik", x, x) + x @ x
    y = y.gather(-1, torch.zeros(4, 4, dtype=torch.long)) + y.index_select(0, torch.arange(4)) + y[torch.arange(4)]
    v, i = torch.topk(y, 2); torch.sort(v); torch.cumsum(v, -1); torch.linalg.vector_norm(v); v.norm(); v.clamp(min=0)
    torch._foreach_mul_([v], 2.0); torch.multinomial(torch.ones(3), 1); torch.tanh(x); torch.addmm(x, x, x)
    torch.stft(torch.ones(64), 16, window=torch.ones(16), return_complex=True)
    return torch.nn.Parameter(y)
### transforms, checkpoints and custom gradients
import torch
from torch.utils.checkpoint import checkpoint
class Fn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): ctx.save_for_backward(x); return x.exp()
    @staticmethod
    def backward(ctx, g): return g * ctx.saved_tensors[0].exp()
def it(x):
    torch.vmap(torch.sin)(x); torch.func.jacrev(torch.sin)(x); torch.func.grad(lambda v: v.sin().sum())(x)
    checkpoint(torch.sin, x.requires_grad_(), use_reentrant=False).sum().backward()
    checkpoint(torch.sin, x, use_reentrant=True).sum().backward()
    assert torch.autograd.gradcheck(Fn.apply, x.detach().double().requires_grad_())
### a class that is made strangely
import torch
class Meta(type):
    __hash__ = None
    def __eq__(cls, other): raise RuntimeError("compared")
class Own(torch.nn.Module, metaclass=Meta):
    __module__ = None
def it(x): Own()
### devices, dtypes and modes
import copy, io
import torch
def it(x):
    with torch.device("meta"): torch.empty(2); torch.nn.Module()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16): x @ x
    with torch.inference_mode(): x.half().float()
    file = io.BytesIO(); torch.save({"x": x}, file); file.seek(0); torch.load(file)
    copy.deepcopy(torch.nn.Sequential(torch.nn.Module()))
""")


@pytest.mark.parametrize("case", UNSEEN)
def test_legitimate_code_leaves_no_note(case: str, guard: Guard, package: Path) -> None:
    assert events_of(guard, package, UNSEEN[case], torch.randn(4, 4)) == []


def test_leaving_leaves_nothing_of_it_in_torch(guard: Guard) -> None:
    def state() -> list[object]:
        return [
            nn.Module.__init__,
            torch.optim.Optimizer.__init__,
            "__init_subclass__" in vars(nn.Module),
            torch.autograd._engine_run_backward,  # type: ignore[attr-defined] # private
            threading.Thread.start,
            list(sys.meta_path),
            torch.overrides._get_current_function_mode_stack(),
        ]

    before = state()
    with guard, guard:
        assert state() != before
    assert state() == before


def test_a_mode_or_device_that_the_code_leaves_behind_stays(guard: Guard, package: Path) -> None:
    source = "import torch\ndef it(): torch.set_default_device('meta')\n"
    try:
        events_of(guard, package, source)
        assert torch.empty(1).device.type == "meta"
    finally:
        torch.set_default_device(None)
    assert torch.overrides._get_current_function_mode_stack() == []


def test_exceptions_pass_and_the_guard_is_left(guard: Guard, package: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        events_of(guard, package, "import torch\ndef it(): torch.softmax(torch.ones(1), 0); 1 / 0\n")
    assert guard.events() == [("torch.softmax", "nn.py", 2)]
    assert torch.overrides._get_current_function_mode_stack() == []


def test_a_loop_is_one_event_and_there_is_an_end_to_events(guard: Guard, package: Path) -> None:
    loop = "import torch\ndef it():\n    for _ in range(10): torch.softmax(torch.ones(2), 0)\n"
    assert len(events_of(guard, package, loop)) == 1
    many = "import torch\ndef it():\n" + "    torch.softmax(torch.ones(2), 0)\n" * 300
    assert len(events_of(guard, package, many)) == 100
    assert guard.events() == []


def test_an_empty_policy_sees_nothing(package: Path) -> None:
    rules = type(POLICY)().for_guard()
    assert events_of(Guard(package, rules), package, SEEN["torch.nn.Linear"], torch.ones(4)) == []
