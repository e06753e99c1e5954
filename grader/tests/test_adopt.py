"""`grader adopt`: repositories in the public course's shape, made hand-ins and graded in the sandbox."""

import ast
import json
import shutil
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from typer.testing import CliRunner

from grader import adopt as adopting
from grader import assignment as assignments
from grader import grading, sandbox, scoring
from grader.adopt import classes, imports, ledger, terms
from grader.adopt.tree import Tree, installed
from grader.cli import app
from grader.errors import HandinError
from grader.task import Task
from grader.tests import public_repository as public

NAME = "assignment1_basics"
LAYERS = ("linear", "embedding", "rmsnorm", "positionwise_feedforward", "rope", "softmax")


@pytest.fixture
def course(repository, tmp_path, monkeypatch):
    """The course itself, with its memory of adoptions elsewhere."""
    monkeypatch.setattr(ledger, "FOLDER", tmp_path / "remembered")
    return assignments.load(repository, NAME)


@pytest.fixture
def adopt(course, tmp_path):
    """Adopts a repository of the given files, or an archive."""
    count = iter(range(100))

    def adopted(source):
        number = next(count)
        if isinstance(source, dict):
            source = public.write(tmp_path / f"repository{number}", source)
        return adopting.adopt(course, source, tmp_path / f"handin{number}")

    return adopted


@pytest.fixture
def graded(course):
    """Grades a hand-in in the best sandbox here; the scores by problem."""

    def scores(folder, problems, engine=None):
        task = Task(course.root, NAME, folder, folder.name, 336, sandbox.choose(engine).name, tuple(problems))
        return scoring.score(grading.grade(task), course)

    return scores


def lost(result):
    return {row.id: row.verdict.value for row in result.problems if row.verdict.value != "PASS"}


def failures(result):
    return [(t.problem, t.name, t.message) for row in result.problems for t in row.tests if t.verdict.value != "PASS"]


# Repositories, graded


@pytest.mark.slow
def test_a_repository_of_2026_scores_full_marks_on_what_it_solves(adopt, graded):
    made = adopt(public.edition_2026())
    result = graded(made.folder, (*public.PROBLEMS, "decoding"))
    assert lost(result) == {"decoding": "NOT_IMPLEMENTED"}, failures(result)
    assert not result.outcome.findings
    assert set(made.derived) == {
        *("get_linear_cls", "get_embedding_cls", "get_rmsnorm_cls", "get_swiglu_cls", "get_rope_cls"),
        "get_transformer_lm_cls",
    }
    left_out = " ".join(result.outcome.warnings)
    assert "made of 'repository0' by grader adopt" in left_out
    assert "tokenizer: 13 tests left out, being beyond the public course" in left_out
    assert "linear: " not in left_out


@pytest.mark.slow
def test_a_repository_of_2025_with_src_and_nested_packages_does_too(adopt, graded, tmp_path):
    folder = public.write(tmp_path / "a1-main", public.edition_2025())
    archive = tmp_path / "a1.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in sorted(folder.rglob("*")):
            zipped.write(path, path.relative_to(tmp_path))
    made = adopt(archive)
    assert made.derived["get_linear_cls"] == "Projection"
    assert made.derived["get_transformer_lm_cls"] == "ConfiguredLM"
    result = graded(made.folder, public.PROBLEMS)
    assert not lost(result), failures(result)
    assert not [finding for finding in result.outcome.findings if finding.kind == "policy"]
    assert "linear: 4 tests left out" in " ".join(result.outcome.warnings)  # its class takes no device and no dtype


@pytest.mark.slow
def test_code_that_shares_nothing_with_the_reference(adopt, graded):
    result = graded(adopt(public.handwritten()).folder, public.PROBLEMS)
    # The public handout, too, asks that no token cross the end of a string of a stream; its tests do not notice.
    assert lost(result) == {"tokenizer": "FAIL"}, failures(result)
    assert {name.partition("[")[0] for _, name, _ in failures(result)} == {
        *(
            "test_random_cuts_do_not_matter",
            "test_the_end_of_a_stream_is_not_lost",
            "test_a_word_longer_than_any_block",
        ),
        *("test_the_ids_do_not_depend_on_where_a_stream_is_cut", "test_two_streams_may_be_encoded_at_the_same_time"),
    }
    # Left out by their mark, which says what the public course leaves open.
    (rope,) = [warning for warning in result.outcome.warnings if warning.startswith("rope: ")]
    assert "tests left out, being beyond the public course: " in rope
    assert "test_nothing_is_saved" in rope


