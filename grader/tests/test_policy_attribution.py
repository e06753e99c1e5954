"""A finding costs one problem: the one whose adapters reach its line by the shortest path."""

from pathlib import Path

import pytest

from grader.findings import Finding
from grader.policy import ScanResult
from grader.tests.small_handin import POLICY, scanned

ENTRY_POINTS = {
    "linear": ["run_linear"],
    "softmax": ["run_softmax"],
    "attention": ["run_attention", "get_attention_cls"],
}
ADAPTERS = """\
from assignment1_basics.nn import Attention, attention, linear, softmax
def run_linear(x): return linear(x)
def run_softmax(x): return softmax(x)
def run_attention(x): return attention(x)
def get_attention_cls(): return Attention
"""
NN = """\
import torch.nn.functional as F
def linear(x): return x
def softmax(x): return x
def attention(x): return softmax(linear(x))
class Attention:
    def forward(self, x): return attention(x)
"""


def costs(folder: Path, nn: str, adapters: str = ADAPTERS, **others: str) -> list[tuple[str | None, str, int]]:
    """Problem, file and line of every policy finding."""
    files = {"adapters.py": adapters, "nn.py": nn, **{f"{name}.py": text for name, text in others.items()}}
    found = scanned(folder, files, ENTRY_POINTS).findings
    return [(f.problem, f.file, f.line) for f in found if f.kind == "policy"]


def test_the_function_itself_is_charged_not_its_callers(tmp_path: Path) -> None:
    nn = NN.replace("def softmax(x): return x", "def softmax(x): return F.softmax(x, -1)")
    assert costs(tmp_path, nn) == [("softmax", "nn.py", 3)]


def test_a_caller_that_uses_it_itself_is_charged(tmp_path: Path) -> None:
    nn = NN.replace("softmax(linear(x))", "F.softmax(linear(x), -1)")
    assert costs(tmp_path, nn) == [("attention", "nn.py", 4)]


def test_a_method_belongs_to_its_class(tmp_path: Path) -> None:
    nn = NN.replace("return attention(x)", "return F.silu(x)")
    assert costs(tmp_path, nn) == [("attention", "nn.py", 6)]


def test_an_adapter_is_charged_for_its_own_lines(tmp_path: Path) -> None:
    adapters = ADAPTERS.replace("return softmax(x)", "import torch; return torch.softmax(x, -1)")
    assert costs(tmp_path, NN, adapters) == [("softmax", "adapters.py", 3)]


def test_of_equally_near_problems_the_first_in_the_toml_is_charged(tmp_path: Path) -> None:
    nn = NN.replace("return x", "return shared(x)") + "def shared(x): return F.gelu(x)\n"
    assert costs(tmp_path, nn) == [("linear", "nn.py", 7)]


def test_the_nearer_problem_is_charged_for_a_shared_part(tmp_path: Path) -> None:
    nn = NN.replace("def linear(x): return x", "def linear(x): return far(x)").replace(
        "def softmax(x): return x", "def softmax(x): return shared(x)"
    )
    nn += "def far(x): return shared(x)\ndef shared(x): return F.gelu(x)\n"
    assert costs(tmp_path, nn) == [("softmax", "nn.py", 8)]


def test_what_no_adapter_reaches_costs_nothing(tmp_path: Path) -> None:
    nn = NN + "def benchmark(x): return F.softmax(x, -1)\n"
    assert costs(tmp_path, nn) == [(None, "nn.py", 7)]


def test_an_alias_that_is_the_solution_costs_that_problem_alone(tmp_path: Path) -> None:
    nn = NN.replace("def softmax(x): return x", "softmax = F.softmax")
    assert set(costs(tmp_path, nn)) == {("softmax", "nn.py", 3), ("softmax", "nn.py", 4), ("softmax", "adapters.py", 3)}


def test_an_import_that_is_the_solution_costs_that_problem_alone(tmp_path: Path) -> None:
    nn = NN.replace("def softmax(x): return x", "from torch.nn.functional import softmax")
    assert set(costs(tmp_path, nn)) == {("softmax", "nn.py", 4), ("softmax", "adapters.py", 3)}


def test_a_private_alias_costs_every_problem_that_uses_it(tmp_path: Path) -> None:
    nn = NN.replace("def linear(x): return x", "def linear(x): return _s(x, -1)").replace(
        "def softmax(x): return x", "def softmax(x): return _s(x, -1)"
    )
    nn += "from torch import softmax as _s\n"
    assert costs(tmp_path, nn) == [("linear", "nn.py", 2), ("softmax", "nn.py", 3)]


@pytest.mark.parametrize(
    "imported",
    [
        "from assignment1_basics.parts import softmax",
        "from .parts import softmax",
        "from . import parts\nsoftmax = parts.softmax",
        "import assignment1_basics.parts as p\ndef softmax(x): return p.softmax(x)",
        "from .parts import *",
        "def softmax(x):\n    from .parts import softmax as s\n    return s(x)",
        "def softmax(x):\n    import assignment1_basics.parts\n    return assignment1_basics.parts.softmax(x)",
        "from .between import softmax",
        "def softmax(x):\n    from . import parts\n    return getattr(parts, 'soft' + 'max')(x)",
        "import importlib\ndef softmax(x): return importlib.import_module('.parts', __package__).softmax(x)",
        "import parts\nsoftmax = parts.softmax",
    ],
)
def test_imports_between_files_are_followed(imported: str, tmp_path: Path) -> None:
    nn = NN.replace("def softmax(x): return x", imported)
    parts = "import torch\ndef softmax(x): return torch.softmax(x, -1)\ndef linear(x): return torch.relu(x)\n"
    found = costs(tmp_path, nn, parts=parts, between="from .parts import softmax\n")
    assert ("softmax", "parts.py", 2) in found
    assert (None, "parts.py", 3) in found or "*" in imported


