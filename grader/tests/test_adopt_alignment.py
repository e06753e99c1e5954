"""`grader adopt` of repositories in the shape of the public course's assignment 5, of both editions, graded in the sandbox."""

import importlib.util
import re

import pytest
import torch

from grader import adopt as adopting
from grader import assignment as assignments
from grader import grading, sandbox, scoring
from grader.adopt import ledger, terms
from grader.errors import ConfigError
from grader.task import Task
from grader.tests import public_repository as public
from grader.tests.public_alignment import ADAPTERS_2025, ADAPTERS_2026, GROUPS_2025, GROUPS_2026, repository_of

NAME = "assignment5_alignment"
SOLVED_2025 = (
    *("tokenize_prompt_and_output", "get_response_log_probs", "compute_entropy", "masked_mean", "masked_normalize"),
    *("sft_microbatch_train_step", "compute_group_normalized_rewards", "compute_naive_policy_gradient_loss"),
    *(
        "compute_grpo_clip_loss",
        "compute_policy_gradient_loss",
        "grpo_microbatch_train_step",
        "data_loading",
        "dpo_loss",
    ),
    "gsm8k_baseline",
)
SOLVED_2026 = (
    *("tokenize_prompt_and_output", "get_response_log_probs", "compute_entropy", "compute_rollout_rewards"),
    *("compute_group_normalized_rewards", "compute_policy_gradient_loss", "aggregate_loss_across_microbatch"),
    *("grpo_train_step_standard_on_policy", "grpo_train_step_variants_on_policy", "grpo_train_step_off_policy"),
)
MISSING = {"2025": ("mmlu_baseline", "aggregate_loss_across_microbatch"), "2026": ("mmlu_baseline", "masked_mean")}


@pytest.fixture
def course(repository, tmp_path, monkeypatch):
    """The course itself, with its memory of adoptions elsewhere."""
    monkeypatch.setattr(ledger, "FOLDER", tmp_path / "remembered")
    return assignments.load(repository, NAME)


@pytest.fixture
def adopt(course, tmp_path):
    """Adopts a repository of the given files."""
    return lambda files: adopting.adopt(course, public.write(tmp_path / "theirs", files), tmp_path / "handin")


@pytest.fixture
def graded(course):
    """Grades a hand-in on some problems: rows by problem, and what was said of those that did not pass."""

    def rows(folder, problems):
        task = Task(course.root, NAME, folder, "theirs", 336, sandbox.choose().name, tuple(problems))
        result = scoring.score(grading.grade(task), course)
        assert result.outcome.findings == ()
        said = [
            (t.problem, t.name, t.message[:300])
            for row in result.problems
            for t in row.tests
            if t.verdict.value != "PASS"
        ]
        return {row.id: row for row in result.problems}, said, " ".join(result.outcome.warnings)

    return rows


@pytest.mark.slow
def test_a_repository_of_2025_scores_full_marks_on_what_it_solves(adopt, graded):
    made = adopt(repository_of(GROUPS_2025, ADAPTERS_2025))
    assert {note.split()[1] for note in made.notes if "has the form of an older edition" in note} == {
        "run_compute_group_normalized_rewards",
        "run_compute_policy_gradient_loss",
    }
    rows, said, left_out = graded(made.folder, (*SOLVED_2025, *MISSING["2025"]))
    assert {name: rows[name].score for name in SOLVED_2025} == {name: rows[name].max_score for name in SOLVED_2025}, (
        said
    )
    assert {rows[name].score for name in MISSING["2025"]} == {0.0}
    assert "compute_group_normalized_rewards: " in left_out  # other baselines and normalisers are of 2026


OLDER = ("run_compute_group_normalized_rewards", "run_compute_policy_gradient_loss")
FORMS = {
    "passed on": "def {name}(*args, **kwargs):\n    return answers.{name}(*args, **kwargs)\n",
    "other names": "{name} = answers.{name}\n",
    "imported": "from cs336_alignment.answers import {name} as {name}\n",
    "starred": "from cs336_alignment.answers import *\n",
    "partial": "{name} = functools.partial(answers.{name})\n",
}
"""Adapters of which the code is elsewhere: what stands for each in the adapters' file."""