def test_logic_in_the_adapters_and_data_by_relative_paths(adopt, graded, tmp_path, engine):
    folder = public.write(tmp_path / "loose", public.logic_in_adapters())
    archive = tmp_path / "loose.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, "loose")
    made = adopt(archive)
    assert not made.derived
    result = graded(made.folder, LAYERS, engine)
    assert lost(result) == {"rope": "NOT_IMPLEMENTED"}, failures(result)
    assert "rope" in made.lacks


def test_the_libraries_of_the_public_course_are_there(adopt, graded):
    bodies = {
        "run_linear": "import einops\nreturn einops.einsum(in_features, weights, '... i, o i -> ... o')",
        "run_swiglu": """
            import einx
            from tqdm import tqdm
            first, third = (einx.dot("... i, o i -> ... o", in_features, w) for w in tqdm([w1_weight, w3_weight]))
            return einx.dot("... i, o i -> ... o", silu(first) * third, w2_weight)
            """,
    }
    result = graded(adopt(public.edition_2026(bodies)).folder, ("linear", "positionwise_feedforward"))
    assert not lost(result), failures(result)


UNUSED = """
import os
from pathlib import Path

import modal
import torch.utils.tensorboard as board
import wandb
import vllm.sampling as sampling
from line_profiler import profile
from loguru import logger
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.writer import FileWriter
from vllm import LLM, SamplingParams
from pylatexenc import latex2text

app = modal.App("basics", image=modal.Image.debian_slim().pip_install("torch"))
with modal.Image.imports():
    pass
for _ in modal.Volume["all"]:
    raise AssertionError


@app.function(gpu="H100", volumes={"/root": modal.Volume.from_name("x")})
def launched(model: LLM | None, parameters: None | SamplingParams, more: list[sampling.Any]) -> LLM:
    wandb.init(project="basics")


@wandb.watched
@logger.catch(reraise=True)
@profile
def square(x):
    logger.debug("squares {}", x)
    with SummaryWriter("runs") as writer:
        writer.add_scalar("x", x, 0)
    return x * x


class Mine(LLM):
    pass


assert square(3) == 9
converter = latex2text.LatexNodes2Text(strict=True)
os.makedirs(os.path.join(os.path.dirname(__file__), "runs", "first"), exist_ok=True)
(Path(__file__).parent / "results").mkdir(exist_ok=True)
"""
USED = "\n\ndef softmax(x, dim):\n    import mmh3\n\n    return mmh3.hash(x, dim)\n"


def test_packages_that_are_merely_imported_cost_nothing(adopt, graded, monkeypatch):
    tools = {"modal", "wandb", "line_profiler", "loguru", "tensorboard"}
    there = installed() - {*tools, "vllm", "pylatexenc", "mmh3"}
    monkeypatch.setattr("grader.adopt.tree.installed", lambda: there)
    files = public.edition_2026()
    files["cs336_basics/launching.py"] = UNUSED
    files["cs336_basics/nn.py"] += f"\n\nimport cs336_basics.launching\n{USED}"
    made = adopt(files)
    assert f"not installed here, and replaced by what does nothing: {', '.join(sorted(tools))}" in made.notes
    noted = " ".join(made.notes)
    for name in ("vllm", "pylatexenc", "mmh3"):
        assert f": imports {name}, which is not installed here; what needs it fails" in noted
    result = graded(made.folder, ("linear", "softmax"))
    assert lost(result) == {"softmax": "ERROR"}, failures(result)
    assert "ModuleNotFoundError: mmh3 is not installed where hand-ins are graded" in failures(result)[0][2]


def test_what_is_there_or_may_be_missing_has_no_stand_in(adopt, monkeypatch):
    there = installed() | {"modal"}
    monkeypatch.setattr("grader.adopt.tree.installed", lambda: there)
    files = public.edition_2026()
    files["cs336_basics/nn.py"] += (
        "\n\nimport modal\nimport wandb\ntry:\n    import mlflow\n    import mmh3.fast\nexcept ImportError:\n    mmh3 = None\n"
    )
    made = adopt({**files, "wandb/__init__.py": "# theirs\n", "mlflow/run-1/log.txt": ""})
    repository = made.folder / "repository"
    assert (repository / "wandb" / "__init__.py").read_text() == "# theirs\n"
    assert not list(repository.glob("modal*"))
    assert not list(repository.glob("mmh3*"))
    assert not (repository / "mlflow" / "__init__.py").exists()


