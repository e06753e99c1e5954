"""Which files are pages of the site: the order of its table of contents."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]

FIXED = {
    "Start": ("README.md", "docs/learn_alone.md", "docs/teach.md"),
    "Assignments": (),
    "Running a course": ("docs/cli.md", "docs/server.md", "docs/leaderboards.md", "docs/scaling_service.md", "docs/attacks.md"),
    "The project": ("CONTRIBUTING.md", "docs/architecture.md", "CHANGELOG.md"),
    "Measured": (),
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A Markdown file of the repository, `source`, and the file of the site it becomes."""

    source: PurePosixPath
    section: str

    @property
    def target(self) -> PurePosixPath:
        """Where the page lies in the site: a README is its folder's index."""
        if self.source.name == "README.md":
            return self.source.with_name("index.html")
        return self.source.with_suffix(".html")


def pages(root: Path = ROOT) -> list[Page]:
    """The pages in the order of the table of contents. Whatever folder looks like an assignment is one."""
    found = {
        **FIXED,
        "Assignments": [f"{folder.name}/README.md" for folder in sorted(root.glob("assignment[0-9]*_*"))],
        "Measured": ["benchmarks/README.md", *sorted(f"benchmarks/{p.name}" for p in root.glob("benchmarks/[!R]*.md"))],
    }
    return [
        Page(PurePosixPath(name), section)
        for section, names in found.items()
        for name in names
        if section != "Assignments" or (root / name).is_file()
    ]
