"""Small hand-ins for the tests of the policy: a folder with adapters and the given files, and what the check says."""

import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.assignment import STAFF_OWNED
from grader.policy import Policy, ScanResult, scan

TOML = Path(__file__).resolve().parents[2] / "assignment1_basics" / "assignment.toml"
POLICY = Policy.from_table(tomllib.loads(TOML.read_text(encoding="utf-8"))["policy"], TOML)
"""The policy of the first assignment, which is the strictest."""

ADAPTERS = "from assignment1_basics.nn import it\n\n\ndef run_it(*args):\n    return it(*args)\n"
ENTRY_POINTS: Mapping[str, Sequence[str]] = {"it": ["run_it"]}


def handin(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """An assignment's folder below `folder` with these files; `adapters.py` calls `it` of `nn.py` by default."""
    tree = folder / "assignment1_basics"
    for name, content in {"adapters.py": ADAPTERS, **files}.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())
    return tree


def scanned(
    folder: Path, files: Mapping[str, str | bytes], entry_points: Mapping[str, Sequence[str]] = ENTRY_POINTS
) -> ScanResult:
    """What the source check says of such a hand-in."""
    return scan(handin(folder, files), POLICY, entry_points, STAFF_OWNED)


def snippets(text: str) -> dict[str, str]:
    """The parts of `text` between lines `### name`, by name."""
    parts = [part.partition("\n") for part in text.split("### ")[1:]]
    found = {name.strip(): body for name, _, body in parts}
    if len(found) != len(parts):
        raise ValueError("two snippets have one name")
    return found