def test_a_file_of_a_missing_packages_name_is_left_alone(adopt, monkeypatch):
    there = installed() - {"wandb"}
    monkeypatch.setattr("grader.adopt.tree.installed", lambda: there)
    files = public.edition_2026()
    files["cs336_basics/nn.py"] += "\n\nimport wandb.sdk\n"
    made = adopt({**files, "wandb": "a key\n"})
    assert (made.folder / "repository" / "wandb").read_text() == "a key\n"


def test_a_planted_bug_loses_its_problem_alone(adopt, graded):
    files = public.edition_2026({"run_silu": "return in_features * torch.sigmoid(2 * in_features)"})
    result = graded(adopt(files).folder, LAYERS)
    assert lost(result) == {"positionwise_feedforward": "FAIL"}, failures(result)


def test_what_is_found_in_the_repository_is_tested(adopt, graded):
    files = public.edition_2026()
    files["cs336_basics/nn.py"] = files["cs336_basics/nn.py"].replace("std=1.0, a=-3.0, b=3.0", "std=0.1")
    result = graded(adopt(files).folder, ("linear", "embedding"))
    assert lost(result) == {"embedding": "FAIL"}, failures(result)
    assert all(name.startswith("test_initial_weights") for _, name, _ in failures(result))


def test_the_policy_reads_adopted_code_through_its_aliases(adopt, graded):
    files = public.edition_2026()
    files["cs336_basics/tools.py"] = "import torch.nn.functional as anything\n"
    files["cs336_basics/nn.py"] += (
        "\n\nimport cs336_basics.tools\n\n\ndef softmax(x, dim):\n    return cs336_basics.tools.anything.softmax(x, dim)\n"
    )
    result = graded(adopt(files).folder, ("softmax", "rmsnorm"))
    assert lost(result) == {"softmax": "POLICY"}, failures(result)
    found = {(finding.file, finding.problem) for finding in result.outcome.findings if finding.kind == "policy"}
    assert found == {("repository/cs336_basics/nn.py", "softmax")}


def test_nothing_in_a_hand_in_can_ask_for_tests_to_be_left_out(adopt, graded, tmp_path):
    made = adopt(public.edition_2026())
    problems = ("positionwise_feedforward",)
    assert not lost(graded(made.folder, problems))
    changed = shutil.copytree(made.folder, tmp_path / "changed")
    with (changed / "repository" / "README.md").open("a") as file:
        file.write("one more line\n")
    result = graded(changed, problems)
    assert lost(result) == {"positionwise_feedforward": "NOT_IMPLEMENTED"}
    assert not any("left out" in warning for warning in result.outcome.warnings)


def test_an_adopted_hand_in_may_be_moved_and_zipped(adopt, graded, tmp_path):
    made = adopt(public.logic_in_adapters())
    archive = Path(shutil.make_archive(str(tmp_path / "moved"), "zip", made.folder))
    assert not lost(graded(archive, ("linear",)))


# Imports


@pytest.fixture
def tree(tmp_path):
    """A tree of the given files, with the package at the top and tests beside it."""

    def made(files, roots=(".", "tests")):
        folder = public.write(tmp_path / "tree", files)
        paths = tuple(sorted(PurePosixPath(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()))
        return Tree(folder, paths, tuple(map(PurePosixPath, roots)), "a1.repository")

    return made


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("from cs336_basics.nn import Linear as L\n", "from a1.repository.cs336_basics.nn import Linear as L\n"),
        (
            "from cs336_basics import (\n    nn,  # é\n)\n",
            "from a1.repository.cs336_basics import (\n    nn,  # é\n)\n",
        ),
        ("from   cs336_basics . nn import (x)\n", "from   a1.repository.cs336_basics.nn import (x)\n"),
        ("import cs336_basics\n", "import a1.repository.cs336_basics as cs336_basics\n"),
        (
            "import os, cs336_basics.nn, re\n",
            "import os, a1.repository.cs336_basics.nn, a1.repository.cs336_basics as cs336_basics, re\n",
        ),
        ("import cs336_basics.nn as nn\r\nx = 1\r\n", "import a1.repository.cs336_basics.nn as nn\r\nx = 1\r\n"),
        ("x = 'é'; import tool\n", "x = 'é'; import a1.repository.tool as tool\n"),
        ("if 1:\n\tfrom tests.common import *\n", "if 1:\n\tfrom a1.repository.tests.common import *\n"),
        ("from common import x\n", "from a1.repository.tests.common import x\n"),
        ("from . import nn\nfrom .nn import x\n", "from . import nn\nfrom .nn import x\n"),
        ("import torch.nn as nn\nfrom types import X\n", "import torch.nn as nn\nfrom types import X\n"),
        (
            "from importlib import import_module as im\nim('cs336_basics.nn')\n",
            "from importlib import import_module as im\nim('a1.repository.cs336_basics.nn')\n",
        ),
        (
            "from importlib.metadata import version\nv = version('CS336.basics'), version('torch')\n",
            "from importlib.metadata import version\nv = '1.0.2', version('torch')\n",
        ),
        ("text = 'from cs336_basics import nn'\n", "text = 'from cs336_basics import nn'\n"),
    ],
)
def test_imports_get_the_names_of_the_hand_in(tree, written, expected):
    made = tree(
        {
            "cs336_basics/nn.py": "",
            "tests/common.py": "",
            "tool.py": "",
            "types.py": "",
            "tests/adapters.py": "",
        }
    )
    path = PurePosixPath("tests/adapters.py")
    (made.folder / path).write_bytes(written.encode())
    found = imports.rewritten(made, path, {"cs336-basics": "1.0.2"})
    assert found is not None
    assert found.decode() == expected
    ast.parse(found)


