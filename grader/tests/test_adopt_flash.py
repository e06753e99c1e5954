"""Kernels of public repositories begin with `assert q.is_cuda`: where they are interpreted, tensors say yes to them.

What is launched lies in a process of its own, as Triton reads TRITON_INTERPRET when it is imported.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Triton is made for Linux only")

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = '''
import math
import torch
import triton
import triton.language as tl
from assignment2_systems import adapters, drivers


@triton.jit
def attend(q, k, v, o, keys, scale, D: tl.constexpr, ROWS: tl.constexpr, KEYS: tl.constexpr):
    """One tile of queries of one text, and all keys at once, each [texts, length, D] and contiguous."""
    text, tile = tl.program_id(1), tl.program_id(0)
    columns, rows, others = tl.arange(0, D), tl.arange(0, ROWS), tl.arange(0, KEYS)
    own = (text * tl.num_programs(0) * ROWS + tile * ROWS + rows)[:, None] * D + columns[None, :]
    all_keys = (text * keys + others)[:, None] * D + columns[None, :]
    scores = tl.dot(tl.load(q + own), tl.trans(tl.load(k + all_keys))) * scale
    weights = tl.exp(scores - tl.max(scores, axis=1)[:, None])
    weights = weights / tl.sum(weights, axis=1)[:, None]
    tl.store(o + own, tl.dot(weights, tl.load(v + all_keys)))


class Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, is_causal=False):
        assert q.is_cuda and k.is_cuda and v.is_cuda, "expected CUDA tensors"
        ctx.save_for_backward(q, k, v)
        o = torch.empty_like(q)
        assert o.is_cuda
        with torch.cuda.device(q.device):
            attend[(q.shape[1] // 16, q.shape[0])](
                q, k, v, o, k.shape[1], 1 / math.sqrt(q.shape[2]), D=q.shape[2], ROWS=16, KEYS=k.shape[1]
            )
        return o

    @staticmethod
    def backward(ctx, grad):
        assert grad.is_cuda and all(tensor.is_cuda for tensor in ctx.saved_tensors)
        with torch.enable_grad(), torch.cuda.device(grad.device):
            leaves = [tensor.detach().requires_grad_() for tensor in ctx.saved_tensors]
            q, k, v = leaves
            o = torch.softmax(q @ k.mT / math.sqrt(q.shape[-1]), dim=-1) @ v
        return *torch.autograd.grad(o, leaves, grad), None


adapters.get_flashattention_autograd_function_triton = lambda: Attention
adapters.get_flashattention_autograd_function_pytorch = lambda: Attention
torch.manual_seed(0)
q, k, v, cotangent = (torch.randn(2, length, 16) for length in (32, 64, 64, 32))
'''
RIGHT = """
def plain(q, k, v):
    return torch.nn.functional.scaled_dot_product_attention(q, k, v)

leaves = [tensor.clone().requires_grad_() for tensor in (q, k, v)]
expected = torch.autograd.grad((plain(*leaves) * cotangent).sum(), leaves)
torch.testing.assert_close(drivers.attention("triton", q, k, v, False), plain(q, k, v))
torch.testing.assert_close(drivers.attention_gradients("triton", q, k, v, False, cotangent), expected)
assert drivers.kernel_launches(q, k, v, False)[0]["programs"] == 4
assert drivers.kernel_launches(q, k, v, False, cotangent) == []
"""
OUTSIDE = """
drivers.attention("triton", q, k, v, False)
assert not q.is_cuda and not torch.nn.Parameter(q).is_cuda
assert torch.cuda.device.__name__ == "device"
drivers.attention("pytorch", q, k, v, False)
"""
FOR_A_GPU = """
def forward(ctx, q, k, v, is_causal=False):
    q, k, v = q.cuda(), k.to("cuda", torch.float32), v.to(torch.device("cuda:0"))
    o = torch.zeros(q.shape, device="cuda")
    kept = torch.full((2, 32), 1.0, device=torch.device("cuda", 0), dtype=torch.float64)
    assert kept.device.type == "cpu" and kept.dtype == torch.float64 and k.to(device="cuda") is k
    attend[(q.shape[1] // 16, q.shape[0])](
        q, k, v, o, k.shape[1], 1 / math.sqrt(q.shape[2]), D=q.shape[2], ROWS=16, KEYS=k.shape[1]
    )
    torch.cuda.synchronize()
    return o

Attention.forward = staticmethod(forward)
torch.testing.assert_close(
    drivers.attention("triton", q, k, v, False), torch.nn.functional.scaled_dot_product_attention(q, k, v)
)
assert torch.cuda.synchronize.__module__ == "torch.cuda"
try:
    torch.zeros(1, device="cuda")
except (AssertionError, RuntimeError):
    raise SystemExit(3)
"""
COMPILED = """
import os
from assignment2_systems.drivers.pretended_gpu import pretended_gpu

del os.environ["TRITON_INTERPRET"]
with pretended_gpu():
    assert not q.is_cuda
    assert torch.cuda.device.__name__ == "device"
"""


def run(folder: Path, what: str) -> "subprocess.CompletedProcess[str]":
    path = folder / "kernels.py"  # a file, as Triton reads the kernel's source
    path.write_text(SCRIPT + what, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TRITON_INTERPRET": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(
        [sys.executable, str(path)], env=environment, cwd=folder, capture_output=True, text=True, timeout=300
    )


def test_a_kernel_that_asserts_is_cuda_is_interpreted(tmp_path: Path) -> None:
    done = run(tmp_path, RIGHT)
    assert done.returncode == 0, done.stderr[-2000:]


def test_tensors_say_so_to_triton_functions_only_and_only_while_they_are_called(tmp_path: Path) -> None:
    done = run(tmp_path, OUTSIDE)
    assert done.returncode == 1
    assert "AssertionError: expected CUDA tensors" in done.stderr


def test_what_is_asked_for_on_a_gpu_is_made_here_and_only_while_kernels_are_interpreted(tmp_path: Path) -> None:
    done = run(tmp_path, FOR_A_GPU)
    assert done.returncode == 3, done.stderr[-2000:]


def test_where_kernels_are_compiled_nothing_is_pretended(tmp_path: Path) -> None:
    done = run(tmp_path, COMPILED)
    assert done.returncode == 0, done.stderr[-2000:]
