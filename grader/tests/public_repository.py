"""Miniature repositories in the public course's shape, generated from this course's reference in several layouts."""

import ast
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

SOLUTION = Path(__file__).resolve().parents[2] / "staff" / "solutions" / "assignment1_basics"
PUBLIC = (
    *("run_train_bpe", "get_tokenizer", "run_linear", "run_embedding", "run_rmsnorm", "run_silu", "run_swiglu"),
    *("run_rope", "run_softmax", "run_scaled_dot_product_attention", "run_multihead_self_attention"),
    *("run_multihead_self_attention_with_rope", "run_transformer_block", "run_transformer_lm", "run_cross_entropy"),
    *("get_adamw_cls", "run_get_lr_cosine_schedule", "run_gradient_clipping", "run_get_batch"),
    *("run_save_checkpoint", "run_load_checkpoint"),
)
"""The adapters of the public course."""
PROBLEMS = (
    *("train_bpe", "tokenizer", "linear", "embedding", "rmsnorm", "positionwise_feedforward", "rope", "softmax"),
    *("scaled_dot_product_attention", "multihead_self_attention", "transformer_block", "transformer_lm"),
    *("cross_entropy", "adamw", "learning_rate_schedule", "gradient_clipping", "data_loading", "checkpointing"),
)
"""The problems that they are the whole of, but for what a repository may lack."""
EXPORTS: Mapping[str, Sequence[str]] = {
    "nn": (
        *("Embedding", "Linear", "MultiHeadSelfAttention", "RMSNorm", "RotaryPositionalEmbedding", "SwiGLU"),
        *("scaled_dot_product_attention", "silu", "softmax"),
    ),
    "transformer": ("TransformerBlock", "TransformerLM"),
    "optimizer": ("AdamW", "get_lr_cosine_schedule", "gradient_clipping"),
    "loss": ("cross_entropy",),
    "data": ("get_batch",),
    "checkpoint": ("load_checkpoint", "save_checkpoint"),
    "bpe": ("train_bpe",),
    "tokenizer": ("Tokenizer",),
    "pretokenization": (),
    "parallel": (),
}
"""The modules of the reference that a repository is made of, and what its adapters use of each."""
HEAD = """\
from __future__ import annotations

import os
from collections.abc import Iterable
from typing import IO, Any, BinaryIO

import numpy.typing as npt
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

"""


def adapters(imports: str, bodies: Mapping[str, str] | None = None) -> str:
    """A `tests/adapters.py`: the reference's functions under the public names, those in `bodies` with another body."""
    text = (SOLUTION / "adapters.py").read_text(encoding="utf-8")
    functions = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    parts = [HEAD + textwrap.dedent(imports)]
    for name in PUBLIC:
        source = ast.get_source_segment(text, functions[name]) or ""
        own = (bodies or {}).get(name)
        if own is not None:
            first = functions[name].body[0]
            source = "\n".join(source.splitlines()[: first.lineno - functions[name].lineno])
            source += "\n" + textwrap.indent(textwrap.dedent(own).strip("\n"), "    ")
        parts.append(source.replace('Tensor, "d_out d_in"]', 'Tensor, " d_out d_in"]'))
    return "\n\n\n".join(parts) + "\n"


def module(name: str, package: str, places: Mapping[str, str] | None = None) -> str:
    """A module of the reference that imports its neighbours from `package`, or from where `places` has them."""
    text = (SOLUTION / f"{name}.py").read_text(encoding="utf-8")

    def place(match: re.Match[str]) -> str:
        target = (places or {}).get(match[1], match[1])
        return f"from {package}.{target} import" if package else f"from {target} import"

    return re.sub(r"from assignment1_basics\.(\w+) import", place, text)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Make `folder` with these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text) if name.count("adapters") == 0 else text, encoding="utf-8")
    return folder