def test_a_file_keeps_its_encoding(tree):
    made = tree({"cs336_basics/nn.py": ""})
    (made.folder / "cs336_basics" / "nn.py").write_bytes(
        b"# coding: latin-1\nname = '\xe9'; import cs336_basics.nn as nn\n"
    )
    found = imports.rewritten(made, PurePosixPath("cs336_basics/nn.py"), {})
    assert found == b"# coding: latin-1\nname = '\xe9'; import a1.repository.cs336_basics.nn as nn\n"


def test_a_script_finds_the_file_beside_it(tree):
    made = tree({"cs336_basics/a/train.py": "import model\n", "cs336_basics/a/model.py": ""})
    found = imports.rewritten(made, PurePosixPath("cs336_basics/a/train.py"), {})
    assert found == b"import a1.repository.cs336_basics.a.model as model\n"


def test_folders_that_cannot_be_imported_are_renamed(adopt):
    files = public.edition_2026()
    files = {name.replace("cs336_basics/", "my-libs/cs336_basics/"): text for name, text in files.items()}
    made = adopt(files)
    assert (made.folder / "repository" / "my_libs" / "cs336_basics" / "nn.py").is_file()
    assert "assignment1_basics.repository.my_libs.cs336_basics" in (made.folder / "adapters.py").read_text()


def test_a_folder_of_logs_does_not_hide_an_installed_package(tree):
    made = tree(
        {"tests/adapters.py": "import numpy\nimport tests.common\n", "numpy/run1/code.py": "", "tests/common.py": ""}
    )
    found = imports.rewritten(made, PurePosixPath("tests/adapters.py"), {})
    assert found == b"import numpy\nimport a1.repository.tests.common, a1.repository.tests as tests\n"


def test_the_working_directory_may_be_the_repository(course, tmp_path, monkeypatch):
    folder = public.write(tmp_path / "clone", public.logic_in_adapters())
    monkeypatch.chdir(folder)
    made = adopting.adopt(course, Path(), tmp_path / "out")
    assert made.adoption.source == "clone"


# Classes

CLASSES = """
class Base: ...
class Linear:
    def __init__(self, a, b, c=None): ...
class Options:
    def __init__(self, a, b): ...
"""