def through(adapters, form):
    """The repository of these adapters, with their code in the package."""
    names = re.findall(r"^def (\w+)", adapters, re.MULTILINE)
    groups = GROUPS_2025 if adapters is ADAPTERS_2025 else GROUPS_2026
    lines = [
        "import functools\n",
        "from cs336_alignment import answers\n",
        *(FORMS[form].format(name=name) for name in names),
    ]
    return repository_of(groups, "".join(lines)) | {"cs336_alignment/answers.py": adapters}


@pytest.mark.parametrize("form", FORMS)
def test_an_older_form_is_found_wherever_the_code_is(adopt, form):
    made = adopt(through(ADAPTERS_2025, form))
    assert {note.split()[1] for note in made.notes if "has the form of an older edition" in note} == {*OLDER}
    text = (made.folder / "adapters.py").read_text(encoding="utf-8")
    assert all(f"\n{name} = _translated({name})\n" in text for name in OLDER)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_of_2026_is_not_translated_wherever_the_code_is(adopt, form):
    made = adopt(through(ADAPTERS_2026, form))
    assert "_translated" not in (made.folder / "adapters.py").read_text(encoding="utf-8")


@pytest.mark.slow
def test_adapters_that_pass_on_whatever_they_are_given_are_graded(adopt, graded):
    known = ("compute_group_normalized_rewards", "compute_policy_gradient_loss")
    rows, said, _ = graded(adopt(through(ADAPTERS_2025, "passed on")).folder, known)
    assert said == []
    assert all(rows[name].score == rows[name].max_score > 0 for name in known)


@pytest.mark.slow
def test_a_repository_of_2026_scores_full_marks_on_what_it_solves(adopt, graded):
    made = adopt(repository_of(GROUPS_2026, ADAPTERS_2026))
    assert not [note for note in made.notes if "older edition" in note]
    rows, said, _ = graded(made.folder, (*SOLVED_2026, *MISSING["2026"]))
    assert {name: rows[name].score for name in SOLVED_2026} == {name: rows[name].max_score for name in SOLVED_2026}, (
        said
    )
    assert {rows[name].score for name in MISSING["2026"]} == {0.0}


@pytest.mark.slow
def test_a_wrong_repository_of_2025_loses_what_is_wrong(adopt, graded):
    """The standard deviation of the whole batch, and a loss of the other sign."""
    groups = GROUPS_2025.replace("groups.std(dim=-1, keepdim=True)", "groups.std()")
    groups = groups.replace("return -advantages * policy_log_probs", "return advantages * policy_log_probs")
    known = (
        "masked_mean",
        "compute_group_normalized_rewards",
        "compute_policy_gradient_loss",
        "grpo_microbatch_train_step",
    )
    rows, _, _ = graded(adopt(repository_of(groups, ADAPTERS_2025)).folder, known)
    assert {name for name in known if rows[name].score == 0} == set(known[1:])


@pytest.mark.slow
@pytest.mark.parametrize("method", ["encode_plus", "batch_encode_plus"])
def test_methods_that_tokenizers_had_are_there(adopt, graded, method):
    files = repository_of(GROUPS_2025, ADAPTERS_2025)
    once = "tokenizer.encode(text, add_special_tokens=False)"
    each = {
        "encode_plus": 'tokenizer.encode_plus(text, add_special_tokens=False)["input_ids"]',
        "batch_encode_plus": 'tokenizer.batch_encode_plus([text], add_special_tokens=False)["input_ids"][0]',
    }
    changed = {path: text.replace(once, each[method]) for path, text in files.items()}
    assert changed != files
    _, said, _ = graded(adopt(changed).folder, ("tokenize_prompt_and_output",))
    assert said == []