def edition_2026(bodies: Mapping[str, str] | None = None) -> dict[str, str]:
    """A flat package beside `tests/`, everything imported at the top, classes with the handout's signatures."""
    imports = "".join(f"from cs336_basics.{m} import {', '.join(names)}\n" for m, names in EXPORTS.items() if names)
    return {
        **{f"cs336_basics/{name}.py": module(name, "cs336_basics") for name in EXPORTS},
        "cs336_basics/__init__.py": """\
            import importlib.metadata

            try:
                __version__ = importlib.metadata.version("cs336-basics")
            except importlib.metadata.PackageNotFoundError:
                __version__ = "0"
            """,
        "tests/__init__.py": "",
        "tests/adapters.py": adapters(imports + "from .common import FIXTURES_PATH\n", bodies),
        "tests/common.py": 'import pathlib\n\nFIXTURES_PATH = pathlib.Path(__file__).resolve().parent / "fixtures"\n',
        "tests/conftest.py": "class Snapshot[Kind: (int, float)]:\n    pass\n",
        "tests/test_nn_utils.py": "import torch.nn.functional as F\n\nfrom .adapters import run_softmax\n",
        "pyproject.toml": '[project]\nname = "cs336-basics"\nversion = "26.0.3"\n',
        "README.md": "# Assignment 1\n",
        ".github/workflows/test.yml": "on: push\n",
    }


PLACES_2025 = {
    "nn": "model.layers",
    "transformer": "model.lm",
    "loss": "training.loss",
    "optimizer": "training.optimizer",
    "data": "training.data",
    "checkpoint": "training.checkpoint",
    "bpe": "text.bpe",
    "tokenizer": "text.tokenizer",
    "pretokenization": "text.pretokenization",
    "parallel": "text.parallel",
}


def edition_2025() -> dict[str, str]:
    """`src/`, nested packages, a strict version look-up, imports of every kind, constructors of its own kind."""
    files = {
        f"src/cs336_basics/{place.replace('.', '/')}.py": module(name, "cs336_basics", PLACES_2025)
        for name, place in PLACES_2025.items()
    }
    files["src/cs336_basics/model/lm.py"] += textwrap.dedent("""

        class Configuration:
            def __init__(self, *, vocabulary, context, width, layers, heads, inner, theta):
                self.sizes = (vocabulary, context, width, layers, heads, inner, theta)


        class ConfiguredLM(TransformerLM):
            def __init__(self, configuration):
                super().__init__(*configuration.sizes)


        class Projection(Linear):
            def __init__(self, d_in, d_out):
                super().__init__(d_in, d_out)
        """)
    imports = """\
        import cs336_basics.model.layers as layers, cs336_basics.text.bpe
        import cs336_basics
        import cs336_basics.training.optimizer
        from cs336_basics.model import *
        from cs336_basics.model.layers import (
            MultiHeadSelfAttention,
            RMSNorm,
            SwiGLU,
        )
        from cs336_basics.training import checkpoint
        from cs336_basics.training.data import get_batch
        from tests.common import FIXTURES_PATH

        silu, softmax = layers.silu, layers.softmax
        train_bpe = cs336_basics.text.bpe.train_bpe
        get_lr_cosine_schedule = cs336_basics.training.optimizer.get_lr_cosine_schedule
        gradient_clipping = cs336_basics.training.optimizer.gradient_clipping
        RotaryPositionalEmbedding = layers.RotaryPositionalEmbedding
        save_checkpoint, load_checkpoint = checkpoint.save_checkpoint, checkpoint.load_checkpoint
        """
    bodies = {
        "run_linear": """
            from cs336_basics.model.lm import Projection
            linear = Projection(d_in, d_out).to(weights.device)
            linear.weight.data.copy_(weights)
            return linear.forward(in_features)
            """,
        "run_embedding": """
            table = layers.Embedding(embedding_dim=d_model, num_embeddings=vocab_size, device=weights.device)
            table.load_state_dict({"weight": weights})
            return table(token_ids)
            """,
        "run_rope": """
            rope = layers.RotaryPositionalEmbedding(d_k=d_k, theta=theta, max_seq_len=max_seq_len)
            return rope(in_query_or_key, token_positions)
            """,
        "run_scaled_dot_product_attention": "return layers.scaled_dot_product_attention(Q=Q, K=K, V=V, mask=mask)",
        "run_transformer_lm": """
            configuration = Configuration(
                vocabulary=vocab_size, context=context_length, width=d_model, layers=num_layers,
                heads=num_heads, inner=d_ff, theta=rope_theta,
            )
            model = ConfiguredLM(configuration)
            model.load_state_dict(weights)
            return model(in_indices)
            """,
        "get_tokenizer": """
            from importlib import import_module
            return import_module("cs336_basics.text.tokenizer").Tokenizer(vocab, merges, special_tokens)
            """,
        "get_adamw_cls": "return cs336_basics.training.optimizer.AdamW",
        "run_cross_entropy": """
            from cs336_basics.training.loss import cross_entropy
            return cross_entropy(inputs, targets)
            """,
    }
    return {
        **files,
        "src/cs336_basics/__init__.py": """\
            import importlib.metadata

            __version__ = importlib.metadata.version("cs336_basics")
            """,
        "src/cs336_basics/model/__init__.py": "from .lm import *\nfrom .lm import Configuration, ConfiguredLM\n",
        "src/cs336_basics/text/__init__.py": "",
        "tests/__init__.py": "",
        "tests/adapters.py": adapters(imports, bodies),
        "tests/common.py": 'import pathlib\n\nFIXTURES_PATH = (pathlib.Path(__file__).resolve().parent) / "fixtures"\n',
        "pyproject.toml": '[project]\nname = "cs336_basics"\nversion = "1.0.2"\n',
    }