@pytest.mark.parametrize(
    ("body", "build"),
    [
        ("return Linear(d_in, d_out)(in_features)", "Class0(in_features, out_features, **options)"),
        ("m = Linear(b=d_out, a=d_in)\nreturn m(in_features)", "Class0(b=out_features, a=in_features, **options)"),
        ("m = Linear(d_in, d_out, dtype=weights.dtype)\nreturn m(in_features)", "Class0(in_features, out_features, **options)"),
        ("m = Linear(d_in, d_out).to('cpu')\nreturn m.forward(x=in_features)", "Class0(in_features, out_features, **options)"),
        ("o = Options(d_in, 2 * d_out)\nreturn Linear(o, None)(in_features)", "Class1(Class0(in_features, (2 * out_features)), None, **options)"),
        ("from cs336_basics import reexported as r\nreturn r.Linear(d_in, d_out)(in_features)", "Class0(in_features, out_features, **options)"),
        ("return cs336_basics.nn.Linear(d_in, d_out)(in_features)", "Class0(in_features, out_features, **options)"),
        ("return in_features @ weights.T", None),
        ("return Linear(d_in, d_out, weights)(in_features)", None),
        ("return Linear(d_in, d_out)(in_features, 3)", None),
        ("return Linear(*[d_in, d_out])(in_features)", None),
        ("m = Linear(d_in, d_out)\nm = Linear(d_out, d_in)\nreturn m(in_features)", None),
        ("return torch.nn.Linear(d_in, d_out)(in_features)", None),
        ("raise NotImplementedError", None),
    ],
)  # fmt: skip
def test_a_class_is_found_where_it_can_be_built_with_other_sizes(course, tree, body, build):
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    made = tree(
        {
            "cs336_basics/nn.py": CLASSES,
            "cs336_basics/reexported.py": "from .nn import *\n",
            "tests/adapters.py": "import torch\nimport cs336_basics.nn\nfrom cs336_basics.reexported import Linear, Options\n\n\n"
            f"def run_linear(d_in, d_out, weights, in_features):\n{indented}\n",
        }
    )
    wanted = terms.read(course).classes["get_linear_cls"]
    found = classes.find(made, PurePosixPath("tests/adapters.py"), wanted)
    assert (found and found.build) == build
    if found is not None:
        assert found.name == "Linear"
        assert ("a1.repository.cs336_basics.nn", "Linear") in found.classes.values()


# Refusals


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"cs336_basics/nn.py": ""}, "holds no tests/adapters.py; expected a repository in the public course's shape"),
        ({"adapters.py": ""}, "holds no tests/adapters.py (there is adapters.py)"),
        (
            {"a/tests/adapters.py": "def run_linear(): ...", "b/tests/adapters.py": "def run_linear(): ..."},
            "holds 2 files adapters.py: a/tests/adapters.py, b/tests/adapters.py; expected one",
        ),
        (
            {"tests/adapters.py": "def run_linear(:\n"},
            "'tests/adapters.py' cannot be used: it is not valid Python 3.",
        ),
        (
            {"tests/adapters.py": "import os\nfrom cs336_basics.nn import x\ndef run_linear(): ..."},
            "'tests/adapters.py' imports cs336_basics (line 2), which is not there; expected a folder cs336_basics/",
        ),
        (
            {
                "tests/adapters.py": "def run_linear(): ...",
                "cs336_basics/nn.py": "",
                "src/cs336_basics/nn.py": "",
            },
            "holds 2 packages cs336_basics: cs336_basics, src/cs336_basics; expected one",
        ),
        (
            {"tests/adapters.py": f"import os as x\ndef run_linear(): {'x.' * 1500}y(0)\n"},
            "holds code that is nested too deeply; expected what people write",
        ),
        (
            {"tests/adapters.py": f"def run_linear(): {'x.' * 9000}y(0)\n"},
            "'tests/adapters.py' cannot be used: it cannot be read as Python (RecursionError)",
        ),
        (
            {"tests/adapters.py": "def run_linear(): ...\n", f"{'d/' * 12}x.txt": "in the hand-in this lies too deep"},
            "lies 13 folders deep; expected at most 12",
        ),
        ({"tests/adapters.py": "x = 1\n"}, "defines no adapter of assignment1_basics; expected run_train_bpe"),
    ],
)
def test_a_refusal_is_one_line_that_names_file_and_expectation(adopt, files, message):
    with pytest.raises(HandinError) as error:
        adopt(files)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_of_several_courses_the_one_with_our_adapters_is_taken(adopt):
    files = {f"a1/{name}": text for name, text in public.edition_2026().items()}
    made = adopt({**files, "a2/tests/adapters.py": "def get_ddp(): ...\n", "a2/cs336_basics/nn.py": ""})
    assert (made.folder / "repository" / "cs336_basics" / "nn.py").is_file()


@pytest.mark.parametrize("place", ["src/mine/adapters.py", "tests/basics/adapters.py"])
def test_the_package_may_have_any_name_where_the_adapters_are_elsewhere(adopt, graded, place):
    home = "src/mine" if place.startswith("src") else "mine"
    files = {
        f"{home}/{path.removeprefix('cs336_basics/')}" if path.startswith("cs336_basics/") else path: text
        for path, text in public.edition_2026().items()
    }
    files = {path: text.replace("cs336_basics", "mine") for path, text in files.items()}
    files[place] = files.pop("tests/adapters.py").replace("from .common", "from tests.common")
    made = adopt(files)
    assert (made.folder / "repository" / "pyproject.toml").is_file(), "the whole repository is there"
    assert failures(graded(made.folder, ("softmax", "linear"))) == []