@pytest.fixture
def translated(adopt):
    """The losses of the repository of 2025, imported, and the text of the `adapters.py` that was made of it."""
    made = adopt(repository_of(GROUPS_2025, ADAPTERS_2025))
    (path,) = made.folder.rglob("grpo.py")
    return load(path, "theirs"), (made.folder / "adapters.py").read_text(encoding="utf-8")


def load(path, name):
    """A module of the repository, by its file."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_glue_names_the_translation(translated):
    _, text = translated
    for name, by in (
        ("run_compute_group_normalized_rewards", "group_normalized_rewards"),
        ("run_compute_policy_gradient_loss", "policy_gradient_loss"),
    ):
        assert f"from {NAME}.editions import {by} as _translated" in text
        assert f"\n{name} = _translated({name})\n" in text


def test_a_translation_answers_in_our_form(translated):
    from assignment5_alignment.editions import group_normalized_rewards, policy_gradient_loss

    theirs, _ = translated
    rewards = torch.tensor([0.0, 1.0, 4.0, 0.0], dtype=torch.float64)
    advantages, _ = group_normalized_rewards(theirs.compute_group_normalized_rewards)(rewards, 2, "mean", 0.0, "std")
    half = 0.5**0.5
    expected = torch.tensor([-half, half, half, -half], dtype=torch.float64)
    torch.testing.assert_close(advantages, expected, rtol=1e-6, atol=0)
    log_probs = torch.tensor([[-1.0, -2.0], [-3.0, -4.0]])
    loss, _ = policy_gradient_loss(theirs.loss)(torch.tensor([2.0, -1.0]), log_probs, "none")
    torch.testing.assert_close(loss, torch.tensor([[2.0, 4.0], [-3.0, -4.0]]), rtol=1e-6, atol=0)
    clipped, _ = policy_gradient_loss(theirs.loss)(torch.ones(2), log_probs, "grpo", log_probs - 1.0, 0.2)
    torch.testing.assert_close(clipped, torch.full((2, 2), -1.2), rtol=1e-6, atol=0)


def test_what_2025_does_not_have_is_left_out_and_what_is_not_written_fails(translated):
    from assignment5_alignment.editions import group_normalized_rewards, policy_gradient_loss

    theirs, _ = translated

    def unwritten(**arguments):
        raise NotImplementedError("to do")

    with pytest.raises(NotImplementedError, match="edition of 2025"):
        group_normalized_rewards(theirs.compute_group_normalized_rewards)(torch.ones(4), 2, "none")
    with pytest.raises(NotImplementedError, match="edition of 2025"):
        policy_gradient_loss(theirs.loss)(torch.ones(2), torch.ones(2, 3), "gspo", torch.ones(2, 3), 0.2)
    with pytest.raises(RuntimeError, match="raises NotImplementedError: to do"):
        group_normalized_rewards(unwritten)(torch.ones(4), 2)


def test_a_translation_must_be_of_the_staff(course):
    for by in ("assignment5_alignment.derivations.var_reinforce", "os.path.join", "assignment5_alignment.editions"):
        table = {
            **course.adoption,
            "translations": {"run_compute_entropy": {"when": "x", "without": "run_dpo", "by": by}},
        }
        wrong = type(course)(**{**vars(course), "adoption": table})
        with pytest.raises(ConfigError, match=r"translations\.run_compute_entropy\.by .* that is staff's"):
            terms.read(wrong)


def test_a_translation_of_an_adapter_that_is_not_there_is_refused(course):
    by = "assignment5_alignment.editions.policy_gradient_loss"
    for name, without in (("run_entropy", "run_dpo"), ("run_compute_entropy", "run_entropy")):
        table = {name: {"when": "x", "without": without, "by": by}}
        wrong = type(course)(**{**vars(course), "adoption": {**course.adoption, "translations": table}})
        with pytest.raises(ConfigError, match="translations names 'run_entropy', which is no adapter"):
            terms.read(wrong)