def handwritten() -> dict[str, str]:
    """Code that shares nothing with the reference, in the folder beside this file, and adapters that import inside."""
    imports = "import cs336_basics.training as training\nfrom cs336_basics.model import *\n"
    bodies = {
        "run_train_bpe": """
            from cs336_basics.bpe import train_bpe
            return train_bpe(input_path, vocab_size, special_tokens, **kwargs)
            """,
        "get_tokenizer": """
            from cs336_basics.bpe import Tokenizer
            return Tokenizer(vocab, merges, special_tokens)
            """,
        "run_multihead_self_attention_with_rope": """
            attention = MultiHeadSelfAttention(d_model, num_heads, max_seq_len, theta)
            projections = {"q": q_proj_weight, "k": k_proj_weight, "v": v_proj_weight, "output": o_proj_weight}
            attention.load_state_dict({f"{name}_proj.weight": weight for name, weight in projections.items()})
            return attention(in_features, token_positions)
            """,
        "run_transformer_block": """
            block = TransformerBlock(d_model, num_heads, d_ff, max_seq_len, theta)
            block.load_state_dict(weights)
            return block(in_features)
            """,
        "run_cross_entropy": "return training.cross_entropy(inputs, targets)",
        "get_adamw_cls": "return training.AdamW",
        "run_get_lr_cosine_schedule": """
            return training.get_lr(it, max_learning_rate, min_learning_rate, warmup_iters, cosine_cycle_iters)
            """,
        "run_gradient_clipping": "return training.clip(parameters, max_l2_norm)",
        "run_get_batch": "return training.get_batch(dataset, batch_size, context_length, device)",
        "run_save_checkpoint": "training.save(model, optimizer, iteration, out)",
        "run_load_checkpoint": "return training.load(src, model, optimizer)",
    }
    folder = Path(__file__).with_name("handwritten_repository")
    files = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}
    return {**files, "tests/__init__.py": "", "tests/adapters.py": adapters(imports, bodies)}


def logic_in_adapters() -> dict[str, str]:
    """No package: loose modules, adapters that compute for themselves, and data by relative paths."""
    imports = """\
        from pathlib import Path

        import layers
        from common import scale_of
        from layers import softmax

        ONE = float(open("tests/fixtures/one.txt", encoding="utf-8").read())
        TWO = float((Path(__file__).parent / "fixtures" / "two.txt").read_text())
        """
    bodies = {
        **dict.fromkeys(PUBLIC, "raise NotImplementedError"),
        "run_linear": "return ONE * (in_features @ weights.T)",
        "run_embedding": "return weights.index_select(0, token_ids.reshape(-1)).reshape(*token_ids.shape, d_model)",
        "run_softmax": "return softmax(in_features, dim)",
        "run_silu": "return in_features * torch.sigmoid(in_features)",
        "run_swiglu": """
            gate = in_features @ w1_weight.T
            return (gate * torch.sigmoid(gate) * (in_features @ w3_weight.T)) @ w2_weight.T
            """,
        "run_rmsnorm": """
            wide = in_features.float() if in_features.dtype != torch.float64 else in_features
            mean_square = (wide ** TWO).mean(-1, keepdim=True)
            return (wide * torch.rsqrt(mean_square + eps) * weights * scale_of(wide)).to(in_features.dtype)
            """,
    }
    return {
        "layers.py": module("nn", ""),
        "tests/adapters.py": adapters(imports, bodies),
        "tests/common.py": "def scale_of(x):\n    return 1\n",
        "tests/fixtures/one.txt": "1.0\n",
        "tests/fixtures/two.txt": "2\n",
    }