@pytest.mark.parametrize("place", ["cs336_basics/adapters.py", "adapters.py", "solutions/here/adapters.py"])
@pytest.mark.parametrize("starred", [False, True])
def test_adapters_may_lie_elsewhere_or_be_imported_by_a_star(adopt, graded, place, starred):
    files = dict(public.edition_2026())
    usual = adopt(files).offered
    files[place] = files.pop("tests/adapters.py").replace("from .common", "from tests.common")
    if starred:
        dotted = place.removesuffix(".py").replace("/", ".")
        files["tests/adapters.py"] = f"from {dotted} import *\n"
    made = adopt(files)
    assert made.offered == usual
    assert failures(graded(made.folder, ("softmax", "linear"))) == []


def test_links_and_large_data_are_left_out_and_said(adopt, tmp_path):
    folder = public.write(tmp_path / "clone", public.edition_2026())
    (folder / "NOTES.md").symlink_to("/etc/passwd")
    (folder / "data").mkdir()
    with (folder / "data" / "owt.txt").open("wb") as file:
        file.truncate(2**31)
    made = adopt(folder)
    assert "left out, being links or large data: NOTES.md, data/owt.txt" in made.notes
    assert not (made.folder / "repository" / "data").exists()
    assert not (made.folder / "repository" / "NOTES.md").exists()


def test_nothing_of_a_repository_is_run(adopt, tmp_path):
    trap = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    files = public.edition_2026()
    made = adopt(
        {**files, "cs336_basics/__init__.py": trap, "setup.py": trap, "tests/common.py": f"{trap}FIXTURES_PATH = 1\n"}
    )
    assert made.folder.is_dir()
    assert not (tmp_path / "ran").exists()


def test_what_it_lacks_and_what_will_fail_is_noted(adopt):
    files = public.edition_2026({"run_rope": "raise NotImplementedError"})
    files["cs336_basics/optimizer.py"] = "import wandb_not_here\n" + files["cs336_basics/optimizer.py"]
    files["cs336_basics/optimizer.py"] += 'WORDS = open("/afs/words.txt").read()\nSCRATCH = open("/tmp/x", "w")\n'
    files["tests/adapters.py"] = files["tests/adapters.py"].replace("def run_silu(in_features:", "def run_silu(x:")
    files["pyproject.toml"] = '[project]\nname = "cs336-basics"\nrequires-python = ">=3.99"\n'
    made = adopt(files)
    assert any(note.startswith("pyproject.toml asks for Python >=3.99; it is graded on 3.") for note in made.notes)
    opened = [note.partition(":")[2] for note in made.notes if ": opens " in note]
    assert [note.partition(":")[2] for note in opened] == [
        " opens '/afs/words.txt', which is not there where hand-ins are graded; what needs it fails"
    ]
    assert (
        "cs336_basics/optimizer.py:1: imports wandb_not_here, which is not installed here; what needs it fails"
        in made.notes
    )
    assert any("run_silu takes (x); expected (in_features)" in note for note in made.notes)
    assert any(
        "left out, as no adapter imports them: tests/conftest.py, tests/test_nn_utils.py" in n for n in made.notes
    )
    assert made.lacks["rope"] == ("run_rope", "get_rope_cls")
    assert made.lacks["positionwise_feedforward"] == ("run_swiglu_d_ff",)
    assert "linear" not in made.lacks


# The command


def test_the_command_says_what_was_made(course, tmp_path, monkeypatch):
    monkeypatch.chdir(course.root)
    source = public.write(tmp_path / "repository", public.edition_2026())
    result = CliRunner().invoke(app, ["adopt", NAME, str(source), "--out", str(tmp_path / "out"), "--json"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["derived"]["get_linear_cls"] == "Linear"
    assert said["lacks"]["decoding"] == ["run_top_p_filter", "run_sample_next", "run_generate"]
    again = CliRunner().invoke(app, ["adopt", NAME, str(source), "--out", str(tmp_path / "out")])
    assert again.exit_code != 0
    assert "is there already; expected a new folder" in str(again.exception)


def test_a_refused_repository_is_one_line_and_exit_code_one(course, tmp_path, monkeypatch):
    monkeypatch.chdir(course.root)
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 cut short")
    result = CliRunner().invoke(app, ["adopt", NAME, str(tmp_path / "broken.zip"), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "refused: broken.zip" in result.stderr
    assert not (tmp_path / "out").exists()
