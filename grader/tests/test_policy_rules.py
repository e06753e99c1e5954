"""The `[policy]` table: what its patterns cover, and what is said of a wrong one."""

import re

import pytest

from grader.errors import ConfigError
from grader.policy import Policy
from grader.tests.small_handin import POLICY


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"forbiden": []}, "a.toml: unknown key 'policy.forbiden' (did you mean 'forbidden'?); valid: allowed, forbidden, forbidden_imports"),
        ({"x": []}, "a.toml: unknown key 'policy.x'; valid: allowed, forbidden, forbidden_imports"),
        ({"allowed": "torch"}, "a.toml: policy.allowed is 'torch'; expected a list of names"),
        ({"forbidden": ["torch nn"]}, "a.toml: policy.forbidden has 'torch nn'; expected a dotted name such as 'torch.nn.*'"),
        ({"forbidden_imports": [3]}, "a.toml: policy.forbidden_imports has 3; expected a dotted name such as 'torch.nn.*'"),
        ({"forbidden": ["torch..nn"]}, "a.toml: policy.forbidden has 'torch..nn'; expected a dotted name"),
    ],
)  # fmt: skip
def test_a_wrong_table_names_file_key_and_expectation(table: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        Policy.from_table(table, "a.toml")


def test_a_table_may_be_empty_and_then_forbids_nothing() -> None:
    policy = Policy.from_table({}, "a.toml")
    assert policy.rule_against("torch.nn.Linear") is None
    assert policy.rule_against_import("transformers") is None
    assert not policy.is_guarded("torch")


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("torch.nn.Linear", "torch.nn.*"),
        ("torch.nn.functional.softmax.__call__", "torch.nn.*"),
        ("torch.softmax.__call__", "torch.softmax"),
        ("torch.optim.AdamW", "torch.optim.*"),
        ("torch._C", "torch._C"),
        ("torch._C._nn.linear", "torch._C"),
        ("torch.functional.F.gelu", "torch.nn.*"),
        ("torch.nn.Parameter.softmax", "torch.Tensor.softmax"),
        ("torch.utils.data.dataset.torch.softmax", "torch.softmax"),
        ("tiktoken.get_encoding", "tiktoken"),
        ("torch.nn", None),
        ("torch.nn.init", None),
        ("torch.nn.init.kaiming_uniform_", "torch.nn.*"),
        ("torch.nn.functional", "torch.nn.*"),
        ("torch.nn.Module", None),
        ("torch.nn.Module.register_buffer", None),
        ("torch.nn.modules.module.Module", None),
        ("torch.sigmoid", None),
        ("torch.softmaximum", None),
        ("numpy.softmax", None),
        ("torch.einsum", None),
    ],
)
def test_a_rule_covers_names_and_what_is_reached_through_them(name: str, rule: str | None) -> None:
    assert POLICY.rule_against(name) == rule


def test_a_namespace_is_closed_where_its_unknown_members_are_forbidden() -> None:
    assert POLICY.is_closed("torch.nn")
    assert POLICY.is_closed("torch.nn.functional")
    assert not POLICY.is_closed("torch.nn.Module")
    assert not POLICY.is_closed("torch")
    assert POLICY.is_guarded("torch")
    assert not POLICY.is_guarded("numpy")


def test_a_name_of_any_length_is_decided_in_no_time() -> None:
    assert Policy(forbidden=("a*a*a*a*a*b",)).rule_against("a" * 100_000) is None


def test_the_guard_gets_the_same_rules() -> None:
    rules = POLICY.for_guard()
    assert re.fullmatch(rules["forbidden"], "torch.nn.Linear")
    assert re.fullmatch(rules["allowed"], "torch.nn.Module.to")
    assert re.fullmatch(rules["imports"], "scipy.special")
    assert not re.fullmatch(rules["imports"], "scipy")
    assert not re.fullmatch(Policy().for_guard()["forbidden"], "torch")