def test_a_package_of_another_course_is_followed_by_its_own_name(tmp_path: Path) -> None:
    files = {
        "adapters.py": ADAPTERS.replace("assignment1_basics.nn", "other_basics.model.layers"),
        "other_basics/__init__.py": "",
        "other_basics/model/layers.py": "from ..functions import *\nfrom other_basics.functions import linear\n"
        "attention = Attention = linear\n",
        "other_basics/functions.py": "import torch\ndef softmax(x): return torch.softmax(x, -1)\ndef linear(x): return x\n",
    }
    found = scanned(tmp_path, files, ENTRY_POINTS).findings
    assert [(f.problem, f.file, f.line) for f in found] == [("softmax", "other_basics/functions.py", 2)]


def test_a_forbidden_import_costs_the_problem_that_uses_it(tmp_path: Path) -> None:
    nn = NN.replace("def softmax(x): return x", "def softmax(x): return transformers.softmax(x)")
    nn += "import transformers\nimport tiktoken\n"
    assert costs(tmp_path, nn) == [
        ("softmax", "nn.py", 3), ("softmax", "nn.py", 7), (None, "nn.py", 8),
    ]  # fmt: skip


def test_top_level_code_costs_the_nearest_problem_of_its_file(tmp_path: Path) -> None:
    parts = "import torch\ndef softmax(x): return x\nprint(torch.softmax(torch.ones(2), 0))\n"
    nn = NN.replace("def softmax(x): return x", "from .parts import softmax")
    assert costs(tmp_path, nn, parts=parts) == [("softmax", "parts.py", 3)]


def test_a_file_that_is_imported_for_its_effect_costs_its_importer(tmp_path: Path) -> None:
    patch = "import torch\ntorch.sigmoid = torch.nn.functional.silu\n"
    assert costs(tmp_path, NN + "from . import patch\n", patch=patch) == [("linear", "patch.py", 2)]


def test_a_finding_in_a_recursion_of_imports_is_charged(tmp_path: Path) -> None:
    nn = NN.replace("def softmax(x): return x", "from .a import softmax")
    a = "from .b import other\ndef softmax(x): return other(x)\n"
    b = "from .a import softmax\nimport torch\ndef other(x): return torch.softmax(x, -1) if x else softmax(x)\n"
    assert costs(tmp_path, nn, a=a, b=b) == [("softmax", "b.py", 3)]


# What the guard saw is charged by the same graph


def result(folder: Path, nn: str) -> ScanResult:
    return scanned(folder, {"adapters.py": ADAPTERS, "nn.py": nn}, ENTRY_POINTS)


def test_an_event_costs_the_problem_of_its_line(tmp_path: Path) -> None:
    found = result(tmp_path, NN).seen_at_run_time("torch.softmax", "nn.py", 3, "attention", POLICY)
    message = "torch.softmax was used when the code ran; the from-scratch policy forbids torch.softmax"
    assert found == Finding("policy", "softmax", "nn.py", 3, "torch.softmax", message)


def test_an_event_where_no_adapter_was_seen_to_reach_costs_the_problem_that_was_tested(tmp_path: Path) -> None:
    nn = NN + "def hidden(x): return x\n"
    found = result(tmp_path, nn).seen_at_run_time("torch.softmax", "nn.py", 7, "attention", POLICY)
    assert found is not None
    assert found.problem == "attention"


def test_an_event_without_a_line_costs_the_problem_that_was_tested(tmp_path: Path) -> None:
    found = result(tmp_path, NN).seen_at_run_time("torch.optim.AdamW", "adapters.py", 0, "attention", POLICY)
    assert found is not None
    assert (found.problem, found.file, found.line) == ("attention", "adapters.py", 0)


def test_an_event_in_a_call_of_an_alias_costs_the_problem_it_solves(tmp_path: Path) -> None:
    nn = NN.replace("def softmax(x): return x", "softmax = F.softmax")
    assert result(tmp_path, nn).owner_of("nn.py", 4, "torch.nn.functional.softmax") == "softmax"
    assert result(tmp_path, nn).owner_of("nn.py", 4, "torch.relu") == "attention"


def test_an_event_for_what_the_source_check_found_is_no_second_finding(tmp_path: Path) -> None:
    nn = NN.replace("def softmax(x): return x", "def softmax(x): return F.softmax(x, -1)")
    assert result(tmp_path, nn).seen_at_run_time("torch.nn.functional.softmax", "nn.py", 3, "softmax", POLICY) is None


@pytest.mark.parametrize(("name", "file"), [("torch.sigmoid", "nn.py"), ("", "nn.py"), ("x" * 9999, "nn.py")])
def test_an_event_about_nothing_forbidden_is_no_finding(name: str, file: str, tmp_path: Path) -> None:
    assert result(tmp_path, NN).seen_at_run_time(name, file, 4, "softmax", POLICY) is None


def test_an_event_in_a_file_that_is_not_there_does_not_name_it(tmp_path: Path) -> None:
    found = result(tmp_path, NN).seen_at_run_time("torch.softmax", "<script>", 10**12, "softmax", POLICY)
    assert found is not None
    assert (found.problem, found.file, found.line) == ("softmax", "(a file that is not in the hand-in)", 0)


def test_a_result_is_the_same_after_json(tmp_path: Path) -> None:
    found = result(tmp_path, NN.replace("return x", "return F.silu(x)"))
    assert found.findings
    assert ScanResult.from_json(found.to_json()) == found


@pytest.mark.parametrize("text", ["", "[]", '{"findings": [{}]}', "[" * 100_000])
def test_json_that_is_no_result_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"not the result of a scan|Expecting value|property name"):
        ScanResult.from_json(text)
