"""`grader adopt` of repositories in the shape of the public course's assignment 2, of both years, graded in the sandbox."""

import re
from pathlib import Path

import pytest

from grader import adopt as adopting
from grader import assignment as assignments
from grader import grading, sandbox, scoring
from grader.adopt import ledger
from grader.task import Task
from grader.tests import public_repository as public

NAME = "assignment2_systems"
SOLUTIONS = Path(__file__).resolve().parents[2] / "staff" / "solutions"
MODULES = ("flash_attention", "flash_triton", "data_parallel", "sharded_optimizer")
HEAD = """\
from __future__ import annotations

import torch

from cs336_systems.flash_attention import FlashAttention
from cs336_systems.flash_triton import TritonFlashAttention
from cs336_systems.sharded_optimizer import ShardedOptimizer


def get_flashattention_autograd_function_pytorch():
    return FlashAttention


def get_flashattention_autograd_function_triton():
    return TritonFlashAttention


def get_sharded_optimizer(params, optimizer_cls, **kwargs):
    return ShardedOptimizer(params, optimizer_cls, **kwargs)
"""
YEAR_2026 = """

def get_ddp(module):
    from cs336_systems.data_parallel import DDP
    return DDP(module)


def ddp_on_after_backward(ddp_model, optimizer):
    ddp_model.finish_gradient_synchronization()
    torch.cuda.synchronize()


def get_fsdp(module, compute_dtype=None):
    from cs336_systems.fully_sharded import FullyShardedDataParallel
    return FullyShardedDataParallel(module, compute_dtype)


def fsdp_on_after_backward(fsdp_model, optimizer):
    fsdp_model.finish_gradient_synchronization()


def fsdp_gather_full_params(fsdp_model):
    return fsdp_model.gather_full_params()
"""
YEAR_2025 = """

def get_ddp_individual_parameters(module):
    from cs336_systems.data_parallel import DDP
    return DDP(module)


def ddp_individual_parameters_on_after_backward(ddp_model, optimizer):
    ddp_model.finish_gradient_synchronization()


def get_ddp_bucketed(module, bucket_size_mb):
    from cs336_systems.bucketed_data_parallel import BucketedDDP
    return BucketedDDP(module, bucket_size_mb)


def ddp_bucketed_on_train_batch_start(ddp_model, optimizer):
    ddp_model.start_train_batch()


def ddp_bucketed_on_after_backward(ddp_model, optimizer):
    ddp_model.finish_gradient_synchronization()
"""
LAYERS = """\
import torch
from torch import nn


class Linear(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(d_out, d_in))

    def forward(self, x):
        return x @ self.weight.T


class Embedding(nn.Module):
    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(vocab_size, d_model))

    def forward(self, token_ids):
        return self.weight[token_ids]
"""
"""The library that a repository brings along: layers of its own, which our tests do not build their models of."""

BOTH = ("flash_forward", "flash_backward", "naive_ddp", "ddp_overlap_individual_parameters", "optimizer_state_sharding")


LIBRARIES = {
    2026: {
        "cs336-basics/cs336_basics/__init__.py": "",
        "cs336-basics/cs336_basics/model/__init__.py": "from cs336_basics.model.layers import Embedding, Linear\n",
        "cs336-basics/cs336_basics/model/layers.py": LAYERS,
    },
    2025: {
        "cs336-basics/cs336_basics/__init__.py": (
            "import importlib.metadata\n\n__version__ = importlib.metadata.version('cs336_basics')\n"
        ),
        "cs336-basics/cs336_basics/model.py": "import a_package_that_nobody_has\n" + LAYERS,
    },
}
"""The one of 2026 is a package, and code takes its classes from within; that of 2025 cannot be imported, nor is it used."""


def module(name, layers):
    text = (SOLUTIONS / NAME / f"{name}.py").read_text(encoding="utf-8")
    text = re.sub(r"from assignment2_systems\.(\w+) import", r"from cs336_systems.\1 import", text)
    return text.replace("from assignment1_basics.nn import", f"from {layers} import")


def files_of(year):
    own = {2026: ("fully_sharded",), 2025: ("bucketed_data_parallel",)}[year]
    layers = {2026: "cs336_basics.model.layers", 2025: "cs336_basics.model"}[year]
    return {
        **{f"cs336_systems/{name}.py": module(name, layers) for name in (*MODULES, *own)},
        **LIBRARIES[year],
        "cs336_systems/__init__.py": "",
        "cs336-basics/pyproject.toml": '[project]\nname = "cs336-basics"\nversion = "1.0.6"\n',
        "tests/__init__.py": "",
        "tests/adapters.py": HEAD + {2026: YEAR_2026, 2025: YEAR_2025}[year],
        "pyproject.toml": '[project]\nname = "cs336-systems"\nversion = "1.0.5"\n',
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("year", "solved", "missing"), [(2026, "fsdp", "ddp_bucketed"), (2025, "ddp_bucketed", "fsdp")]
)
def test_a_repository_scores_full_marks_on_what_it_solves(tmp_path, monkeypatch, repository, year, solved, missing):
    monkeypatch.setattr(ledger, "FOLDER", tmp_path / "remembered")
    course = assignments.load(repository, NAME)
    made = adopting.adopt(course, public.write(tmp_path / "theirs", files_of(year)), tmp_path / "handin")
    problems = (*BOTH, solved, missing)
    task = Task(course.root, NAME, made.folder, "theirs", 336, sandbox.choose().name, problems)
    result = scoring.score(grading.grade(task), course)
    lost = {row.id: row.verdict.value for row in result.problems if row.id in problems and row.score == 0}
    said = [
        (t.problem, t.name, t.message[:300]) for row in result.problems for t in row.tests if t.verdict.value != "PASS"
    ]
    assert lost == {missing: "NOT_IMPLEMENTED"}, said
    assert result.outcome.findings == ()
