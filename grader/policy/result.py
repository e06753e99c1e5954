"""What the source check found, and whose each line is: plain data that crosses a process boundary as JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from grader.findings import Finding
from grader.policy.rules import Policy

MOST_FINDINGS = 200


@dataclass(frozen=True)
class Span:
    """Lines of a file that belong to one problem, or to none."""

    file: str
    first: int
    last: int
    problem: str | None


@dataclass(frozen=True)
class AliasUse:
    """Lines that mention an alias of something forbidden, and the problem this is charged to."""

    file: str
    first: int
    last: int
    name: str
    problem: str | None


@dataclass(frozen=True)
class ScanResult:
    """The findings in the source, and what is needed to charge what the run-time guard saw the same way."""

    findings: tuple[Finding, ...] = ()
    spans: tuple[Span, ...] = ()
    aliases: tuple[AliasUse, ...] = ()

    def owner_of(self, file: str, line: int, name: str = "") -> str | None:
        """The problem charged for `line` of `file`, where `name` was used; None where no adapter reaches it."""
        leaf = name.rpartition(".")[2]
        for use in self.aliases:
            if use.file == file and use.first <= line <= use.last and use.name.rpartition(".")[2] == leaf:
                return use.problem
        return next((s.problem for s in self.spans if s.file == file and s.first <= line <= s.last), None)

    def seen_at_run_time(self, name: str, file: str, line: int, during: str, policy: Policy) -> Finding | None:
        """The finding for an event of the guard, noted while a test of the problem `during` ran.

        None where the source check has a finding for the same line, or the event is about nothing forbidden: what
        a worker reports is a stranger's word.
        """
        rule = policy.rule_against(name) or policy.rule_against_import(name)
        if rule is None:
            return None
        if any(f.kind == "policy" and (f.file, f.line) == (file, line) for f in self.findings):
            return None
        known = any(span.file == file for span in self.spans)
        problem = self.owner_of(file, line, name) or during
        place = file if known else "(a file that is not in the hand-in)"
        message = f"{name} was used when the code ran; the from-scratch policy forbids {rule}"
        return Finding("policy", problem, place, line if known else 0, rule, message)

    def to_json(self) -> str:
        """The whole as JSON text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> "ScanResult":
        """The result of `to_json`.

        Raises:
            ValueError: the text is no such result.
        """
        try:
            data = json.loads(text)
            return cls(
                tuple(Finding(**entry) for entry in data["findings"]),
                tuple(Span(**entry) for entry in data["spans"]),
                tuple(AliasUse(**entry) for entry in data["aliases"]),
            )
        except (TypeError, KeyError, RecursionError) as error:
            raise ValueError(f"not the result of a scan: {error}") from None


def shortened(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in the order of their places, each once; of very many, some for each problem."""
    unique = dict.fromkeys(findings)
    chosen: dict[Finding, None] = {}
    for problem in dict.fromkeys((f.kind, f.problem) for f in unique):
        chosen.update(dict.fromkeys([f for f in unique if (f.kind, f.problem) == problem][:5]))
    for finding in unique:
        if len(chosen) >= MOST_FINDINGS:
            break
        chosen[finding] = None
    return tuple(sorted(chosen, key=lambda f: (f.file, f.line, f.kind, f.rule, f.message)))
